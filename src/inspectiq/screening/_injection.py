"""Finds signs that a text speaks to a model instead of about a property.

Nothing prevents that robustly. What is found is flagged for a person, never obeyed, never hidden.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from inspectiq._text import to_one_line
from inspectiq._words import Sign, SignFinder, tokenize

__all__ = ["find_injection_signs"]

EXCERPT = 160  # characters
LETTERS = 7  # that stand apart, from which on they are put together

_ROLE = re.compile(r"(?im)^\W*(?:system|assistant|developer|user)\W{0,2}:|\[/?inst\]|<\|?/?system")
_TAGS = re.compile("[\U000e0000-\U000e007f]")  # letters that nobody sees and a model reads
_SPACED = re.compile(rf"(?:\b\w[ ._-]{{1,4}}){{{LETTERS - 1},}}\w\b")
_LETTERS_OF = str.maketrans("013457@$", "oieastas")


def find_injection_signs(text: str) -> tuple[str, ...]:
    """Finds the parts of a text that seem to speak to a model, shortened; none in most texts."""
    found: list[str] = []
    if _TAGS.search(text):
        found.append("invisible letters")
        text += " " + _TAGS.sub(lambda tag: chr(ord(tag[0]) - 0xE0000), text)
    found += [_cut_excerpt(text, *role.span()) for role in _ROLE.finditer(text)]
    text += "".join(" " + _close_gaps(spaced[0]) for spaced in _SPACED.finditer(text))
    words = [word._replace(plain=_read_figures_as_letters(word.plain)) for word in tokenize(text)]
    for _, (first, last) in _load_signs().find(words):
        found.append(_cut_excerpt(text, words[first].start, words[last - 1].end))
    return tuple(dict.fromkeys(found))


@cache
def _load_signs() -> SignFinder:
    text = files("inspectiq.screening").joinpath("injection.toml").read_text(encoding="utf-8")
    signs = [Sign(**entry) for entry in tomllib.loads(text)["signs"]]
    return SignFinder(signs)


def _read_figures_as_letters(word: str) -> str:
    """Writes letters for the figures in a word that has both, such as `1gn0re`."""
    mixed = not word.isalpha() and not word.isdigit() and not word.startswith("-")
    return word.translate(_LETTERS_OF) if mixed else word


def _close_gaps(spaced: str) -> str:
    """Puts letters together that were written apart; two spaces part words."""
    return " ".join(re.sub(r"[ ._-]", "", word) for word in re.split(r" {2,}", spaced))


def _cut_excerpt(text: str, start: int, end: int) -> str:
    return to_one_line(text[start:end], EXCERPT)
