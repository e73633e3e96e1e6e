"""Judges the emergency screen by messages that nothing was ever fitted to.

    python benchmarks/judge_screen.py

For each file in `benchmarks/phrases/judged`, and for all of a language: how many of the emergencies
are found, how many of the harmless messages raise an alarm, and of what is found, how often the
most pressing kind that was told comes first; with 95 % Wilson intervals. The messages were
invented, so this says how the screen does on such messages and not how it does on real tenants'
words.
"""

from __future__ import annotations

from pathlib import Path

from inspectiq.screening import EmergencyScreen
from inspectiq.screening._judging import JudgedMessage, judge_messages, read_messages, render_share

JUDGED = Path(__file__).parent / "phrases" / "judged"


def print_shares(name: str, judged: list[JudgedMessage]) -> None:
    """Prints how many were found, how many alarms were false, and how often the kind was right."""
    told = [one for one in judged if one.message.kinds]
    found = [one for one in told if one.raised]
    harmless = [one for one in judged if not one.message.kinds]
    first = [one for one in found if one.raised[0] == one.message.kinds[0]]
    among = [one for one in found if one.raised[0] in one.message.kinds]
    print(f"{name:10} found           {render_share(len(found), len(told))}")
    false = sum(bool(one.raised) for one in harmless)
    print(f"{'':10} false           {render_share(false, len(harmless))}")
    print(f"{'':10} first is first  {render_share(len(first), len(found))}")
    print(f"{'':10} first is told   {render_share(len(among), len(found))}")


def main() -> None:
    screen = EmergencyScreen.default()
    for language in screen.languages:
        judged: list[JudgedMessage] = []
        for file in sorted(JUDGED.glob(f"*_{language}.tsv")):
            own = judge_messages(screen, read_messages(file, screen))
            print_shares(file.stem, own)
            judged += own
        print_shares(f"all {language}", judged)


if __name__ == "__main__":
    main()
