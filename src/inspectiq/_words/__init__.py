"""Splits text into words, corrects their spelling, and finds phrases in them."""

from inspectiq._words.phrases import PhraseFinder
from inspectiq._words.signs import Sign, SignFinder
from inspectiq._words.spans import (
    WordSpan,
    extract_features,
    extract_letters,
    split_parts,
    split_sentences,
    to_token,
)
from inspectiq._words.spelling import Spelling
from inspectiq._words.words import PAUSE, STOP, Word, normalize, tokenize

__all__ = [
    "PAUSE",
    "STOP",
    "PhraseFinder",
    "Sign",
    "SignFinder",
    "Spelling",
    "Word",
    "WordSpan",
    "extract_features",
    "extract_letters",
    "normalize",
    "split_parts",
    "split_sentences",
    "to_token",
    "tokenize",
]  # fmt: skip
