"""Whether a text speaks to a model instead of about a property.

Nothing prevents that robustly. What is found is flagged for a person, never obeyed, never hidden.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from inspectiq.domain.text import one_line
from inspectiq.screening.memory import Memory
from inspectiq.screening.words import large_number, plain

__all__ = ["injection_signs"]

EXCERPT = 160  # characters
STEM = 3  # letters of a word by which terms are looked up

_WORD = re.compile(r"[^\W_](?:[\w'’\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*)")
_ROLE = re.compile(r"(?im)^\W*(?:system|assistant|developer|user)\W{0,2}:|\[/?inst\]|<\|?/?system")
_TAGS = re.compile("[\U000e0000-\U000e007f]")  # letters that nobody sees and a model reads
LETTERS = 7  # that stand apart, from which on they are put together
_SPACED = re.compile(rf"(?:\b\w[ ._-]{{1,4}}){{{LETTERS - 1},}}\w\b")
_DIGITS = str.maketrans("013457@$", "oieastas")


def injection_signs(text: str) -> tuple[str, ...]:
    """The parts of a text that seem to speak to a model, shortened; empty for an ordinary text."""
    found: list[str] = []
    if _TAGS.search(text):
        found.append("invisible letters")
        text += " " + _TAGS.sub(lambda tag: chr(ord(tag[0]) - 0xE0000), text)
    found += [_excerpt(text, role.start(), role.end()) for role in _ROLE.finditer(text)]
    words = _WORD.findall(text)
    if "_" in text or [*map(len, words)].count(1) >= LETTERS:
        text += "".join(" " + _closed(spaced[0]) for spaced in _SPACED.finditer(text))
        words = _WORD.findall(text)
    places = _places(words)
    spans = [span for sign in _signs() if (span := sign.first(places))] if places else []
    if spans:
        at = [match.span() for match in _WORD.finditer(text)]
        found += [_excerpt(text, at[first][0], at[last][1]) for first, last in spans]
    return tuple(dict.fromkeys(found))


Places = dict[str, list[tuple[int, int]]]
Term = tuple[str, tuple[str, ...]]
"""A word or words of a sign, as written and one by one."""
Word = tuple[str, list[str], dict[str, list[Term]]]
"""A word without its disguises; the terms that it is; and those of several words that begin with
it, by their second word, each with all but its first word."""


@dataclass(frozen=True, slots=True)
class _Sign:
    groups: tuple[frozenset[str], ...]
    within: int

    def first(self, places: Places) -> tuple[int, int] | None:
        """The first and last word of the first place where all groups stand close together."""
        for group in self.groups:
            if group.isdisjoint(places):
                return None
        spans = [
            sorted({span for term in group for span in places.get(term, ())})
            for group in self.groups
        ]
        for start, end in spans[0]:
            low, high = start, end
            for others in spans[1:]:
                near = _nearest(others, start)
                low, high = min(low, near[0]), max(high, near[1])
            if high - low < self.within:
                return low, high
        return None


def _nearest(spans: Sequence[tuple[int, int]], place: int) -> tuple[int, int]:
    index = bisect_left(spans, (place, place))
    around = spans[max(0, index - 1) : index + 1]
    return min(around, key=lambda span: abs(span[0] - place))


def _places(written: Sequence[str]) -> Places:
    """Where each term of the signs stands."""
    places: Places = {}
    read = [*map(_words().__getitem__, written)]
    words = [word for word, _, _ in read]
    for start, (_, alone, followed) in enumerate(read):
        for term in alone:
            places.setdefault(term, []).append((start, start))
        if followed and start + 1 < len(words):
            for term, rest in followed.get(words[start + 1], ()):
                end = start + 1 + len(rest)
                if len(rest) == 1 or tuple(words[start + 1 : end]) == rest:
                    places.setdefault(term, []).append((start, end - 1))
    return places


@cache
def _words() -> Memory[Word]:
    """What is known of each word as it was written."""
    return Memory(_read, lambda word: word.removeprefix(large_number(word)))


def _read(written: str) -> Word:
    word = _word(written)
    alone: list[str] = []
    followed: dict[str, list[Term]] = {}
    for term, (first, *rest) in _terms().get(word[:STEM], ()):
        if rest and word == first:
            followed.setdefault(rest[0], []).append((term, tuple(rest)))
        elif not rest and (word == first or (first[-1] == "*" and word.startswith(first[:-1]))):
            alone.append(term)
    return word, alone, followed


@cache
def _signs() -> tuple[_Sign, ...]:
    text = files("inspectiq.screening").joinpath("injection.toml").read_text(encoding="utf-8")
    return tuple(
        _Sign(tuple(map(frozenset, sign["groups"])), sign.get("within", 1_000))
        for sign in tomllib.loads(text)["signs"]
    )


@cache
def _terms() -> dict[str, list[Term]]:
    """Each term and its words, by what the first of them begins with."""
    found: dict[str, list[Term]] = {}
    for term in {term for sign in _signs() for group in sign.groups for term in group}:
        found.setdefault(term[:STEM].split(" ")[0], []).append((term, tuple(term.split())))
    return found


def _word(written: str) -> str:
    word = plain(written).replace("’", "'")
    mixed = any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
    return word.translate(_DIGITS) if mixed else word


def _closed(spaced: str) -> str:
    """Letters that were written apart, put together; two spaces part words."""
    return " ".join(re.sub(r"[ ._-]", "", word) for word in re.split(r" {2,}", spaced))


def _excerpt(text: str, start: int, end: int) -> str:
    return one_line(text[start:end], EXCERPT)
