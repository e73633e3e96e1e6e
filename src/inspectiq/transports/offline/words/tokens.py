"""A text as the tokens that count: stems and what stands for them, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inspectiq.transports.offline.words.lexicon import CANNOT, NO, NOT, Lexicon
from inspectiq.transports.offline.words.stems import WORD, plain, stem

__all__ = ["Clause", "Token", "clauses_of", "opposite", "tokens_of"]

_ENDS = re.compile(r"[.!?…。！？]+(?=\s|$|['\"”’)])|[\n\r;]+|\s[-–—]{1,2}\s|—|\.\.+")
_PAUSES = re.compile(r"[,:()\[\]/|]")
_JOINS = frozenset(
    ("and", "but", "because", "although", "though", "however", "while", "except", "so", "plus")
)
_PAIRED = frozenset(("on", "off", "in", "again"))  # on and off, in and out, again and again
_CARRIES = frozenset(("or", "nor"))
_MARKS = frozenset((NOT, NO, CANNOT))
_NOT_WORK = "~work"  # what a clause says that ends in `not`: it used to, and now it does not
_SENTENCE, _CLAUSE, _SKIPPED = 5.0, 1.0, 0.25  # places that a boundary or a silent word takes
_REACH = 5  # tokens that `cannot` may look ahead for the word it turns
_SCOPE = 2  # tokens that `no` turns


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the text without a pause: `start` and `end` in it, and its plain words."""

    sentence: int
    start: int
    end: int
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A stem or what stands for it; `~` before it turns it into its opposite.

    Attributes:
        text: The stem.
        place: Where it stands, in words; pauses and ends of sentences count as some.
        clause: Number of its clause.
        sentence: Number of its sentence.
        trouble: It says that something is wrong.
        silent: It says nothing about what is wrong, and counts only where a fact is put so.
    """

    text: str
    place: float
    clause: int
    sentence: int
    trouble: bool = False
    silent: bool = False


def opposite(token: str) -> str:
    """The opposite of a token: `work` of `~work`, and the other way round."""
    return token[1:] if token.startswith("~") else "~" + token


def clauses_of(text: str) -> list[Clause]:
    """The clauses of a text, in order; none without a word."""
    found: list[Clause] = []
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    sentence = last = 0

    def close() -> None:
        if words:
            found.append(Clause(sentence, spans[0][0], spans[-1][1], tuple(words), tuple(spans)))
            words.clear()
            spans.clear()

    for match in WORD.finditer(text):
        word, (start, end) = plain(match[0]), match.span()
        gap = text[last:start]
        last = end
        if len(gap) > 1 or gap != " ":
            if _ENDS.search(gap):
                close()
                sentence += 1
            elif _PAUSES.search(gap) and gap != "/":
                close()
        if word in _JOINS and not (words and words[-1] in _PAIRED):
            close()
        if word:
            words.append(word)
            spans.append((start, end))
    close()
    return found


def tokens_of(
    clauses: list[Clause],
    lexicon: Lexicon,
    *,
    spelt: Callable[[str], str] = str,
    is_turned: Callable[[str], bool] = bool,
) -> list[Token]:
    """The tokens of clauses.

    Args:
        clauses: The clauses, as `clauses_of` tells them apart.
        lexicon: What stands for what, and what turns what.
        spelt: Gives a word as it should be spelt.
        is_turned: Whether a token is one whose opposite tells of something wrong.
    """
    tokens: list[Token] = []
    place = 0.0
    before = clauses[0].sentence if clauses else 0
    for number, clause in enumerate(clauses):
        place += _SENTENCE if clause.sentence != before else _CLAUSE
        before = clause.sentence
        stems = _turning(_marked(clause.words, lexicon, spelt), lexicon, is_turned)
        for text, trouble, silent in stems:
            place += _SKIPPED if silent else 1.0
            tokens.append(Token(text, place, number, clause.sentence, trouble, silent))
    return tokens


def _marked(
    words: tuple[str, ...], lexicon: Lexicon, spelt: Callable[[str], str]
) -> list[tuple[str, bool]]:
    """Stems without filler, with a mark for all that turns others, and whether each is silent."""
    turning, instead = lexicon.turning, lexicon.instead
    read = []
    for word in words:
        right = word if word in turning else spelt(word)
        read.append(turning.get(right) or instead.get(right, right))
    marked: list[tuple[str, bool]] = []
    at = 0
    while at < len(read):
        found = lexicon.negations.at(read, at)
        if found:
            marked += [(mark, True) for mark in found[1]]
            at += found[0]
            continue
        word = read[at]
        if word in _MARKS:
            marked.append((word, True))
        elif word not in lexicon.filler:
            marked.append((stem(word), word in lexicon.stop or word in _CARRIES))
        at += 1
    return marked


def _turning(
    stems: list[tuple[str, bool]], lexicon: Lexicon, is_turned: Callable[[str], bool]
) -> Iterator[tuple[str, bool, bool]]:
    """The text of each token, whether it tells of trouble, and whether it is silent."""
    said = list(_alike(stems, lexicon))
    left, mark, carried = 0, "", ""
    for index, (token, silent) in enumerate(said):
        trouble = token in lexicon.trouble
        if token in _MARKS:
            mark = carried = token
            left = _SCOPE if token == NO else 1
            yield NOT, False, True
            if token == NOT and index + 1 == len(said):
                yield _NOT_WORK, True, False
        elif silent:
            if token in _CARRIES and carried:
                mark, left = carried, _SCOPE if carried == NO else 1
            yield token, trouble, True
        elif not left or (mark == CANNOT and _turns_later(token, said[index + 1 :], is_turned)):
            yield token, trouble or token.startswith("~"), False
        else:
            left -= 1
            other = opposite(token)
            yield other, other.startswith("~") and is_turned(token), False


def _alike(stems: list[tuple[str, bool]], lexicon: Lexicon) -> Iterator[tuple[str, bool]]:
    """What stands for the stems, and whether each is silent."""
    alike = [NOT if word == CANNOT else word for word, _ in stems]
    at = 0
    while at < len(stems):
        found = lexicon.same.at(alike, at)
        if found:
            for token in found[1]:
                yield token, False
            at += found[0]
        else:
            yield stems[at]
            at += 1


def _turns_later(
    token: str, after: list[tuple[str, bool]], is_turned: Callable[[str], bool]
) -> bool:
    """Whether `cannot` passes over a token, as over the window in `cannot get the window open`."""
    if is_turned(token):
        return False
    ahead = [text for text, silent in after if not silent][:_REACH]
    return any(is_turned(text) for text in ahead)
