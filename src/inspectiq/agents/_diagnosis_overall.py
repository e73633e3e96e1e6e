"""Combines what readings say about the whole case: account, words, questions, photos to take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from inspectiq._text import to_one_line
from inspectiq.agents._observations import DiagnosisOverall, Unclear
from inspectiq.agents._photo_outcomes import build_fault
from inspectiq.agents._readings import Reading
from inspectiq.agents._result_draft import ResultDraft
from inspectiq.domain._diagnoses import Problem, Question, WordsOutcome

__all__ = ["OverallFields", "combine_overall"]

MOST = 6  # questions, and photos to take; our assumption
LINE = 500  # characters of one of them


@dataclass(frozen=True, slots=True)
class OverallFields:
    """The fields of a diagnosis that are about the whole case."""

    account: str
    contradiction: str
    words: WordsOutcome
    questions: tuple[Question, ...]
    photos_next: tuple[str, ...]

    def to_fields(self) -> dict[str, Any]:
        """Returns the fields by name, as a diagnosis takes them."""
        return {name: getattr(self, name) for name in self.__slots__}


def combine_overall(draft: ResultDraft[Problem]) -> OverallFields:
    """Combines what the accepted readings say about the whole case, without repeats."""
    said = _list_overall(draft)
    accounts = dict.fromkeys(one.account.strip() for one in said if one.account.strip())
    return OverallFields(
        account=" ".join(accounts),
        contradiction=" ".join(_list_lines(one.contradiction for one in said)),
        words=_build_words_outcome(draft),
        questions=_list_questions(draft, said),
        photos_next=tuple(_list_lines(text for one in said for text in one.photos_next)[:MOST]),
    )


def _list_overall(draft: ResultDraft[Problem]) -> list[DiagnosisOverall]:
    accepted = {id(photo.accepted) for photo in draft.by_photo.values()}
    return [
        reading.overall
        for reading in draft.readings
        if id(reading) in accepted and isinstance(reading.overall, DiagnosisOverall)
    ]


def _list_questions(
    draft: ResultDraft[Problem], said: Iterable[DiagnosisOverall]
) -> tuple[Question, ...]:
    """Lists the questions that are still open, then new ones, numbered on."""
    answered = {answer.id for answer in draft.answers}
    still_open = [question for question in draft.questions if question.id not in answered]
    earlier = (*draft.questions, *draft.answers)
    known = {question.question for question in earlier}
    numbers = count(len({question.id for question in earlier}) + 1)
    lines = _list_lines(text for one in said for text in one.questions)
    new = [Question(id=f"q{next(numbers)}", question=text) for text in lines if text not in known]
    return tuple([*still_open, *new][:MOST])


def _list_lines(texts: Iterable[str | None]) -> list[str]:
    """Lists texts as single lines, each once; empty ones are left out."""
    lines = dict.fromkeys(to_one_line(text or "", LINE) for text in texts)
    lines.pop("", None)
    return list(lines)


def _build_words_outcome(draft: ResultDraft[Problem]) -> WordsOutcome:
    """Builds the outcome of the words: whether they were assessed; of a follow-up, the new ones."""
    if not any(text.strip() for _, text in draft.case.texts):
        return WordsOutcome(status="none")
    words = draft.by_photo.get("")
    if words is None:
        return WordsOutcome(status="failed")
    if words.accepted is None:
        return WordsOutcome(status="failed", fault=build_fault(words.find_error("")))
    return _build_accepted_outcome(words.accepted)


def _build_accepted_outcome(reading: Reading[Any]) -> WordsOutcome:
    response = reading.answer.response
    assert response is not None
    overall = reading.overall
    verdict = overall.words if isinstance(overall, DiagnosisOverall) else None
    unclear = verdict if isinstance(verdict, Unclear) else None
    return WordsOutcome(
        status="unclear" if unclear else "triaged" if reading.is_triage else "assessed",
        reason=unclear.unclear if unclear else None,
        engine=response.engine.identity,
    )
