"""Words that people wrote, taken apart and compared: what every reader of them begins with."""

from inspectiq._words.phrases import Phrases
from inspectiq._words.signs import Sign, Signs
from inspectiq._words.spans import Span, features, letters_of, parts, sentences, token_of
from inspectiq._words.spelling import Spelling
from inspectiq._words.words import PAUSE, STOP, Word, plain, words_of

__all__ = [
    "PAUSE", "STOP", "Phrases", "Sign", "Signs", "Span", "Spelling", "Word", "features",
    "letters_of", "parts", "plain", "sentences", "token_of", "words_of",
]  # fmt: skip
