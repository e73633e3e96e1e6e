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
from inspectiq.screening.words import plain

__all__ = ["injection_signs"]

EXCERPT = 160  # characters
STEM = 3  # letters of a word by which terms are looked up

_WORD = re.compile(r"[^\W_](?:[\w'’\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*)")
_ROLE = re.compile(r"(?im)^\W*(?:system|assistant|developer|user)\W{0,2}:|\[/?inst\]|<\|?/?system")
_TAGS = re.compile("[\U000e0000-\U000e007f]")  # letters that nobody sees and a model reads
_SPACED = re.compile(r"(?:\b\w[ ._-]{1,4}){6,}\w\b")
_DIGITS = str.maketrans("013457@$", "oieastas")


def injection_signs(text: str) -> tuple[str, ...]:
    """The parts of a text that seem to speak to a model, shortened; empty for an ordinary text."""
    found: list[str] = []
    if _TAGS.search(text):
        found.append("invisible letters")
        text += " " + _TAGS.sub(lambda tag: chr(ord(tag[0]) - 0xE0000), text)
    found += [_excerpt(text, role.start(), role.end()) for role in _ROLE.finditer(text)]
    text += "".join(" " + _closed(spaced[0]) for spaced in _SPACED.finditer(text))
    words = [(_word(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]
    places = _places([word for word, _, _ in words])
    for sign in _signs():
        span = sign.first(places)
        if span is not None:
            found.append(_excerpt(text, words[span[0]][1], words[span[1]][2]))
    return tuple(dict.fromkeys(found))


Places = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _Sign:
    groups: tuple[tuple[str, ...], ...]
    within: int

    def first(self, places: Places) -> tuple[int, int] | None:
        """The first and last word of the first place where all groups stand close together."""
        if any(places.keys().isdisjoint(group) for group in self.groups):
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


def _places(words: Sequence[str]) -> Places:
    """Where each term of the signs stands."""
    places: Places = {}
    terms = _terms()
    for start, word in enumerate(words):
        for term, parts in terms.get(word[:STEM], ()):
            end = start + len(parts)
            if term.endswith("*"):
                here = word.startswith(term[:-1])
            else:
                here = word == parts[0] and tuple(words[start:end]) == parts
            if here:
                places.setdefault(term, []).append((start, end - 1))
    return places


@cache
def _signs() -> tuple[_Sign, ...]:
    text = files("inspectiq.screening").joinpath("injection.toml").read_text(encoding="utf-8")
    return tuple(
        _Sign(tuple(tuple(group) for group in sign["groups"]), sign.get("within", 1_000))
        for sign in tomllib.loads(text)["signs"]
    )


@cache
def _terms() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Each term and its words, by what the first of them begins with."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
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
