"""Knows the texts that code composes for results, and takes one apart into its parts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from inspectiq.screening._emergencies import EmergencyScreen

__all__ = ["Template", "find_templates", "is_stored", "load_stored", "load_templates"]

_FIGURE = r"[0-9]{1,20}(?:,[0-9]{3}){0,6}(?:\.[0-9]{1,20})?"  # as code writes one: 1,250.5

_PART = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{parts}`, as code composes it.

    Attributes:
        text: The text, such as `useful life {years} years ({source})`.
        segments: What stands before, between and after its free parts; figures are in them.
        free: Names of the parts that may be any text, in order.
        figures: Names of the parts that are figures.
        known: Those that stand for a text of ours, so that a host's own is not taken for one.
        lists: Those that stand for several texts, joined by commas.
    """

    text: str
    segments: tuple[re.Pattern[str], ...]
    free: tuple[str, ...]
    figures: frozenset[str]
    known: frozenset[str]
    lists: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all its parts."""
        return (*self.free, *self.figures)

    def match(self, text: str) -> dict[str, str] | None:
        """Reads the parts of a composed text by name; None if this template did not make it.

        It looks for one segment after the other and never goes back, so that its time grows as the
        text does, whatever the text is.
        """
        found = self.segments[0].match(text)
        if found is None:
            return None
        parts, at = found.groupdict(), found.end()
        for name, segment in zip(self.free, self.segments[1:], strict=True):
            found = segment.search(text, at + 1)
            if found is None or found.start() <= at:
                return None
            parts |= {name: text[at : found.start()], **found.groupdict()}
            at = found.end()
        return parts


@cache
def load_stored() -> Mapping[str, Sequence[str]]:
    """Loads the texts that code writes into results, by the file that writes them."""
    listed: Mapping[str, Sequence[str]] = _load_table()["files"]
    return listed


def is_stored(text: str) -> bool:
    """Tells whether a text is one that code writes into results, without parts."""
    return text in _list_texts()


@cache
def load_templates() -> tuple[Template, ...]:
    """Loads the texts that have parts, those first that have most letters of their own."""
    made = [_make_template(text) for text in _list_texts() if "{" in text]
    return tuple(sorted(made, key=lambda one: (-len(_PART.sub("", one.text)), one.text)))


def find_templates(text: str) -> list[Template]:
    """Finds the templates that a text may be of, in their order: it has a word of each."""
    index = _index_templates()
    found = [one for word in {"", *text.split()} for one in index.get(word, ())]
    return [template for _, template in sorted(found)]


@cache
def _index_templates() -> dict[str, list[tuple[int, Template]]]:
    """Lists templates, with their place in the order, by the longest word that each has whole."""
    index: dict[str, list[tuple[int, Template]]] = {}
    for place, template in enumerate(load_templates()):
        words = (word for word in _PART.sub("{}", template.text).split() if "{}" not in word)
        index.setdefault(max(words, key=len, default=""), []).append((place, template))
    return index


@cache
def _list_texts() -> frozenset[str]:
    kinds = EmergencyScreen.default().languages["en"].kinds.values()
    told = [instruction for kind in kinds for instruction in kind.instructions]
    instructions = {text for one in told for text in (one.say, one.instead)}
    return frozenset(instructions.union(*load_stored().values()) - {""})


def _make_template(text: str) -> Template:
    table = _load_table()
    segments: list[str] = [""]
    free: list[str] = []
    figures: list[str] = []
    for literal, name, _, _ in Formatter().parse(text):
        segments[-1] += re.escape(literal)
        if name and name in table["figures"]:
            figures.append(name)
            segments[-1] += f"(?P<{name}>{_FIGURE})"
        elif name:
            free.append(name)
            segments.append("")
    segments[-1] += r"\Z"
    return Template(
        text,
        tuple(map(re.compile, segments)),
        tuple(free),
        frozenset(figures),
        frozenset(table["known"]).intersection(free),
        frozenset(table["lists"]).intersection(free),
    )


@cache
def _load_table() -> dict[str, Any]:
    path = files("inspectiq.reports").joinpath("languages", "stored.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
