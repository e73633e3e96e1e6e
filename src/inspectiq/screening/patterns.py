"""The small language in which signs of an emergency and cues are written.

    burst/s/ing pipe|hose          words in a row; `|` between choices, `/` before endings
    @smell *3 of gas               `@` is a concept; `*3` up to three words, `*` exactly one
    water is? rising               `?` may be left out
    ^ fire $                       the start and the end of a sentence
    @smell + @gas within 5         in any order, with fewer than five words between
    @a + @b within 20 across       the same, over the ends of sentences
    @a + @b within all             anywhere in the text
    … unless @battery|chirp/s      but not where one of these is in the sentence

A stem counts as a word itself unless it ends in `-`: `quem-/a/an` is `quema` and `queman`.
A number from -40 to 32 is `#-40..32`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Element", "Pattern", "forms", "parse"]

ANYWHERE = 1_000_000
_NUMBER = re.compile(r"#(-?\d+)\.\.(-?\d+)\Z")
_OPTIONS = re.compile(r"\s+within\s+(\d+|all)(\s+across)?\s*\Z")


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a pattern, and what may stand there.

    Attributes:
        words: Words, with their endings.
        concepts: Names of concepts.
        numbers: Bounds of numbers.
        optional: Whether it may be left out.
        gap: How many words it passes over, at least and at most; None for none.
        edge: `^` or `$` for an end of the sentence, else "".
    """

    words: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    numbers: frozenset[tuple[int, int]] = frozenset()
    optional: bool = False
    gap: tuple[int, int] | None = None
    edge: str = ""

    @property
    def begins(self) -> bool:
        """Whether a cue may begin with it: a word that must be there."""
        return _needed(self) and bool(self.words or self.concepts)

    @property
    def choices(self) -> tuple[frozenset[str], frozenset[str], frozenset[tuple[int, int]]]:
        """What may stand there."""
        return self.words, self.concepts, self.numbers


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words in a row, or elements in any order within a window.

    Attributes:
        elements: In order.
        within: The window, in words; 0 for words in a row.
        across: Whether the window passes over the end of a sentence.
        unless: What keeps the pattern from counting.
    """

    elements: tuple[Element, ...]
    within: int = 0
    across: bool = False
    unless: Element | None = None


def forms(written: str) -> tuple[str, ...]:
    """A word with its endings: `spark/s/ed` is spark, sparks and sparked."""
    stem, *endings = written.replace("'", "").split("/")
    bare = stem.removesuffix("-")
    alone = () if stem.endswith("-") and endings else (bare,)
    return (*alone, *(bare + ending for ending in endings))


def parse(written: str) -> Pattern:
    """A pattern from its line.

    Raises:
        ValueError: It is not written as the small language is; with how to mend it.
    """
    head, _, but = written.partition(" unless ")
    unless = _element(but.strip()) if but else None
    within, across = 0, False
    if option := _OPTIONS.search(head):
        within = ANYWHERE if option[1] == "all" else int(option[1])
        across, head = bool(option[2]) or option[1] == "all", head[: option.start()]
    parts = [part.strip() for part in head.split(" + ")]
    if (len(parts) > 1) != bool(within):
        raise ValueError(f"{written!r}: `+` and `within` go together; write @a + @b within 5")
    elements = tuple(map(_element, parts if within else head.split()))
    if within and any(" " in part for part in parts):
        raise ValueError(f"{written!r}: a part beside `+` is one element; make it a concept")
    if not elements or not any(_needed(element) for element in elements):
        raise ValueError(f"{written!r}: a pattern needs a word; write one")
    if within and not all(_needed(element) for element in elements):
        raise ValueError(f"{written!r}: a part beside `+` may not be left out; leave the `?` away")
    return Pattern(elements, within, across, unless)


def _needed(element: Element) -> bool:
    return not element.optional and element.gap is None and not element.edge


def _element(written: str) -> Element:
    if written in ("^", "$"):
        return Element(edge=written)
    if written.startswith("*"):
        most = written[1:]
        if most and not most.isdecimal():
            raise ValueError(f"{written!r} is no gap; write * or *3")
        return Element(gap=(0, int(most)) if most else (1, 1))
    optional = written.endswith("?")
    words: set[str] = set()
    concepts: set[str] = set()
    numbers: set[tuple[int, int]] = set()
    for choice in written.removesuffix("?").split("|"):
        if not choice or any(sign in choice for sign in "+*?^$"):
            raise ValueError(f"{written!r} has a choice that is no word; write smell|stink")
        if choice.startswith("@"):
            concepts.add(choice[1:])
        elif found := _NUMBER.match(choice):
            numbers.add((int(found[1]), int(found[2])))
        elif choice.startswith("#"):
            raise ValueError(f"{choice!r} is no range of numbers; write #-40..32")
        else:
            words.update(forms(choice))
    return Element(frozenset(words), frozenset(concepts), frozenset(numbers), optional)
