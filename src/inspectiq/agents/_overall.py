"""What a diagnosis says of the whole, from what several answers said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from inspectiq._text import to_one_line
from inspectiq.agents._observations import DiagnosisOverall, Unclear
from inspectiq.agents._outcomes import build_fault
from inspectiq.agents._reasoning import ResultDraft
from inspectiq.domain._diagnoses import Answered, Diagnosis, Problem, Question, WordsOutcome

__all__ = ["Whole", "combine_overall"]

MOST = 6  # questions, and photos to take; our assumption
LINE = 500  # characters of one of them


@dataclass(frozen=True, slots=True)
class Whole:
    """Fields of a diagnosis that are said once."""

    account: str
    contradiction: str
    words: WordsOutcome
    questions: tuple[Question, ...]
    photos_next: tuple[str, ...]

    def fields(self) -> dict[str, Any]:
        """By the names that a diagnosis has for them."""
        return {name: getattr(self, name) for name in self.__slots__}


def combine_overall(
    reading: ResultDraft[Problem], earlier: Diagnosis | None, answers: Sequence[Answered]
) -> Whole:
    """What is said of the whole by the answers that count, each thing once.

    Args:
        reading: What was read of the case.
        earlier: The diagnosis that it goes on with.
        answers: All answers so far.
    """
    standing = {id(item.stands) for item in reading.standing.values() if item.stands is not None}
    said = [
        reply.overall
        for reply in reading.replies
        if id(reply) in standing and isinstance(reply.overall, DiagnosisOverall)
    ]
    asked = list(earlier.questions) if earlier else []
    done = {answer.id for answer in answers}
    open_still = [question for question in asked if question.id not in done]
    new = _lines(text for one in said for text in one.questions)
    numbers = count(len({question.id for question in asked} | done) + 1)
    known = {question.question for question in (*asked, *answers)}
    more = [Question(id=f"q{next(numbers)}", question=text) for text in new if text not in known]
    return Whole(
        account=" ".join(dict.fromkeys(one.account.strip() for one in said if one.account.strip())),
        contradiction=" ".join(_lines(one.contradiction or "" for one in said)),
        words=_words(reading, earlier),
        questions=tuple([*open_still, *more][:MOST]),
        photos_next=tuple(_lines(text for one in said for text in one.photos_next)[:MOST]),
    )


def _lines(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(line for text in texts if (line := to_one_line(text, LINE))))


def _words(reading: ResultDraft[Problem], earlier: Diagnosis | None) -> WordsOutcome:
    """What became of the words: of a case that goes on, of those that came last."""
    case, item = reading.case, reading.standing.get("")
    if earlier is None and not case.description.strip():
        return WordsOutcome(status="none")
    if item is None:
        return WordsOutcome(status="failed")
    if item.stands is None:
        return WordsOutcome(status="failed", fault=build_fault(item.fault("")))
    response = item.stands.answer.response
    overall = item.stands.overall
    assert response is not None
    verdict = overall.words if isinstance(overall, DiagnosisOverall) else None
    triage = response.engine.groups is not None
    unclear = verdict if isinstance(verdict, Unclear) else None
    return WordsOutcome(
        status="unclear" if unclear else "triaged" if triage else "assessed",
        reason=unclear.unclear if unclear else None,
        engine=response.engine.identity,
    )
