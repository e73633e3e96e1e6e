"""Errors that end a run: nothing was answered, and only the caller can mend it."""

from __future__ import annotations

from collections.abc import Sequence

from inspectiq.agents._answers import Answer
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    OutputError,
    QuotaExhausted,
)
from inspectiq.transports._wire import asks_overall

__all__ = ["find_caller_error", "is_callers"]

CALLER_ERRORS = (ConfigError, AuthenticationFailed, QuotaExhausted)
"""Errors that the caller must mend, no matter which photos were sent."""


def find_caller_error(answers: Sequence[Answer]) -> InspectIQError | None:
    """Finds the error that ends a run: nothing was answered, and the caller must mend something.

    A provider that takes requests for malformed and does not say why may mean a photo. It is
    believed to mean all of them once two photos (or one and the words) were refused each on its
    own, or the only photo there is; and where photos were asked about together, some of these.
    """
    if any(map(_was_answered, answers)):
        return None
    return _find_certain(answers) or _find_budget_error(answers) or _find_shared_refusal(answers)


def is_callers(error: InspectIQError | None) -> bool:
    """Tells whether a provider refused a request for what the caller wrote into it."""
    return isinstance(error, BadRequest) and error.is_callers


def _find_certain(answers: Sequence[Answer]) -> InspectIQError | None:
    """Finds an error that the caller must mend without a doubt."""
    errors = (answer.error for answer in answers)
    return next((one for one in errors if isinstance(one, CALLER_ERRORS) or is_callers(one)), None)


def _find_budget_error(answers: Sequence[Answer]) -> InspectIQError | None:
    """Finds the error of a run whose budget was too small."""
    errors = [answer.error for answer in answers]
    spent = next((error for error in errors if isinstance(error, BudgetExceeded)), None)
    # Where only what was asked to find out was too much, the refusal must be mended.
    return spent and next(filter(_is_malformed, errors), spent)


def _find_shared_refusal(answers: Sequence[Answer]) -> InspectIQError | None:
    """Finds the refusal that is believed to mean all photos."""
    alone = [answer for answer in answers if _is_malformed(answer.error) and _is_alone(answer)]
    return alone[0].error if alone and _means_all(answers, alone) else None


def _means_all(answers: Sequence[Answer], alone: Sequence[Answer]) -> bool:
    """Tells whether what was refused alone is enough to believe that all would be refused."""
    subjects = {subject for answer in answers for subject in _list_subjects(answer)}
    refused = {answer.request.photo_ids for answer in alone}
    asked_apart = all(_is_alone(answer) for answer in answers)
    probed = asked_apart or any(answer.request.ask > 1 for answer in alone)
    return probed and len(refused) >= min(2, len(subjects))


def _was_answered(answer: Answer) -> bool:
    """Tells whether an engine answered, if only with what cannot be used."""
    return answer.error is None or isinstance(answer.error, OutputError)


def _is_malformed(error: InspectIQError | None) -> bool:
    return isinstance(error, BadRequest) and error.reason == "malformed"


def _is_alone(answer: Answer) -> bool:
    return len(answer.request.photos) <= 1


def _list_subjects(answer: Answer) -> list[str]:
    """Lists an answer's photo ids; `""` too if words were judged or no photo was sent."""
    request = answer.request
    judged = bool(request.words) and asks_overall(request.schema)
    return [*request.photo_ids, *([""] if judged or not request.photos else [])]
