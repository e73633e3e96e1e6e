"""Measures how well a screen does on messages whose emergencies a person has named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

from inspectiq._files import read_text
from inspectiq.errors import ConfigError
from inspectiq.screening._emergencies import EmergencyScreen

__all__ = [
    "JudgedMessage",
    "LabelledMessage",
    "judge_messages",
    "read_messages",
    "render_figures",
    "render_share",
]

NONE = "none"
Z = 1.959964  # two-sided 95 % quantile of the normal distribution


class LabelledMessage(NamedTuple):
    """A message, and the emergencies that a person found in it.

    Attributes:
        line: Where it stands in its file, from 1.
        kinds: The kinds that it tells of, the most pressing first; empty for none.
        text: The words.
        language: BCP 47 tag; "" where it is not known.
    """

    line: int
    kinds: tuple[str, ...]
    text: str
    language: str = ""


class JudgedMessage(NamedTuple):
    """A message, the kinds that a screen raised for it, and whether it was screened."""

    message: LabelledMessage
    raised: tuple[str, ...]
    screened: bool

    @property
    def is_missed(self) -> bool:
        """Whether it tells of an emergency, and none was raised."""
        return bool(self.message.kinds) and not self.raised

    @property
    def is_false_alarm(self) -> bool:
        """Whether it tells of no emergency, and one was raised."""
        return bool(self.raised) and not self.message.kinds


def read_messages(path: Path, screen: EmergencyScreen) -> list[LabelledMessage]:
    """Reads the messages of a CSV file with the columns `kinds` and `text`, and perhaps `language`.

    Kinds stand with commas between, the most pressing first, or `none`. In a file whose name ends
    in `.tsv`, tabs part the columns. Lines that begin with `#` before the names of the columns are
    left out.

    Raises:
        ConfigError: It cannot be read, or names a kind that the screen does not know; with the
        line.
    """
    found = []
    for line, row in _read_rows(path):
        kinds = _read_kinds(row["kinds"], screen, f"{path}, line {line}")
        found.append(LabelledMessage(line, kinds, row["text"], row.get("language") or ""))
    return found


def _read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Reads the rows of a file, each with the number of its line."""
    lines = io.StringIO(read_text(path, "file of messages"), newline="").readlines()
    head = next((at for at, line in enumerate(lines) if not line.startswith("#")), 0)
    form: Any = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if path.suffix == ".tsv" else {}
    rows = csv.DictReader(lines[head:], restval="", **form)
    missing = {"kinds", "text"} - set(rows.fieldnames or ())
    if missing:
        names = " and ".join(sorted(missing))
        raise ConfigError(f"{path}, line {head + 1}: no column {names}; name the columns there")
    for row in rows:
        yield head + rows.line_num, row


def _read_kinds(written: str, screen: EmergencyScreen, place: str) -> tuple[str, ...]:
    """Reads the kinds of one message; none where `none` is written."""
    kinds = tuple(filter(None, map(str.strip, written.split(","))))
    if kinds == (NONE,):
        return ()
    if not kinds:
        raise ConfigError(f"{place}: no kinds; write `none` where it tells of none")
    for kind in kinds:
        if kind not in screen.kinds:
            choices = ", ".join((*screen.kinds, NONE))
            raise ConfigError(f"{place}: there is no {kind!r}; use {choices}")
    return kinds


def judge_messages(
    screen: EmergencyScreen, messages: Sequence[LabelledMessage]
) -> list[JudgedMessage]:
    """Screens each message."""
    judged = []
    for message in messages:
        found = screen.screen(message.text, language=message.language or None)
        raised = tuple(one.kind for one in found.emergencies)
        judged.append(JudgedMessage(message, raised, found.status != "not_screened"))
    return judged


def render_figures(judged: Sequence[JudgedMessage], screen: EmergencyScreen) -> Iterator[str]:
    """Writes the figures as lines of text: by kind, in all, and where the screen was wrong."""
    yield f"{'kind':22}{'told of':>9}{'raised':>9}{'as this kind':>14}{'without it':>12}"
    for kind in sorted(screen.kinds, key=lambda kind: screen.kinds[kind].rank):
        yield from _render_kind(kind, judged)
    yield ""
    yield from _render_shares(judged)
    yield from _render_lines("missed", [one for one in judged if one.is_missed])
    yield from _render_lines("false", [one for one in judged if one.is_false_alarm])


def _render_kind(kind: str, judged: Sequence[JudgedMessage]) -> Iterator[str]:
    """Writes the figures of a kind; nothing if no message tells of it and none raised it."""
    told = [one for one in judged if kind in one.message.kinds]
    as_kind = sum(kind in one.raised for one in told)
    without = sum(kind in one.raised for one in judged) - as_kind
    if told or without:
        raised = sum(bool(one.raised) for one in told)
        yield f"{kind:22}{len(told):9}{raised:9}{as_kind:14}{without:12}"


def _render_shares(judged: Sequence[JudgedMessage]) -> Iterator[str]:
    """Writes the figures of all messages together."""
    told = [one for one in judged if one.message.kinds]
    found = [one for one in told if one.raised]
    first = sum(one.raised[0] == one.message.kinds[0] for one in found)
    false = sum(one.is_false_alarm for one in judged)
    unscreened = sum(not one.screened for one in judged)
    yield f"emergencies found       {render_share(len(found), len(told))}"
    yield f"right kind first        {render_share(first, len(found))}"
    yield f"false alarms            {render_share(false, len(judged) - len(told))}"
    yield f"not screened            {render_share(unscreened, len(judged))}"


def _render_lines(name: str, wrong: Sequence[JudgedMessage]) -> Iterator[str]:
    """Writes in which lines of the file the screen was wrong; nothing if in none."""
    if wrong:
        yield f"{name} in lines {', '.join(str(one.message.line) for one in wrong)}"


def render_share(part: int, whole: int) -> str:
    """Writes a share with its 95 % interval (E. B. Wilson, JASA 22, 1927)."""
    if not whole:
        return "none to judge by"
    p = part / whole
    middle = (p + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z * sqrt(p * (1 - p) / whole + Z * Z / (4 * whole * whole)) / (1 + Z * Z / whole)
    low, high = max(0.0, middle - half), min(1.0, middle + half)  # but for rounding, they are
    return f"{part} of {whole}, {p:.1%} ({low:.1%} to {high:.1%})"
