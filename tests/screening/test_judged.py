"""What the screen is judged by is never what it was fitted to."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspectiq._words import tokenize
from inspectiq.screening import EmergencyScreen
from inspectiq.screening._judging import judge_messages, read_messages

PHRASES = Path(__file__).parent.parent.parent / "benchmarks" / "phrases"
JUDGED = sorted((PHRASES / "judged").glob("*.tsv"))
TRAIN = sorted((PHRASES / "train").glob("*.tsv"))
SCREEN = EmergencyScreen.default()
# What is asked of all messages of a language together: found, false, right kind first.
ASKED = {"en": (0.95, 0.06, 0.85), "es": (0.93, 0.07, 0.85)}


def same(text: str) -> str:
    """The text as it is compared: its plain words without what stands between."""
    return "".join(word.plain for word in tokenize(text))


@pytest.fixture(scope="module")
def fitted() -> set[str]:
    texts = {message.text for file in TRAIN for message in read_messages(file, SCREEN)}
    for other in Path(__file__).parent.glob("**/*.t*"):
        texts |= set(other.read_text(encoding="utf-8").splitlines())
    return {same(text) for text in texts}


@pytest.mark.parametrize("language", ASKED)
def test_the_screen_does_what_is_asked_of_it(language: str) -> None:
    files = [file for file in JUDGED if file.stem.endswith(f"_{language}")]
    judged = [one for file in files for one in judge_messages(SCREEN, read_messages(file, SCREEN))]
    told = [one for one in judged if one.message.kinds]
    found = [one for one in told if one.raised]
    harmless = [one for one in judged if not one.message.kinds]
    least_found, most_false, least_first = ASKED[language]
    assert len(found) >= least_found * len(told)
    assert sum(bool(one.raised) for one in harmless) <= most_false * len(harmless)
    assert sum(one.raised[0] == one.message.kinds[0] for one in found) >= least_first * len(found)


@pytest.mark.parametrize("file", JUDGED, ids=lambda file: file.stem)
def test_no_judged_message_is_among_what_anything_was_fitted_or_tried_on(
    file: Path, fitted: set[str]
) -> None:
    assert len(fitted) > 15_000
    assert not fitted & {same(message.text) for message in read_messages(file, SCREEN)}


@pytest.mark.parametrize("file", JUDGED, ids=lambda file: file.stem)
def test_judged_files_say_how_they_were_written_and_are_of_both_sorts(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")
    judged = read_messages(file, SCREEN)
    assert len(judged) == len({same(message.text) for message in judged}) == 150
    assert sum(not message.kinds for message in judged) == 75
    assert {kind for message in judged for kind in message.kinds} == {*SCREEN.kinds}


def test_there_are_three_manners_of_writing_and_a_last_set_in_both_languages() -> None:
    manners = {"mails", "notes", "sms", "last"}
    assert {file.stem for file in JUDGED} == {
        f"{manner}_{tongue}" for manner in manners for tongue in ("en", "es")
    }


@pytest.mark.parametrize("file", TRAIN, ids=lambda file: file.stem)
def test_what_is_fitted_says_how_it_was_written(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# ")
    assert read_messages(file, SCREEN)
