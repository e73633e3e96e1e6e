"""Findings: what was seen, where, how bad, what to do, and on which evidence."""

from __future__ import annotations

import builtins  # a finding's own `type` hides the built-in one
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, JsonValue

from inspectiq.domain.base import FROZEN, FrozenMap, Moment, Value
from inspectiq.domain.money import CostEstimate
from inspectiq.domain.observed import Observed, Share
from inspectiq.domain.photo import Box
from inspectiq.domain.taxonomy import CodeCategory, Condition, Unit

__all__ = [
    "Area",
    "CodeMatter",
    "ConditionBasis",
    "Deadline",
    "Evidence",
    "Finding",
    "Issue",
    "Location",
    "Quantity",
    "Scope",
    "Severity",
    "total_cost",
    "worst_first",
]

Area = Literal["unit", "inside", "outside"]
ModelT = TypeVar("ModelT", bound=BaseModel)


class Evidence(Value):
    """One photo that shows a finding.

    Attributes:
        photo_id: Which photo, as in the result's photo outcomes.
        box: Where on the whole upright original; None where the engine gave no place.
        note: What the engine said of this photo, if anything.
        engine: Identity hash of the engine that saw it.
        prompt_sha256: Content hash of the instructions that it was given.
        confidence: 0–1, None where the engine gave none.
        confidence_source: `stated` by a model, or `score` of a detector; neither is a probability.
    """

    photo_id: str
    box: Box | None = None
    note: str | None = None
    engine: str
    prompt_sha256: str
    confidence: Share | None = None
    confidence_source: Literal["stated", "score"] = "stated"


class Location(Value):
    """Where a finding is.

    Attributes:
        room: The room, as the host, the folder or the engine named it.
        area: `unit` (the dwelling), `inside` (shared parts), `outside`.
        words: Plain words, such as "left of the window".
    """

    room: str | None = None
    area: Area = "unit"
    words: str | None = None


class Quantity(Value):
    """How much, as estimated from photos."""

    amount: Annotated[float, Field(ge=0)]
    unit: Unit


class Scope(Value):
    """What to do about a finding.

    Attributes:
        action: What to do, in a sentence.
        trade: Who usually does it.
        diy: Whether a handy occupant could; False where the taxonomy forbids it, None if unknown.
        materials: What is needed.
        hours: Hours of work; None where nobody estimated them.
        warnings: Safety warnings.
    """

    action: str | None = None
    trade: str
    diy: bool | None = None
    materials: tuple[str, ...] = ()
    hours: Annotated[float | None, Field(ge=0)] = None
    warnings: tuple[str, ...] = ()


class CodeMatter(Value):
    """A possible building-code matter. Potential: verify with the local authority."""

    category: CodeCategory
    note: str | None = None


class Deadline(Value):
    """A time by which something is to be done.

    Attributes:
        action: What is to be done, such as `make safe`.
        clock: Which moment starts it, such as `reported_at`.
        start: That moment; None if unknown.
        due: The time; None where the start is unknown.
        rule: The rule that set it, and the time zone that it is told in.
        needs: What is missing to tell the time, such as `reported_at`.
        source: Where the time limit comes from, with its mark.
    """

    action: str
    clock: Literal["reported_at", "investigated_at", "inspected_at"]
    start: Moment | None = None
    due: Moment | None = None
    rule: str
    needs: str | None = None
    source: str = ""


class Severity(Value):
    """How bad a finding is, and who says so.

    Attributes:
        level: Key of a level of the severity profile; None where a person must look first.
        rank: Order of the level within its profile, 1 the mildest.
        label: Plain words.
        colour: Colour of the level, as `#rrggbb`; None where it has none.
        proposed: The level that the engine proposed, kept beside the decision.
        rule: What decided, such as the id of a rule.
        source: Where the rule comes from, with its mark.
        deadlines: Several where a profile has several clocks.
        review: Why a person must look, also where a floor gives a level meanwhile; empty where
            nobody needs to.
    """

    level: str | None
    rank: Annotated[int | None, Field(ge=1)] = None
    label: str
    colour: Annotated[str | None, Field(pattern=r"^#[0-9a-f]{6}$")] = None
    proposed: str | None = None
    rule: str
    source: str = ""
    deadlines: tuple[Deadline, ...] = ()
    review: str = ""

    @classmethod
    def needs_review(cls, *, because: str, proposed: str | None = None) -> Severity:
        """No level and no deadline: a person must look first."""
        return cls(
            level=None, label="needs review", proposed=proposed, rule=because, review=because
        )

    @property
    def is_review(self) -> bool:
        return self.level is None

    @property
    def order(self) -> float:
        """For sorting, larger is worse; what needs review stands just above the mildest level."""
        return 1.5 if self.rank is None else float(self.rank)


def _not_graded() -> Severity:
    return Severity.needs_review(because="not graded yet")


class Finding(Value):
    """What every finding has, of an inspection or of a diagnosis.

    Attributes:
        id: Stable: the same evidence under the same case gives the same id.
        type: Key of its type in the taxonomy.
        group: Key of the type's group.
        label: Plain words of the type.
        observed: What the engine said, as it was graded.
        location: Where.
        severity: How bad, with deadlines.
        scope: What to do.
        evidence: The photos that show it; empty where only words do.
        review: Why a person must look at it first; empty where nobody need to.
        cost: An estimate, or None.
        extra: Wire fields that a subclass of the agent asked for.
    """

    id: str = ""
    type: str
    group: str
    label: str
    observed: Observed
    location: Location = Field(default_factory=Location)
    severity: Severity = Field(default_factory=_not_graded)
    scope: Scope
    evidence: tuple[Evidence, ...] = ()
    review: tuple[str, ...] = ()
    cost: CostEstimate | None = None
    extra: Annotated[Mapping[str, JsonValue], FROZEN] = FrozenMap()

    def extra_as(self, model: builtins.type[ModelT]) -> ModelT:
        """The extra fields as a model of the caller's.

        Raises:
            pydantic.ValidationError: The fields do not fit the model.
        """
        extra = FrozenMap[Any](self.extra).to_dict()
        return model.model_validate(extra)


FindingT = TypeVar("FindingT", bound=Finding)


def worst_first(findings: Iterable[FindingT], photo_ids: Sequence[str]) -> list[FindingT]:
    """Findings by severity, and within a level by the photos that show them."""
    place = {photo_id: number for number, photo_id in enumerate(photo_ids)}
    last = len(place)

    def rank(finding: FindingT) -> tuple[float, int]:
        shown = (place.get(item.photo_id, last) for item in finding.evidence)
        return -finding.severity.order, min(shown, default=last)

    return sorted(findings, key=rank)


def total_cost(findings: Iterable[Finding]) -> CostEstimate | None:
    """The sum of what findings cost; None where nothing was priced, or in several currencies."""
    found = list(findings)
    costs = [finding.cost for finding in found if finding.cost is not None]
    if len({cost.currency for cost in costs}) != 1:
        return None
    total = CostEstimate.total(costs)
    if missing := len(found) - len(costs):
        note = f"{missing} of {len(found)} findings have no price in the book"
        return total.model_copy(update={"notes": (*total.notes, note)})
    return total


class ConditionBasis(Value):
    """What speaks for wear or for damage, for a person to weigh; no share of blame.

    Attributes:
        condition: As the finding has it.
        listed: What a published guide calls this type; None where it names none.
        useful_life: Years; None if unknown.
        age: Years; None if nobody said.
        past_life: Whether it has outlived its useful life; None where that cannot be told.
        reasons: All of it in words, each with its source and mark.
    """

    condition: Condition
    listed: Condition | None = None
    useful_life: int | None = None
    age: Annotated[Decimal | None, Field(ge=0)] = None
    past_life: bool | None = None
    reasons: tuple[str, ...] = ()


class Issue(Finding):
    """A finding of an inspection.

    Attributes:
        quantity: How much of it.
        condition: Wear, damage or unclear; never a share of blame.
        condition_basis: What else is known of that; None where nothing was looked up.
        code_matter: A possible code matter, or None.
    """

    quantity: Quantity | None = None
    condition: Condition = "unclear"
    condition_basis: ConditionBasis | None = None
    code_matter: CodeMatter | None = None
