"""What the screen is judged by is never what it was fitted to."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspectiq import EmergencyScreen
from inspectiq.screening.words import plain

PHRASES = Path(__file__).parent.parent.parent / "benchmarks" / "phrases"
JUDGED = sorted((PHRASES / "judged").glob("*.tsv"))


def lines(file: Path) -> list[tuple[str, str]]:
    split = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")]  # fmt: skip
    return [(kinds, text) for kinds, text in split]


def same(text: str) -> str:
    """The text as it is compared: its letters and digits alone."""
    return "".join(char for char in plain(text) if char.isalnum())


@pytest.mark.parametrize("file", JUDGED, ids=lambda file: file.stem)
def test_no_judged_message_is_among_what_anything_was_fitted_or_tried_on(file: Path) -> None:
    fitted = {same(text) for other in PHRASES.glob("*.tsv") for _, text in lines(other)}
    tests = Path(__file__).parent.glob("**/*.t*")
    fitted |= {same(line) for other in tests for line in other.read_text().splitlines()}
    assert not fitted & {same(text) for _, text in lines(file)}


@pytest.mark.parametrize("file", JUDGED, ids=lambda file: file.stem)
def test_judged_files_say_how_they_were_written_and_are_of_both_sorts(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")
    judged = lines(file)
    known = set(EmergencyScreen.default().hazards)
    assert len(judged) == len({same(text) for _, text in judged}) == 150
    assert sum(kinds == "none" for kinds, _ in judged) == 75
    told = [kind for kinds, _ in judged if kinds != "none" for kind in kinds.split(",")]
    assert set(told) == known


def test_there_are_three_manners_of_writing_in_both_languages() -> None:
    manners = {"mails", "notes", "sms"}
    assert {file.stem for file in JUDGED} == {
        f"{m}_{tongue}" for m in manners for tongue in ("en", "es")
    }
