"""Wire models: what an engine fills in. Strict: no defaults, closed lists, nothing derivable.

They ask only for what must be seen; the taxonomy supplies trade, unit, usual action and code
category. Subclass `IssueObservation` to ask for more: the new fields reach `issue.extra`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, create_model

from inspectiq._refusals import RefusingModel
from inspectiq.domain._findings import Area
from inspectiq.domain._photo import Box, PhotoRef
from inspectiq.domain._taxonomy import Condition, Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.transports._wire import BOX_SCALE

__all__ = [
    "DiagnosisOverall",
    "EvidenceObservation",
    "IssueObservation",
    "OtherCause",
    "PhotoVerdict",
    "ProblemObservation",
    "RepairCost",
    "Unclear",
    "WireModel",
    "WireObservation",
    "bind_taxonomy",
    "find_added_fields",
]

MOST_MONEY = 10_000_000
"""The most that is believed of an engine's guess, in units of a currency; our assumption."""

Thousandth = Annotated[int, Field(ge=0, le=BOX_SCALE)]
Guess = Annotated[float, Field(ge=0, le=MOST_MONEY)]


class WireModel(RefusingModel):
    """Base of wire models: every field is required, unknown ones are refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Unclear(WireModel):
    """Verdict on a photo, or on words, that the engine cannot make sense of.

    Attributes:
        unclear: Why it is unclear.
        retake: What to photograph instead.
    """

    unclear: str
    retake: str | None


PhotoVerdict = Literal["assessed"] | Unclear
"""Whether a photo could be assessed; one for each photo of a request, so mostly one word."""


class EvidenceObservation(WireModel):
    """A photo that shows a finding, and where.

    Attributes:
        photo: Its number in the request, from 1.
        box: `[x0, y0, x1, y1]` in whole thousandths, 0-1000, of the picture that was sent, from its
            upper left corner; null where the place cannot be told.
    """

    photo: int
    box: Annotated[list[Thousandth], Field(min_length=4, max_length=4)] | None

    def to_box(self, photo: PhotoRef) -> Box | None:
        """Returns the box on the whole upright original; None without one, or if it has no area."""
        if self.box is None:
            return None
        x0, y0, x1, y1 = (value / BOX_SCALE for value in self.box)
        if x0 >= x1 or y0 >= y1:
            return None
        return photo.to_upright(Box(x0=x0, y0=y0, x1=x1, y1=y1))


class RepairCost(WireModel):
    """An engine's guess of what a repair costs as hired work; asked for on demand only.

    Attributes:
        low: The lower end, in the currency that it was asked for.
        high: The upper end.
    """

    low: Guess
    high: Guess


class WireObservation(WireModel):
    """The fields that every finding on the wire has.

    Attributes:
        issue_type: Key of a type; limited to the agent's taxonomy before the schema is made.
        description: What is seen.
        evidence: The photos that show it.
        facts: Keys of facts; limited to the taxonomy as well.
        severity: The engine's proposal; null where it has none.
        confidence: 0–1.
    """

    issue_type: str
    description: str
    evidence: list[EvidenceObservation]
    facts: list[str]
    severity: Literal["low", "medium", "high", "critical"] | None
    confidence: Annotated[float, Field(ge=0, le=1)]


class IssueObservation(WireObservation):
    """A finding of an inspection on the wire.

    Attributes:
        location: Where, in words.
        area: The dwelling (`unit`), shared parts (`inside`), or `outside`.
        extent: How much, in the type's unit.
        condition: Wear, damage or unclear.
        unusual_action: What to do, where it differs from the type's usual repair.
        hours: Hours of work.
    """

    location: str | None
    area: Area
    extent: Annotated[float, Field(ge=0)] | None
    condition: Condition
    unusual_action: str | None
    hours: Annotated[float, Field(ge=0)] | None


class OtherCause(WireModel):
    """Another possible cause.

    Attributes:
        cause: The cause.
        tell_apart: What would tell it from the probable one; null where nothing would.
    """

    cause: str
    tell_apart: str | None


class ProblemObservation(WireObservation):
    """A finding of a diagnosis on the wire.

    Attributes:
        revises: Number of the earlier finding that this one replaces; null for a new one.
        location: Where, in words.
        extent: How much, in the type's unit.
        cause: The probable cause; null where none can be told.
        other_causes: What else it may be.
        steps: What to do, in order.
        do_now: What to do at once.
        diy: Whether a handy occupant could mend it.
        hours: Hours of work.
        materials: What is needed.
    """

    revises: int | None
    location: str | None
    extent: Annotated[float, Field(ge=0)] | None
    cause: str | None
    other_causes: list[OtherCause]
    steps: list[str]
    do_now: list[str]
    diy: bool | None
    hours: Annotated[float, Field(ge=0)] | None
    materials: list[str]


class DiagnosisOverall(WireModel):
    """What an engine says about the whole case of a diagnosis, on the wire.

    Attributes:
        words: Whether the words could be understood; null where none came.
        account: What it all looks like, in two or three sentences.
        contradiction: How photos and words contradict each other; null where they do not.
        questions: What is worth asking the occupant.
        photos_next: Which photos would help.
    """

    words: Literal["assessed"] | Unclear | None
    account: str
    contradiction: str | None
    questions: list[str]
    photos_next: list[str]


ObservationT = TypeVar("ObservationT", bound=WireObservation)


def bind_taxonomy(
    taxonomy: Taxonomy, model: type[ObservationT], *, costs: bool = False
) -> type[ObservationT]:
    """Limits `issue_type` and `facts` of a wire model to what the taxonomy knows.

    Args:
        taxonomy: The types and facts to allow.
        model: Wire model of a finding.
        costs: Whether it is asked for a `repair_cost` as well.

    Raises:
        ConfigError: A field has a default, or one that ships is made another kind of thing.
    """
    bound: type[ObservationT] = _bind_once(taxonomy, model, costs)
    return bound


@lru_cache(maxsize=64)  # agents are made often, and of few kinds
def _bind_once(taxonomy: Taxonomy, model: type[WireObservation], costs: bool) -> Any:
    """Builds an agent's wire model, limited to the taxonomy's types and facts; kept for reuse."""
    for name, field in model.model_fields.items():
        if not field.is_required():
            raise ConfigError(
                f"{model.__name__}.{name} has a default; wire fields have none, so that engines "
                f"with strict schemas take them: write `{name}: ... | None` where it may be missing"
            )
    _check_overrides(model)
    fields: dict[str, Any] = {
        "issue_type": (_make_literal(kind.key for kind in taxonomy.types), ...),
        "facts": (_make_facts_type(taxonomy), ...),
    }
    if costs:
        fields["repair_cost"] = (RepairCost | None, ...)
    return create_model(model.__name__, __base__=model, **fields)


def _check_overrides(model: type[WireObservation]) -> None:
    """Makes sure that fields that ship take no values that they would not take as they ship."""
    shipped = _find_shipped(model)
    for name, own in shipped.model_fields.items():
        given = model.model_fields[name].annotation
        if given != own.annotation and not _list_kinds(given) <= _list_kinds(own.annotation):
            raise ConfigError(
                f"{model.__name__}.{name} is a field that ships, with a meaning of its own; give "
                "yours another name"
            )


def _list_kinds(annotation: Any) -> set[str]:
    """Lists the kinds of JSON values that a field takes."""
    schema = TypeAdapter(annotation).json_schema()
    options = schema.get("anyOf", [schema])
    return {option.get("type") or option.get("$ref", "") for option in options}


def _find_shipped(model: type[WireObservation]) -> type[WireObservation]:
    """Finds the wire model that ships and that this one is, or is a subclass of."""
    shipped: type[WireObservation] = next(
        base for base in model.__mro__ if base.__module__ == __name__
    )
    return shipped


def find_added_fields(model: type[WireObservation]) -> frozenset[str]:
    """Finds the fields that a subclass of a shipped wire model adds to it."""
    return frozenset(model.model_fields) - frozenset(_find_shipped(model).model_fields)


def _make_facts_type(taxonomy: Taxonomy) -> Any:
    if not taxonomy.facts:
        return Annotated[list[str], Field(max_length=0)]
    return list[_make_literal(taxonomy.facts)]  # type: ignore[misc]


def _make_literal(values: Iterable[str]) -> Any:
    return Literal[tuple(values)]
