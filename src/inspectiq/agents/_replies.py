"""Reads answers, and tells which of them stands for each photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from inspectiq.agents._canary import remove_canary
from inspectiq.agents._observations import PhotoVerdict, Unclear, WireModel, WireObservation
from inspectiq.errors import (
    BudgetExceeded,
    InspectIQError,
    OutputError,
    OutputInvalid,
    OutputTruncated,
    TransportError,
)
from inspectiq.transports._base import VisionRequest, VisionResponse
from inspectiq.transports._checking import check_response
from inspectiq.transports._wire import asks_overall, make_photo_key

__all__ = ["Answer", "PhotoReadings", "Reading", "group_by_photo", "read_answer"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)

NEARLY = 0.9  # of a bound on tokens: servers count a few otherwise than each other


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request: a response or an error."""

    request: VisionRequest
    response: VisionResponse | None = None
    error: InspectIQError | None = None

    def __post_init__(self) -> None:
        if (self.response is None) == (self.error is None):
            raise ValueError("an answer has either a response or an error")


@dataclass(frozen=True, slots=True)
class Reading(Generic[ObservationT]):
    """An answer as typed observations.

    Attributes:
        answer: Where it comes from.
        verdicts: By photo id; only those without a problem.
        observations: Findings on the wire.
        overall: What was said of the whole, where that was asked.
        problems: By photo id, why there is no usable verdict.
        leaked: Whether the engine gave away the canary of its instructions.
    """

    answer: Answer
    verdicts: dict[str, PhotoVerdict] = field(default_factory=dict)
    observations: tuple[ObservationT, ...] = ()
    overall: WireModel | None = None
    problems: dict[str, InspectIQError] = field(default_factory=dict)
    leaked: bool = False

    @property
    def was_accepted(self) -> bool:
        """Whether an engine took the request and answered, be it with nothing that can be used."""
        if self.answer.response is not None:
            return True
        return isinstance(self.answer.error, OutputInvalid | OutputTruncated)

    @property
    def photo_ids(self) -> tuple[str, ...]:
        """The photos it was about; `""` stands for the words, or for a request without photos."""
        return tuple(photo_id for _, photo_id in _numbered(self.answer.request))

    def photo_id(self, number: int) -> str | None:
        """The photo of that number, None if no such photo was sent."""
        for part in self.answer.request.photos:
            if part.number == number:
                return part.photo.id
        return None

    def shown(self, observation: WireObservation) -> tuple[str, ...]:
        """Ids of the photos that were sent and that an observation names."""
        ids = (self.photo_id(item.photo) for item in observation.evidence)
        return tuple(dict.fromkeys(photo_id for photo_id in ids if photo_id is not None))


@dataclass(frozen=True, slots=True)
class PhotoReadings(Generic[ObservationT]):
    """What stands for one photo.

    Attributes:
        last: The last reply about it.
        stands: The last reply that settles it; None if none does.
        findings_from: The reply whose findings count for it; also one that did not settle it.
        fault_from: The reply whose fault is told: the first of those about the fewest photos, or
            one that was never sent, for want of time or money.
        unusable: How many answers about it could not be used for their form or their length.
        cut_off: How many of them were cut off by the bound that was set for them.
    """

    last: Reading[ObservationT]
    stands: Reading[ObservationT] | None = None
    findings_from: Reading[ObservationT] | None = None
    fault_from: Reading[ObservationT] | None = None
    unusable: int = 0
    cut_off: int = 0

    def fault(self, photo_id: str) -> InspectIQError:
        """Why it is not settled."""
        return (self.fault_from or self.last).problems[photo_id]


def read_answer(
    answer: Answer,
    model: type[ObservationT],
    overall: type[WireModel] | None = None,
) -> Reading[ObservationT]:
    """An answer as typed observations; never raises for what an engine wrote.

    Args:
        answer: What came.
        model: The wire model of a finding that the schema was made of.
        overall: The one of the whole, where the schema asks for it.
    """
    ids = tuple(photo_id for _, photo_id in _numbered(answer.request))
    error = answer.error
    response = answer.response
    if response is not None:
        try:
            response = check_response(answer.request, response)
        except (OutputError, TransportError) as invalid:
            error = invalid
    if error is not None or response is None or response.output is None:
        assert error is not None
        return Reading(answer, problems=dict.fromkeys(ids, error))

    output, leaked = remove_canary(response.output.to_dict(), answer.request.instructions)
    problems: dict[str, InspectIQError] = {
        photo_id: _invalid(response, number, response.problems[str(number)])
        for number, photo_id in _numbered(answer.request)
        if str(number) in response.problems
    }
    observations: list[ObservationT] = []
    for raw in output["issues"]:
        try:
            observations.append(model.model_validate(raw))
        except Exception as refusal:
            # The schema holds, a validator of the host's own model does not, or fails.
            named = {item["photo"] for item in raw["evidence"]}
            numbered = list(_numbered(answer.request))
            for number, photo_id in [pair for pair in numbered if pair[0] in named] or numbered:
                problem = _invalid(response, number, "a finding was not accepted")
                problem.__cause__ = refusal
                problems[photo_id] = problem
    verdicts = {
        photo_id: _verdict(output["photos"][make_photo_key(number)])
        for number, photo_id in _numbered(answer.request)
        if number and photo_id not in problems
    }
    said = output.get("overall")
    return Reading(
        answer,
        verdicts,
        tuple(observations),
        overall.model_validate(said) if overall and said is not None else None,
        problems,
        leaked,
    )


def _verdict(value: object) -> PhotoVerdict:
    return "assessed" if value == "assessed" else Unclear.model_validate(value)


def _numbered(request: VisionRequest) -> Iterable[tuple[int, str]]:
    """Number and id of each photo; `(0, "")` for the whole, or for a request without photos."""
    numbered = [(part.number, part.photo.id or "") for part in request.photos]
    return [*numbered, (0, "")] if asks_overall(request.schema) or not numbered else numbered


def _invalid(response: VisionResponse, number: int, wrong: str) -> OutputInvalid:
    return OutputInvalid(
        f"the answer cannot be used for this photo ({wrong})",
        problems={number: wrong},
        attempts=response.usage.requests,
    )


def group_by_photo(
    replies: Sequence[Reading[ObservationT]],
) -> dict[str, PhotoReadings[ObservationT]]:
    """What stands for each photo that was asked about.

    The last reply without a problem settles a photo. Where none does, the findings of the last
    reply that names the photo still count: what was paid for and seen is not thrown away.
    """
    result: dict[str, PhotoReadings[ObservationT]] = {}
    for reply in replies:
        # A finding that names no photo may be about any of them.
        named = {
            photo_id
            for seen in reply.observations
            for photo_id in reply.shown(seen) or reply.photo_ids
        }
        for photo_id in reply.photo_ids:
            before = result.get(photo_id, PhotoReadings(reply))
            now = replace(before, last=reply)
            if photo_id not in reply.problems:
                now = replace(now, stands=reply, findings_from=reply)
            elif before.stands is None:
                now = _with_fault(now, reply, photo_id)
                if photo_id in named:
                    now = replace(now, findings_from=reply)
            result[photo_id] = now
    return result


def _with_fault(
    reading: PhotoReadings[ObservationT], reply: Reading[ObservationT], photo_id: str
) -> PhotoReadings[ObservationT]:
    error = reply.problems[photo_id]
    told = reading.fault_from
    bounded = isinstance(error, TransportError | BudgetExceeded) and not error.attempts
    # A run that was out of money or time says so; else the first fault in the least company.
    if told is None or bounded or _size(reply) < _size(told):
        told = reply
    unusable, cut_off = reading.unusable, reading.cut_off
    if isinstance(error, OutputTruncated) and not _by_its_bound(reply, error):
        unusable += 2 if _size(reply) <= 1 else 1  # a longer answer has no place in its context
    elif isinstance(error, OutputTruncated | OutputInvalid):
        unusable += 1
        cut_off += isinstance(error, OutputTruncated)
    return replace(reading, fault_from=told, unusable=unusable, cut_off=cut_off)


def _size(reply: Reading[Any]) -> int:
    return len(reply.answer.request.photos)


def _by_its_bound(reply: Reading[Any], error: OutputTruncated) -> bool:
    """Whether the bound of the request cut an answer off, and not what the engine has room for."""
    bound = reply.answer.request.max_output_tokens
    made = error.usage.output_tokens if error.usage else 0
    return not made or bound is None or made >= bound * NEARLY
