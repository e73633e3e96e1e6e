"""A diagnosis that goes on: the case with what was found, asked and answered so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from inspectiq._text import to_one_line
from inspectiq._values import FrozenMap
from inspectiq.agents._case import Case
from inspectiq.domain._diagnoses import Answered, Diagnosis, Problem
from inspectiq.domain._findings import Quantity
from inspectiq.domain._property import CaseFacts
from inspectiq.errors import ConfigError
from inspectiq.photos._photo import Photo

__all__ = ["FollowUp", "carry_on", "make_follow_up", "mark_known_photos", "match_answers"]

TOLD = 300  # characters of an earlier finding that an engine is reminded of; our assumption


class FollowUp(Case):
    """A case that was diagnosed before.

    Attributes:
        earlier: What was found.
        answers: What was answered this time.
    """

    earlier: Diagnosis
    answers: tuple[Answered, ...]

    def problem(self, number: int | None) -> Problem | None:
        """The earlier finding of that number, as the engine is told it; None for no such one."""
        known = self.earlier.findings
        return known[number - 1] if number is not None and 1 <= number <= len(known) else None

    @property
    def told(self) -> str:
        """What an engine is reminded of: plain lines, of its own making."""
        lines = [
            f"{number}. {finding.type}: {to_one_line(finding.observed.description, TOLD)}"
            + (f" Cause: {to_one_line(finding.cause, TOLD)}" if finding.cause else "")
            for number, finding in enumerate(self.earlier.findings, start=1)
        ]
        return "\n".join(lines) or "none"


def match_answers(diagnosis: Diagnosis, answers: Mapping[str, str]) -> tuple[Answered, ...]:
    """The answers with their questions.

    Raises:
        ConfigError: There is none, one is empty, or one is to a question that was not asked.
    """
    asked = {question.id: question.question for question in diagnosis.questions}
    if unknown := [key for key in answers if key not in asked]:
        known = ", ".join(asked) or "none"
        raise ConfigError(
            f"{unknown[0]!r} is no question of this diagnosis; it asked {known}: "
            "see diagnosis.questions"
        )
    if not answers:
        raise ConfigError("no answers; give a mapping from question ids to what was answered")
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
    """The case to go on with. Photos that were seen before are not asked about again.

    Args:
        diagnosis: What was found so far.
        answers: What was answered.
        photos: Photos to look at besides; those without an id of their own get a new one.
    """
    taken = {outcome.photo.id for outcome in diagnosis.photos}
    fresh = [
        photo.but(id=f"{photo.id}-{len(diagnosis.answers) + 2}") if photo.id in taken else photo
        for photo in photos
    ]
    facts = {name: getattr(diagnosis.case, name) for name in CaseFacts.model_fields}
    return FollowUp(
        **facts,
        photos=tuple(fresh),
        revision=diagnosis.revision,
        earlier=diagnosis,
        answers=answers,
    )


def mark_known_photos(case: FollowUp) -> FollowUp:
    """The examined case, in which a photo that was settled before is a duplicate of itself."""
    settled = {
        outcome.photo.original.sha256: outcome.photo.id
        for outcome in case.earlier.photos
        if outcome.photo.original and outcome.status in ("assessed", "triaged", "unclear")
    }

    def marked(photo: Photo) -> Photo:
        seen = photo.examined
        if seen is None or seen.error is not None or seen.ref.original is None:
            return photo
        known = settled.get(seen.ref.original.sha256)
        return photo.but(examined=replace(seen, duplicate_of=known)) if known else photo

    return case.model_copy(update={"photos": tuple(map(marked, case.photos))})


def carry_on(earlier: Sequence[Problem], findings: Sequence[Problem]) -> list[Problem]:
    """Earlier findings, each as it stands now, then the new ones. No evidence is lost.

    A finding replaces an earlier one if it has its id, or says the same again. It keeps the
    earlier one's id, evidence and facts: an answer cannot unsay what a photo shows. What a person
    reviewed stays as it was decided.
    """
    left = list(findings)
    now = []
    for known in earlier:
        newer = next((finding for finding in left if finding.id == known.id), None) or next(
            (finding for finding in left if not finding.id and _same(known, finding)), None
        )
        if newer is not None:
            left.remove(newer)
        now.append(_joined(known, newer))
    return [*now, *left]


def _same(known: Problem, finding: Problem) -> bool:
    rooms = {known.location.room, finding.location.room} - {None}
    return known.type == finding.type and len(rooms) < 2


def _larger(one: Quantity | None, other: Quantity | None) -> Quantity | None:
    known = [quantity for quantity in (one, other) if quantity is not None]
    return max(known, key=lambda quantity: quantity.amount, default=None)


def _joined(known: Problem, newer: Problem | None) -> Problem:
    if newer is None or known.reviews:
        return known
    facts = dict.fromkeys([*known.observed.facts, *newer.observed.facts])
    extents = [item.observed.extent for item in (known, newer) if item.observed.extent is not None]
    observed: dict[str, Any] = {"facts": tuple(facts), "extent": max(extents, default=None)}
    return newer.model_copy(
        update={
            "id": known.id,
            "observed": newer.observed.model_copy(update=observed),
            "evidence": tuple(dict.fromkeys([*known.evidence, *newer.evidence])),
            "steps": newer.steps or known.steps,
            "do_now": newer.do_now or known.do_now,
            "cause": newer.cause or known.cause,
            "other_causes": newer.other_causes or known.other_causes,
            "quantity": _larger(known.quantity, newer.quantity),
            "location": newer.location if newer.location.room else known.location,
            "review": tuple(dict.fromkeys([*known.review, *newer.review])),
            "extra": FrozenMap({**known.extra, **newer.extra}),
        }
    )
