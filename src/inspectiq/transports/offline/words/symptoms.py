"""An index of a taxonomy's symptoms: which of them a row of tokens tells of, and how well."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from dataclasses import dataclass
from threading import Lock

from inspectiq.domain.taxonomy import IssueType, Taxonomy
from inspectiq.transports.offline.words.lexicon import Lexicon, lexicon
from inspectiq.transports.offline.words.spelling import Spelling
from inspectiq.transports.offline.words.stems import plain_words
from inspectiq.transports.offline.words.tokens import Token, clauses_of, tokens_of

__all__ = ["Fit", "SymptomIndex", "symptom_index"]

_LABEL = 0.85  # of a symptom's fit: a label is written for reports, not as tenants speak
_LEAST = 0.52  # share of a symptom's weight that must be there
_ROUNDING = 1e-9  # sums of the same weights in another order differ by less
_STEEP = 1.3  # power of that share: half a symptom is less than half as good
_HALF = 3.0  # weight at which a fit is half as specific as it can be
_ROOM = 7.0  # places that a symptom may be spread over, beyond one for each of its words
_SPREAD = 0.05  # how much each place beyond takes off
_COMMON, _OF_COMMON = 3.2, 0.6  # weight of a lone word below which it is common; what that leaves
_TOO_COMMON = 2.9  # weight of a lone word below which it must be one of trouble
_UNTROUBLED = 0.6  # of a fit that lacks just those words of a symptom that tell of trouble
_VAGUE = 0.45  # of a fit that rests on one word of several and on a word of trouble
_RARE = 5  # types that may share a word on which alone a vague fit rests
_AFFINE, _AFFINE_HALF = 0.2, 8.0  # what the type's other words in the sentence add, at most
_TURNED = 4  # a token counts as one that symptoms turn if they do so once in as many times
_KEPT = 8  # indexes


@dataclass(frozen=True, slots=True)
class Fit:
    """How well some of the tokens fit a type.

    Attributes:
        type: Which type, numbered as in the taxonomy.
        score: 0–1.
        weight: Of the words that it rests on; more are more specific.
        at: Numbers of their tokens.
    """

    type: int
    score: float
    weight: float
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Symptom:
    type: int
    tokens: frozenset[str]
    needed: int
    total: float
    factor: float
    troubled: bool


class SymptomIndex:
    """The symptoms of one taxonomy. Deterministic; safe to use from several threads.

    Args:
        taxonomy: Whose types are looked for.
        words: The English that texts are read with.
    """

    def __init__(self, taxonomy: Taxonomy, words: Lexicon) -> None:
        self.words = words
        said = [
            (number, tokens, factor)
            for number, kind in enumerate(taxonomy.types)
            for tokens, factor in self._phrases(kind).items()
        ]
        often = Counter((token, number) for number, tokens, _ in said for token in tokens)
        types_with = Counter(token for token, _ in often)
        count = len(taxonomy.types)
        said_of = Counter(token for _, tokens, _ in said for token in tokens)
        self._turned = frozenset(
            token[1:]
            for token, times in said_of.items()
            if token.startswith("~") and _TURNED * times >= said_of[token[1:]]
        )
        self.weight = {token: math.log(1 + count / n) for token, n in types_with.items()}
        self._affine: dict[str, dict[int, float]] = {}
        for (token, number), times in often.items():
            value = self.weight[token] * times / (times + 1)
            self._affine.setdefault(token, {})[number] = value
        self._symptoms: list[_Symptom] = []
        self._with: dict[str, list[int]] = {}
        self._vague: dict[str, dict[int, float]] = {}
        for number, tokens, factor in said:
            self._add(number, sorted(tokens), factor, types_with)
        spelt = Counter(word for kind in taxonomy.types for word in plain_words(_all_of(kind)))
        common = sorted(spelt, key=lambda word: (-spelt[word], word))
        self.spelling = Spelling([*common, *sorted(words.words - spelt.keys())])

    def phrase(self, text: str, *, silent: bool = False) -> frozenset[str]:
        """What a phrase says, in any order; with the tokens that are silent if those count."""
        tokens = tokens_of(clauses_of(text), self.words)
        return frozenset(token.text for token in tokens if silent or not token.silent)

    def is_turned(self, token: str) -> bool:
        """Whether symptoms often turn a token into its opposite, as in `does not flush`."""
        return token in self._turned

    def fits(self, tokens: list[Token]) -> list[Fit]:
        """The best fit for each type that the tokens tell of, in the taxonomy's order."""
        places: dict[str, list[int]] = {}
        for number, token in enumerate(tokens):
            if token.text in self.weight:
                places.setdefault(token.text, []).append(number)
        said = {text: self.weight[text] for text in places}
        best: dict[int, Fit] = {}
        for number in sorted({number for text in places for number in self._with.get(text, ())}):
            symptom = self._symptoms[number]
            there = symptom.tokens & said.keys()
            if len(there) < symptom.needed:
                continue
            if sum(map(said.__getitem__, there)) > _LEAST * symptom.total - _ROUNDING:
                at = sorted(at for text in there for at in places[text])
                _keep(best, self._fit(symptom, at, tokens))
        for fit in self._vague_fits(tokens):
            if fit.type not in best:
                best[fit.type] = fit
        return self._with_context([best[number] for number in sorted(best)], tokens)

    def _phrases(self, kind: IssueType) -> dict[frozenset[str], float]:
        """What is said of a type, in tokens, with the factor of each."""
        phrases: dict[frozenset[str], float] = {}
        for text in kind.symptoms:
            phrases.setdefault(self.phrase(text), 1.0)
        for text in (kind.label, kind.key.replace("_", " ")):
            phrases.setdefault(self.phrase(text), _LABEL)
        phrases.pop(frozenset(), None)
        return phrases

    def _add(self, type: int, tokens: list[str], factor: float, types_with: Counter[str]) -> None:
        total = math.fsum(self.weight[token] for token in tokens)
        if len(tokens) == 1:
            if total < _TOO_COMMON and tokens[0] not in self.words.trouble:
                return
            factor *= _OF_COMMON if total < _COMMON else 1.0
        for token in self._needed(tokens, total):
            self._with.setdefault(token, []).append(len(self._symptoms))
        for token in tokens:
            if len(tokens) > 1 and types_with[token] <= _RARE and not token.startswith("~"):
                shares = self._vague.setdefault(token, {})
                shares[type] = max(shares.get(type, 0.0), factor * self.weight[token] / total)
        troubled = any(token.startswith("~") or token in self.words.trouble for token in tokens)
        needed = min(len(tokens), 2)
        self._symptoms.append(_Symptom(type, frozenset(tokens), needed, total, factor, troubled))

    def _needed(self, tokens: list[str], total: float) -> list[str]:
        """The tokens without any of which the others say too little: a symptom is kept by these."""
        heavy = sorted(tokens, key=lambda token: (self.weight[token], token))
        light = 0.0
        while light + self.weight[heavy[0]] < _LEAST * total:
            light += self.weight[heavy.pop(0)]
        return heavy

    def _fit(self, symptom: _Symptom, at: list[int], tokens: list[Token]) -> Fit | None:
        """The stretch of tokens that says most of a symptom in the least room."""
        size, total, weights = len(symptom.tokens), symptom.total, self.weight
        room, least, needed = size + _ROOM, _LEAST * total, symptom.needed
        top, most = 0.0, 0.0
        kept: tuple[int, ...] = ()
        for first, start in enumerate(at):
            origin = tokens[start].place
            seen: dict[str, int] = {}
            weight = 0.0
            for number in at[first:]:
                token = tokens[number]
                if token.place - origin > room:
                    break
                if token.text in seen:
                    continue
                seen[token.text] = number
                weight += weights[token.text]
                if len(seen) < needed or weight < least:
                    continue
                spread = max(0.0, token.place - origin + 1 - len(seen))
                value = (weight / total) ** _STEEP / (1 + _SPREAD * spread)
                if value > top:
                    top, most, kept = value, weight, tuple(seen.values())
        if not kept:
            return None
        specific = 0.5 + 0.5 * most / (most + _HALF)
        if symptom.troubled and not any(tokens[at].trouble for at in kept):
            specific *= _UNTROUBLED
        return Fit(symptom.type, top * symptom.factor * specific, most, kept)

    def _vague_fits(self, tokens: list[Token]) -> list[Fit]:
        """The fits of one rare word of a symptom that stands beside a word of trouble."""
        troubles = [token.place for token in tokens if token.trouble]
        fits = []
        for number, token in enumerate(tokens):
            shares = self._vague.get(token.text)
            if shares and any(0 < abs(place - token.place) <= _ROOM for place in troubles):
                for type, share in shares.items():
                    fits.append(Fit(type, _VAGUE * share, 0.0, (number,)))
        return sorted(fits, key=lambda fit: (-fit.score, fit.type, fit.at))

    def _with_context(self, fits: list[Fit], tokens: list[Token]) -> list[Fit]:
        """The fits with what their types' other words, said in the same sentences, add."""
        said: dict[int, dict[str, None]] = {}
        for token in tokens:
            if token.text in self._affine:
                said.setdefault(token.sentence, {})[token.text] = None
        better = []
        for fit in fits:
            near: dict[str, None] = {}
            for sentence in sorted({tokens[at].sentence for at in fit.at}):
                near.update(said[sentence])
            affine = 0.0
            for text in near:
                affine += self._affine[text].get(fit.type, 0.0)
            more = 1 - _AFFINE + _AFFINE * affine / (affine + _AFFINE_HALF)
            better.append(Fit(fit.type, fit.score * more, fit.weight, fit.at))
        return better


def _all_of(kind: IssueType) -> str:
    return " ".join((*kind.symptoms, kind.label, kind.key.replace("_", " ")))


def _keep(best: dict[int, Fit], fit: Fit | None) -> None:
    if fit:
        known = best.get(fit.type)
        if not known or (fit.score, fit.weight) > (known.score, known.weight):
            best[fit.type] = fit


_indexes: OrderedDict[str, SymptomIndex] = OrderedDict()
_lock = Lock()


def symptom_index(taxonomy: Taxonomy) -> SymptomIndex:
    """The index of a taxonomy, made once for each content and kept for the last few."""
    with _lock:
        known = _indexes.pop(taxonomy.sha256, None) or SymptomIndex(taxonomy, lexicon())
        _indexes[taxonomy.sha256] = known
        if len(_indexes) > _KEPT:
            _indexes.popitem(last=False)
        return known
