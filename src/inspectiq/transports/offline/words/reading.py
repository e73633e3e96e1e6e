"""A tenant's words, read offline by the symptoms of a taxonomy: no model, no network.

It knows words, not what they mean together. What it tells is a triage for somebody to check.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from inspectiq.domain.taxonomy import Taxonomy
from inspectiq.transports.offline.words.past import without_the_past
from inspectiq.transports.offline.words.stated import FactIndex
from inspectiq.transports.offline.words.symptoms import Fit, SymptomIndex, symptom_index
from inspectiq.transports.offline.words.tokens import Clause, Token, clauses_of, tokens_of

__all__ = ["Told", "read_words"]

_LEAST = 0.15  # score below which a fit is none
_DOUBTFUL = 0.5  # below that it is none where a better one tells of the same clause
_SHARED = 0.34  # share of a reading's words that a better one may have taken already
_RANK = {None: 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
_DANGER = 3  # rank from which a reading is kept beside a milder one of the same words
_NEAR = 0.85  # of the milder one's score that it must have
_LATE, _LATEST = 0.012, 0.12  # score that each token before it takes off, and at most
_LONGEST = 20_000  # characters that are read; far more than anybody writes about a home


@dataclass(frozen=True, slots=True)
class Told:
    """A problem that somebody's words tell of.

    Attributes:
        type: Key of its type of issue.
        words: The part of the text that says so, as it was written.
        score: How well it fits, 0–1; below 0.5 it is doubtful. No probability.
        facts: Keys of the taxonomy's facts that the same words state.
    """

    type: str
    words: str
    score: float
    facts: tuple[str, ...]


def read_words(words: str, taxonomy: Taxonomy, *, most: int = 3) -> tuple[Told, ...]:
    """What a tenant's words tell of, best first; nothing where they fit no symptom.

    What is said early counts for a little more than its score, as people begin with what matters.
    What is negated (`no leak under the sink`) or over (`was fixed last year`) is left out.

    Args:
        words: In English.
        taxonomy: Whose types are looked for, by their symptoms, labels and keys.
        most: How many are told at most.
    """
    if most < 1:
        return ()
    index = symptom_index(taxonomy)
    clauses = without_the_past(clauses_of(words[:_LONGEST]), index.words)
    tokens = tokens_of(clauses, index.words, spelt=index.spelling, is_turned=index.is_turned)
    chosen = _chosen(index.fits(tokens), tokens, taxonomy, most)
    facts = _facts(chosen, tokens, taxonomy, index)
    return tuple(
        Told(
            type=taxonomy.types[fit.type].key,
            words=_said(fit, tokens, clauses, words),
            score=round(fit.score, 3),
            facts=facts[number],
        )
        for number, fit in enumerate(chosen)
    )


def _chosen(fits: list[Fit], tokens: list[Token], taxonomy: Taxonomy, most: int) -> list[Fit]:
    """The best readings that do not rest on the same words, though a danger is kept beside them.

    Of readings that are as good, the worse comes first.
    """
    rank = {fit.type: _RANK[taxonomy.types[fit.type].usual_level] for fit in fits}
    taken: dict[int, Fit] = {}
    told_of: set[int] = set()
    chosen: list[Fit] = []
    for fit in sorted(fits, key=lambda fit: (-_worth(fit), -rank[fit.type], fit.at)):
        if len(chosen) == most:
            break
        clauses = {tokens[at].clause for at in fit.at}
        if fit.score < (_DOUBTFUL if clauses <= told_of else _LEAST):
            continue
        better = [taken[at] for at in fit.at if at in taken]
        worse = rank[fit.type] >= _DANGER and all(rank[it.type] < rank[fit.type] for it in better)
        near = all(fit.score >= _NEAR * it.score for it in better)
        if len(better) <= _SHARED * len(fit.at) or (worse and near):
            chosen.append(fit)
            told_of |= clauses
            for at in fit.at:
                taken.setdefault(at, fit)
    return chosen


def _worth(fit: Fit) -> float:
    """The score, with a little off for what is said late: people begin with what matters."""
    return round(fit.score - min(_LATE * min(fit.at), _LATEST), 3)


def _said(fit: Fit, tokens: list[Token], clauses: list[Clause], text: str) -> str:
    """From the first to the last clause that the reading rests on, as written."""
    numbers = [tokens[at].clause for at in fit.at]
    return text[clauses[min(numbers)].start : clauses[max(numbers)].end]


def _facts(
    chosen: list[Fit], tokens: list[Token], taxonomy: Taxonomy, index: SymptomIndex
) -> list[tuple[str, ...]]:
    """The facts that are stated, each with the problem that is told of nearest to it."""
    found: list[dict[str, None]] = [{} for _ in chosen]
    for statement in _fact_index(frozenset(taxonomy.facts), index).stated(tokens):
        near = [
            (min(abs(tokens[at].place - statement.place) for at in fit.at), number)
            for number, fit in enumerate(chosen)
            if any(abs(tokens[at].sentence - statement.sentence) <= 1 for at in fit.at)
        ]
        if near:
            found[min(near)[1]][statement.fact] = None
    order = list(taxonomy.facts)
    return [tuple(sorted(facts, key=order.index)) for facts in found]


@lru_cache(maxsize=8)
def _fact_index(facts: frozenset[str], index: SymptomIndex) -> FactIndex:
    return FactIndex(facts, index)
