"""A case that goes on from a diagnosis: what was found, asked and answered so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

from inspectiq._taking import require
from inspectiq._text import strip_invisible, to_one_line
from inspectiq._values import hash_content
from inspectiq.agents._case import Case, mark_as_data
from inspectiq.agents._merging import merge_earlier
from inspectiq.agents._result_draft import ResultDraft
from inspectiq.agents._yes_answers import state_affirmed
from inspectiq.domain._diagnoses import Answered, Diagnosis, Problem
from inspectiq.domain._emergencies import Screening
from inspectiq.domain._findings import Finding
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._suspicions import TextSource
from inspectiq.errors import ConfigError
from inspectiq.photos._photo import Photo

__all__ = ["FollowUp", "make_follow_up", "match_answers"]

FindingT = TypeVar("FindingT", bound=Finding)

TOLD = 300  # characters of an earlier finding that an engine is reminded of; our assumption
QUESTION_LIMIT = 500  # characters of a question that it is told

INTRODUCTION = (
    "This case goes on. Earlier findings, by number; their photos are not shown again. "
    "Report those that the answers change, with their number in `revises`, and new "
    "ones; leave the others out."
)


class FollowUp(Case):
    """A case that goes on from an earlier diagnosis, with answers and perhaps more photos.

    Attributes:
        earlier: The diagnosis that it goes on from.
        answers: What was answered this time.
    """

    earlier: Diagnosis
    answers: tuple[Answered, ...]

    def with_photos(self, photos: tuple[Photo, ...]) -> Self:
        """Returns the same case with other photos; those read before become duplicates."""
        read = {
            outcome.photo.original.sha256: outcome.photo.id
            for outcome in self.earlier.photos
            if outcome.photo.original and outcome.status in ("assessed", "triaged", "unclear")
        }
        return super().with_photos(tuple(_mark_known(photo, read) for photo in photos))

    @property
    def texts(self) -> tuple[tuple[TextSource, str], ...]:
        answers: list[tuple[TextSource, str]] = [
            ("answers", answer.answer) for answer in self.answers
        ]
        return (*super().texts, *answers)

    @property
    def words(self) -> str:
        return "\n".join(strip_invisible(answer.answer) for answer in self.answers)

    def describe(self) -> str:
        """Describes the case to an engine; earlier findings and all answers are marked as data."""
        findings = [
            f"{number}. {finding.type}: {to_one_line(finding.observed.description, TOLD)}"
            + (f" Cause: {to_one_line(finding.cause, TOLD)}" if finding.cause else "")
            for number, finding in enumerate(self.earlier.findings, start=1)
        ]
        exchange = [
            f"Question: {to_one_line(answer.question, QUESTION_LIMIT)}\n"
            f"Answer: {strip_invisible(answer.answer)}"
            for answer in self._all_answers
        ]
        return "\n".join(
            [
                super().describe(),
                INTRODUCTION,
                mark_as_data("The earlier findings", "\n".join(findings) or "none"),
                mark_as_data("Questions and answers", "\n".join(exchange)),
            ]
        )

    def screen_words(self, screen: Callable[[str], Screening]) -> Screening:
        """Screens the words and the answers; keeps the emergencies of the earlier diagnosis."""
        told = [answer.answer for answer in self.answers]
        told += [state_affirmed(answer.question, answer.answer) for answer in self.answers]
        now = screen("\n\n".join([self.description, *filter(None, told)]))
        before = self.earlier.emergencies
        kinds = {emergency.kind for emergency in before}
        urgent = (*before, *(one for one in now.emergencies if one.kind not in kinds))
        if not urgent:
            return now
        return now.model_copy(update={"status": "emergency", "emergencies": urgent, "reason": ""})

    def find_earlier(self, number: int | None) -> Problem | None:
        known = self.earlier.findings
        return known[number - 1] if number is not None and 1 <= number <= len(known) else None

    def carry_on(self, findings: Sequence[Any]) -> Sequence[Any]:
        return merge_earlier(self.earlier.findings, findings)

    def continue_draft(self, draft: ResultDraft[FindingT]) -> ResultDraft[FindingT]:
        given = [answer.model_dump() for answer in self._all_answers]
        suspicions = dict.fromkeys([*self.earlier.suspicions, *draft.suspicions])
        return replace(
            draft,
            id="r-" + hash_content([draft.id, self.earlier.id, given])[:32],
            parent=self.earlier.id,
            photos=(*self.earlier.photos, *draft.photos),
            suspicions=tuple(suspicions),
            questions=self.earlier.questions,
            answers=self._all_answers,
        )

    @property
    def _all_answers(self) -> tuple[Answered, ...]:
        return (*self.earlier.answers, *self.answers)


def match_answers(diagnosis: Diagnosis, answers: Mapping[str, str]) -> tuple[Answered, ...]:
    """Matches answers with their questions, by id.

    Raises:
        ConfigError: There is none, one is empty, or one is to a question that was not asked.
    """
    require(diagnosis, Diagnosis, "diagnosis", "give the diagnosis that asked")
    require(answers or {}, Mapping, "answers", "give a mapping from question ids to answers")
    asked = {question.id: question.question for question in diagnosis.questions}
    if not answers:
        raise ConfigError("no answers; give a mapping from question ids to what was answered")
    for key in answers:
        if key not in asked:
            raise ConfigError(
                f"{key!r} is no question of this diagnosis; it asked {', '.join(asked) or 'none'}: "
                "see diagnosis.questions"
            )
    try:
        return tuple(
            Answered(id=key, question=asked[key], answer=answer.strip())
            for key, answer in answers.items()
        )
    except (AttributeError, ValueError):
        raise ConfigError("an answer is text of 1 to 5,000 characters") from None


def make_follow_up(
    diagnosis: Diagnosis, answers: tuple[Answered, ...], photos: Sequence[Photo]
) -> FollowUp:
    """Makes the case that goes on from a diagnosis.

    Args:
        diagnosis: What was found so far.
        answers: What was answered.
        photos: Photos to look at besides; those without an id of their own get a new one.
    """
    taken = {outcome.photo.id for outcome in diagnosis.photos}
    fresh = [
        photo.replace(id=f"{photo.id}-{len(diagnosis.answers) + 2}") if photo.id in taken else photo
        for photo in photos
    ]
    facts = {name: getattr(diagnosis.case, name) for name in CaseFacts.model_fields}
    return FollowUp(
        **facts,
        photos=tuple(fresh),
        revision=diagnosis.revision + 1,
        earlier=diagnosis,
        answers=answers,
    )


def _mark_known(photo: Photo, read: Mapping[str, str]) -> Photo:
    """Marks an examined photo as a duplicate, where its content was read before."""
    seen = photo.examined
    if seen is None or seen.error is not None or seen.ref.original is None:
        return photo
    known = read.get(seen.ref.original.sha256)
    return photo.replace(examined=replace(seen, duplicate_of=known)) if known else photo
