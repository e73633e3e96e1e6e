"""Judges the emergency screen by messages that nothing was ever fitted to.

    python benchmarks/judge_screen.py

For each file in `benchmarks/phrases/judged`: how many of the emergencies are found, how many of the
harmless messages raise an alarm, and of what is found, how often a kind that was told comes first;
with 95 % Wilson intervals. The messages were invented, so this says how the screen does on such
messages and not how it does on real tenants' words.
"""

from __future__ import annotations

from math import sqrt
from pathlib import Path

from inspectiq import EmergencyScreen, screen

JUDGED = Path(__file__).parent / "phrases" / "judged"


def messages(file: Path) -> list[tuple[list[str], str]]:
    """The kinds that each message tells of, none for a harmless one, and its text."""
    lines = file.read_text(encoding="utf-8").splitlines()
    split = [line.split("\t") for line in lines if not line.startswith("#")]
    return [([] if kinds == "none" else kinds.split(","), text) for kinds, text in split]


def share(part: int, whole: int) -> str:
    """A share with its Wilson interval at 95 %."""
    z, p = 1.96, part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return f"{part:3}/{whole:3} {p:6.1%} ({middle - half:.1%} to {middle + half:.1%})"


def main() -> None:
    known = EmergencyScreen.default().hazards
    for file in sorted(JUDGED.glob("*.tsv")):
        language = file.stem.rpartition("_")[2]
        found = false = first = told = harmless = 0
        for kinds, text in messages(file):
            assert set(kinds) <= set(known), kinds
            raised = [one.kind for one in screen(text, language=language).emergencies]
            told += bool(kinds)
            harmless += not kinds
            found += bool(kinds and raised)
            false += bool(raised and not kinds)
            first += bool(kinds and raised and raised[0] in kinds)
        print(f"{file.stem:10} found  {share(found, told)}")
        print(f"{'':10} false  {share(false, harmless)}")
        print(f"{'':10} first  {share(first, found)}")


if __name__ == "__main__":
    main()
