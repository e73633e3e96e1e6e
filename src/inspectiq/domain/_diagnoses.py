"""The result of a diagnosis: what is wrong, why, how urgent, what to do, and what to find out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from inspectiq._values import Value
from inspectiq.domain._findings import CodeMatter, Finding, Quantity
from inspectiq.domain._photo import PhotoFault
from inspectiq.domain._results import PhotoOutcome, Result, Status, decide_status
from inspectiq.domain._severity import Severity
from inspectiq.domain._taxonomy import System

__all__ = [
    "Answered",
    "Cause",
    "Diagnosis",
    "Problem",
    "Question",
    "WordsOutcome",
    "decide_diagnosis_status",
]


class Cause(Value):
    """Another possible cause.

    Attributes:
        cause: The cause.
        tell_apart: What to look at or try to tell it from the probable one; None if unknown.
    """

    cause: str
    tell_apart: str | None = None


class Problem(Finding):
    """A finding of a diagnosis. Its `severity` is its urgency, with basis and deadlines.

    Attributes:
        system: Which part of the building it belongs to.
        cause: The probable cause; None where none can be told.
        other_causes: What else it may be.
        steps: What to do, in order.
        do_now: What to do at once, until somebody comes.
        quantity: How much of it.
        code_matter: A possible code matter, or None.
    """

    system: System = "other"
    cause: str | None = None
    other_causes: tuple[Cause, ...] = ()
    steps: tuple[str, ...] = ()
    do_now: tuple[str, ...] = ()
    quantity: Quantity | None = None
    code_matter: CodeMatter | None = None

    @property
    def urgency(self) -> Severity:
        """How soon something must be done; another name of `severity`."""
        return self.severity


class WordsOutcome(Value):
    """Whether the words of a case were assessed, and why not.

    Attributes:
        status: `none` came; `assessed`; `triaged`, read by rules only; `unclear`; `failed`.
        reason: Why they are unclear.
        fault: Why they failed.
        engine: Identity of the engine that read them.
    """

    status: Literal["none", "assessed", "triaged", "unclear", "failed"]
    reason: str | None = None
    fault: PhotoFault | None = None
    engine: str | None = None


class Question(Value):
    """A question to the people who live there.

    Attributes:
        id: The key to answer it by, such as `q1`.
        question: The question.
    """

    id: str
    question: str


class Answered(Question):
    """A question with its answer.

    Attributes:
        id: Key of the question.
        question: The question.
        answer: The words that were said to it.
    """

    answer: Annotated[str, Field(min_length=1, max_length=5_000, repr=False)]


class Diagnosis(Result):
    """The result of a diagnosis.

    Attributes:
        kind: Tells results apart in JSON.
        findings: What is wrong, the most urgent first.
        urgency: Of the case: that of the most urgent finding, raised by any emergency; None where
            nothing was found.
        account: The engine's explanation of the case, in plain words; "" where it gives none.
        contradiction: How photos and words contradict each other; "" where they do not.
        words: Whether the words were assessed.
        questions: Questions worth asking next.
        answers: Questions that were answered so far.
        photos_next: Which photos to take next.
    """

    _named: ClassVar[str] = "findings"

    kind: Literal["diagnosis"] = "diagnosis"
    findings: tuple[Problem, ...] = ()
    urgency: Severity | None = None
    account: str = ""
    contradiction: str = ""
    words: WordsOutcome
    questions: tuple[Question, ...] = ()
    answers: tuple[Answered, ...] = ()
    photos_next: tuple[str, ...] = ()


def decide_diagnosis_status(outcomes: Sequence[PhotoOutcome], words: WordsOutcome) -> Status:
    """Decides the status: complete (photos and words assessed), failed (none seen), or partial."""
    of_photos = decide_status(tuple(outcomes)) if outcomes else None
    of_words: Status | None = None
    if words.status != "none":
        by_status: dict[str, Status] = {"assessed": "complete", "failed": "failed"}
        of_words = by_status.get(words.status, "partial")
    told = {status for status in (of_photos, of_words) if status is not None}
    return told.pop() if len(told) == 1 else "partial" if told else "failed"
