"""Finds the problems that a tenant's words report, offline, by the symptoms of a taxonomy.

It knows words, not what they mean together. What it tells is a triage for somebody to check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from inspectiq._words import STOP, Word, WordSpan, tokenize
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.transports._offline.words.english import English, load_english
from inspectiq.transports._offline.words.symptoms import NOTHING, SymptomIndex

__all__ = ["ReportedProblem", "read_words"]

HALF = 0.8  # fit at which a score is a half
DOUBTFUL = 0.45  # score, at most, of what says of nothing that it is wrong
FURTHER, CLEARLY = 1.5, 1.6  # fit that a further type must have, and how often the first one's
LONGEST = 20_000  # characters that are read; far more than anybody writes about a home


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """A problem that somebody's words report.

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


@dataclass(frozen=True, slots=True)
class _TypeMatch:
    """A type of issue, how well words fit it, and the part of them that fits best."""

    type: str
    fit: float
    span: WordSpan


def read_words(words: str, taxonomy: Taxonomy, *, most: int = 3) -> tuple[ReportedProblem, ...]:
    """Finds the problems that a tenant's words report, the best fit first; none if no type fits.

    What is denied (`no leak under the sink`) or over (`was fixed last year`) is left out.

    Args:
        words: In English.
        taxonomy: Whose types are looked for, by their symptoms, labels and keys.
        most: How many are reported at most.
    """
    said, known, index = tokenize(words[:LONGEST]), load_english(), _get_index(taxonomy)
    clauses = known.keep_complaints(said, known.split_clauses(said), index.knows)
    matches = _match_types(said, clauses, index)[: max(most, 0)]
    facts = _assign_facts(said, matches, known, taxonomy)
    reported = []
    for number, (match, stated) in enumerate(zip(matches, facts, strict=True)):
        score = match.fit / (match.fit + HALF)
        part = said[slice(*match.span)]
        wrong = known.names_trouble(part if number else _collect_words(said, clauses))
        reported.append(
            ReportedProblem(
                type=match.type,
                words=words[part[0].start : part[-1].end],
                score=round(score if wrong else min(score, DOUBTFUL), 3),
                facts=stated,
            )
        )
    return tuple(reported)


def _match_types(
    said: Sequence[Word], clauses: Sequence[WordSpan], index: SymptomIndex
) -> list[_TypeMatch]:
    """Finds the type that all clauses fit best, and further ones that a part clearly fits."""
    whole = index.measure_fits(_collect_words(said, clauses))
    first = _choose_best(whole)
    if first == NOTHING:
        return []
    parts = [(part, index.measure_fits(said[slice(*part)])) for part in _list_parts(said, clauses)]
    at = max(parts, key=lambda part: (part[1].get(first, 0.0), part[0].last - part[0].first))[0]
    found = {first: _TypeMatch(first, whole[first], at)}
    for part, fits in parts:
        best = _choose_best(fits)
        known = max(fits.get(key, 0.0) for key in found)
        if best not in (NOTHING, *found) and fits[best] >= max(FURTHER, CLEARLY * known):
            found[best] = _TypeMatch(best, fits[best], part)
    return sorted(found.values(), key=lambda match: (match.type != first, -match.fit))


def _collect_words(said: Sequence[Word], spans: Sequence[WordSpan]) -> list[Word]:
    return [word for span in spans for word in said[slice(*span)]]


def _choose_best(fits: dict[str, float]) -> str:
    """Returns the type that fits best; of types that fit equally, the last by name."""
    return max(fits, key=lambda key: (fits[key], key), default=NOTHING)


def _list_parts(said: Sequence[Word], clauses: Sequence[WordSpan]) -> list[WordSpan]:
    """Lists the sentences that clauses make together, and each clause alone."""
    sentences: list[WordSpan] = []
    for clause in clauses:
        before = sentences[-1] if sentences else None
        if before and before.last == clause.first and said[clause.first].gap != STOP:
            sentences[-1] = WordSpan(before.first, clause.last)
        else:
            sentences.append(clause)
    return [*sentences, *(clause for clause in clauses if clause not in sentences)]


def _assign_facts(
    said: Sequence[Word], matches: Sequence[_TypeMatch], known: English, taxonomy: Taxonomy
) -> list[tuple[str, ...]]:
    """Finds the facts that are stated, each for the problem that stands nearest to it."""
    order = list(taxonomy.facts)
    found: list[set[str]] = [set() for _ in matches]
    for fact, span in known.find_facts(said) if matches else ():
        if fact in order:
            gaps = [
                max(one.span.first - span.last, span.first - one.span.last, 0) for one in matches
            ]
            found[gaps.index(min(gaps))].add(fact)
    return [tuple(sorted(facts, key=order.index)) for facts in found]


@lru_cache(maxsize=8)
def _build_index(_sha256: str, taxonomy: Taxonomy) -> SymptomIndex:
    return SymptomIndex(taxonomy.types, load_english().nothing)


def _get_index(taxonomy: Taxonomy) -> SymptomIndex:
    """Returns the index of a taxonomy, built once for each content and kept for the last few."""
    return _build_index(taxonomy.sha256, taxonomy)
