"""Reads answers: checks them, and turns them into typed verdicts and observations."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from inspectiq.agents._answers import Answer
from inspectiq.agents._case import Case
from inspectiq.agents._observations import PhotoVerdict, Unclear, WireModel, WireObservation
from inspectiq.agents._prompt_leaks import remove_canary
from inspectiq.errors import (
    ConfigError,
    InspectIQError,
    OutputError,
    OutputInvalid,
    OutputTruncated,
    TransportError,
)
from inspectiq.transports._base import VisionRequest, VisionResponse
from inspectiq.transports._checking import check_response, write_taxonomy_hint
from inspectiq.transports._wire import asks_overall, make_photo_key

__all__ = ["Reading", "read_answers"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)


@dataclass(frozen=True, slots=True)
class Reading(Generic[ObservationT]):
    """An answer, read into typed verdicts and observations.

    Attributes:
        answer: The answer.
        verdicts: By photo id; only those without an error.
        observations: Findings on the wire.
        overall: What was said about the whole case, if that was asked.
        errors: By photo id, why there is no usable verdict.
        leaked: Whether the engine gave away the canary of its instructions.
    """

    answer: Answer
    verdicts: dict[str, PhotoVerdict] = field(default_factory=dict)
    observations: tuple[ObservationT, ...] = ()
    overall: WireModel | None = None
    errors: dict[str, InspectIQError] = field(default_factory=dict)
    leaked: bool = False

    @property
    def was_answered(self) -> bool:
        """Whether an engine answered, even if the answer cannot be used."""
        if self.answer.response is not None:
            return True
        return isinstance(self.answer.error, OutputInvalid | OutputTruncated)

    @property
    def is_triage(self) -> bool:
        """Whether an engine answered that cannot see all groups of the taxonomy."""
        response = self.answer.response
        return response is not None and response.engine.groups is not None

    @property
    def photo_count(self) -> int:
        """How many photos were asked about together."""
        return len(self.answer.request.photos)

    @property
    def photo_ids(self) -> tuple[str, ...]:
        """Ids of the photos that were asked about; `""` for words, or a request without photos."""
        return tuple(photo_id for _, photo_id in _number_photos(self.answer.request))

    def find_photo_id(self, number: int) -> str | None:
        """Returns the id of the photo of that number; None if no such photo was sent."""
        for part in self.answer.request.photos:
            if part.number == number:
                return part.photo.id
        return None

    def find_shown(self, observation: WireObservation) -> tuple[str, ...]:
        """Lists the ids of the photos that were sent and that an observation names."""
        ids = (self.find_photo_id(item.photo) for item in observation.evidence)
        return tuple(dict.fromkeys(photo_id for photo_id in ids if photo_id is not None))

    def find_subjects(self, observation: WireObservation) -> tuple[str, ...]:
        """Lists the photos that an observation may be about: all, where it names none."""
        return self.find_shown(observation) or self.photo_ids


def read_answers(
    case: Case,
    answers: Iterable[Answer],
    model: type[ObservationT],
    overall: type[WireModel] | None = None,
) -> list[Reading[ObservationT]]:
    """Reads answers, sorted by look, read, round and photos; no text of an engine makes it raise.

    Args:
        case: The case that they are about.
        answers: In any order within a round.
        model: Wire model of a finding, which the schema was made from.
        overall: Wire model of `overall`, if the schema asks for it.

    Raises:
        ConfigError: One is about a photo that the case does not have.
    """
    order = {photo.id: position for position, photo in enumerate(case.photos)}
    readings = [_read_answer(answer, model, overall) for answer in answers]
    for reading in readings:
        _check_photos(reading, order)
    return sorted(
        readings,
        key=lambda reading: (
            reading.answer.request.look,
            reading.answer.request.read,
            reading.answer.request.ask,
            order.get(reading.photo_ids[0], 0),
        ),
    )


def _check_photos(reading: Reading[Any], known: Container[str | None]) -> None:
    for photo_id in reading.photo_ids:
        if photo_id and photo_id not in known:
            raise ConfigError(
                f"an answer is about photo {photo_id}, which the case does not have; "
                "absorb answers with the case that was planned"
            )


def _read_answer(
    answer: Answer,
    model: type[ObservationT],
    overall: type[WireModel] | None,
) -> Reading[ObservationT]:
    response = _check_answer(answer)
    numbered = _number_photos(answer.request)
    if isinstance(response, InspectIQError):
        return Reading(answer, errors={photo_id: response for _, photo_id in numbered})
    assert response.output is not None
    output, leaked = remove_canary(response.output.to_dict(), answer.request.instructions)
    observations, refused = _read_observations(output["issues"], model, numbered, response)
    errors = _list_errors(response, numbered) | refused
    verdicts = {
        photo_id: _read_verdict(output["photos"][make_photo_key(number)])
        for number, photo_id in numbered
        if number and photo_id not in errors
    }
    said = output.get("overall")
    whole = overall.model_validate(said) if overall and said is not None else None
    return Reading(answer, verdicts, observations, whole, errors, leaked)


def _check_answer(answer: Answer) -> VisionResponse | InspectIQError:
    """Returns the checked response, or the error that came instead."""
    if answer.response is None:
        assert answer.error is not None
        return answer.error
    try:
        return check_response(answer.request, answer.response)
    except (OutputError, TransportError) as invalid:
        return invalid


def _list_errors(
    response: VisionResponse, numbered: Iterable[tuple[int, str]]
) -> dict[str, InspectIQError]:
    """Lists by photo id what the check found wrong."""
    problems = response.problems
    return {
        photo_id: _make_error(response, number, problems[str(number)])
        for number, photo_id in numbered
        if str(number) in problems
    }


def _read_observations(
    written: Iterable[dict[str, Any]],
    model: type[ObservationT],
    numbered: Sequence[tuple[int, str]],
    response: VisionResponse,
) -> tuple[tuple[ObservationT, ...], dict[str, InspectIQError]]:
    """Reads findings; returns them, and by photo id the errors of those that the model refused."""
    observations: list[ObservationT] = []
    errors: dict[str, InspectIQError] = {}
    for raw in written:
        try:
            observations.append(model.model_validate(raw))
        except Exception as refusal:
            # The schema holds, a validator of the host's own model does not, or fails.
            for number, photo_id in _find_named(raw, numbered) or numbered:
                error = _make_error(response, number, "a finding was not accepted")
                error.__cause__ = refusal
                errors[photo_id] = error
    return tuple(observations), errors


def _find_named(
    raw: Mapping[str, Any], numbered: Iterable[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Finds the photos that a finding names as evidence."""
    named = {item["photo"] for item in raw["evidence"]}
    return [(number, photo_id) for number, photo_id in numbered if number in named]


def _read_verdict(value: object) -> PhotoVerdict:
    return "assessed" if value == "assessed" else Unclear.model_validate(value)


def _number_photos(request: VisionRequest) -> Sequence[tuple[int, str]]:
    """Lists number and id of each photo; `(0, "")` for `overall`, or if there are no photos."""
    numbered = [(part.number, part.photo.id or "") for part in request.photos]
    return [*numbered, (0, "")] if asks_overall(request.schema) or not numbered else numbered


def _make_error(response: VisionResponse, number: int, wrong: str) -> OutputInvalid:
    return OutputInvalid(
        f"the answer cannot be used for this photo ({wrong}){write_taxonomy_hint([wrong])}",
        problems={number: wrong},
        attempts=response.usage.requests,
    )
