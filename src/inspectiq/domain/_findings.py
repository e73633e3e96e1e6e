"""Findings: what was seen, where, how bad, what to do, and on which evidence."""

from __future__ import annotations

import builtins  # a finding's own `type` hides the built-in one
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, JsonValue, PrivateAttr

from inspectiq._refusals import read_as, validate_raw
from inspectiq._short_forms import shorten
from inspectiq._taking import refuse
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FROZEN, FrozenMap, Value
from inspectiq.domain._agreement import Agreement
from inspectiq.domain._calibrated import CalibratedShare
from inspectiq.domain._handles import Handles
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._observed import Observed, Share
from inspectiq.domain._photo import SHOWN_SIDE, Box
from inspectiq.domain._reviews import Decision, Review
from inspectiq.domain._severity import Severity
from inspectiq.domain._stored import keep_unknown, read_with_unknown
from inspectiq.domain._taxonomy import CodeCategory, Condition, Unit
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "Area",
    "CodeMatter",
    "ConditionBasis",
    "Evidence",
    "Finding",
    "Issue",
    "Location",
    "Quantity",
    "Scope",
    "find_most_urgent",
    "sort_worst_first",
    "sum_costs",
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
    """How much, as estimated from photos.

    Attributes:
        amount: How much, in `unit`.
        unit: What is counted: that of the finding's type.
    """

    amount: Annotated[float, Field(ge=0)]
    unit: Unit


class Scope(Value):
    """The repair of a finding: what to do, who does it, with what.

    Attributes:
        action: What to do, in a sentence.
        trade: Who usually does it; `open` where that cannot be told yet.
        diy: Whether a handy occupant could; False where the taxonomy forbids it, None if unknown.
        materials: What is needed, where somebody named it; see also `Finding.materials`.
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
    """A possible building-code matter. Potential: verify with the local authority.

    Attributes:
        category: Which kind of building code may matter.
        note: More about it, in words.
    """

    category: CodeCategory
    note: str | None = None


@hide_locals
class Finding(Value):
    """Base of findings: the fields that those of inspections and of diagnoses share.

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
        agreement: In how many of several reads it was seen; None where photos were read once. It
            is no confidence.
        look: Which look at its photos saw it: the `first`, the `second`, or `both`.
        cost: An estimate, or None.
        reviews: What people decided about it, the last one last.
        calibrated: What the stated confidence is worth, by reviews; None where no calibration told.
        extra: Wire fields that a subclass of the agent asked for.
    """

    id: str = ""
    type: str
    group: str
    label: str
    observed: Observed
    location: Location = Field(default_factory=Location)
    severity: Severity = Field(
        default_factory=lambda: Severity.needs_review(because="not graded yet")
    )
    scope: Scope
    evidence: tuple[Evidence, ...] = ()
    review: tuple[str, ...] = ()
    agreement: Agreement | None = None
    look: Literal["first", "second", "both"] = "first"
    cost: CostEstimate | None = None
    reviews: tuple[Review, ...] = ()
    calibrated: CalibratedShare | None = None
    extra: Annotated[Mapping[str, JsonValue], FROZEN] = FrozenMap()

    _handles: Handles = PrivateAttr(default_factory=Handles)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "id", self.id
        yield "type", shorten(self.type)
        yield "level", self.severity.level
        if self.location.room:
            yield "room", shorten(self.location.room)
        yield "photos", len({item.photo_id for item in self.evidence})
        if self.cost:
            yield "cost", self.cost.expected
        if self.reviews:
            yield "decision", self.reviews[-1].decision

    def with_review(
        self,
        decision: Decision,
        *,
        by: str,
        at: datetime,
        because: str = "",
        **changes: Any,
    ) -> Self:
        """Applies a person's decision; `reviews` keeps the finding as it was before.

        Args:
            decision: `accepted`, `edited` or `rejected`. A rejected finding stays, counts no more.
            by: Who decided.
            at: When; with a time zone.
            because: Why.
            changes: Of an edited finding, the fields that change, such as `severity`, `scope`,
                `label` or `location`. What an engine saw is evidence and stays.

        Raises:
            ConfigError: An edit without changes, changes without an edit, a field that is fixed, or
                a value that does not fit.
        """
        self._check_changes(decision, changes)
        before = FrozenMap[JsonValue](self.model_dump(mode="json", exclude={"reviews"}))
        review = Review(
            decision=decision,
            by=by,
            at=at,
            because=because,
            changed=tuple(changes),
            before=before,
        )
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        looked_at = {} if decision == "rejected" else {"review": ()}  # a person has looked
        reviewed = type(self).model_validate(
            {**fields, **looked_at, **changes, "reviews": (*self.reviews, review)}
        )
        keep_unknown(reviewed, self.model_extra)
        return reviewed

    @classmethod
    def _check_changes(cls, decision: Decision, changes: Mapping[str, Any]) -> None:
        if decision == "accepted" and isinstance(changes.get("severity"), str):
            raise ConfigError(
                "severity: what is accepted stays as it is; to have it graded again, give "
                "severity_policy="
            )
        if (decision == "edited") != bool(changes):
            raise ConfigError(
                f"{decision} with {', '.join(changes) or 'no changes'}; an edit, and only an edit, "
                "gives the fields that change"
            )
        free = [name for name in cls.model_fields if name not in _FIXED]
        if fixed := [name for name in changes if name not in free]:
            raise ConfigError(f"{fixed[0]!r} cannot be edited; what can is {', '.join(free)}")
        for name, value in changes.items():
            if name in _MADE_BY and isinstance(value, str | bytes | int | float | Decimal):
                refuse(value, name, f"give {_MADE_BY[name]}")
        if "type" in changes and not {"group", "label"} <= changes.keys():
            raise ConfigError("another type has another group and label; give both with it")

    @property
    def is_rejected(self) -> bool:
        """Whether a person rejected it."""
        return bool(self.reviews) and self.reviews[-1].decision == "rejected"

    @property
    def is_confirmed(self) -> bool:
        """Whether a person accepted or edited it."""
        return bool(self.reviews) and not self.is_rejected

    @property
    def original(self) -> Self:
        """The finding as it was before any review."""
        if not self.reviews:
            return self
        return read_with_unknown(partial(validate_raw, type(self)), self.reviews[0].before)

    @property
    def materials(self) -> tuple[str, ...]:
        """What its repair needs: as its scope names it, else as its cost counts it."""
        lines = self.cost.lines if self.cost else ()
        counted = (line.label for line in lines if line.kind == "materials")
        return self.scope.materials or tuple(
            label.rpartition(", ")[0] if label.endswith(" waste") else label for label in counted
        )

    def was_edited(self, field: str) -> bool:
        """Tells whether a person set this field."""
        return any(field in review.changed for review in self.reviews)

    def show(self, photo_id: str | None = None, *, long_side: int = SHOWN_SIDE) -> Image.Image:
        """Shows a photo of it with its boxes, while it is of a live result.

        A notebook displays what a cell ends with. Of a stored result it is
        `result.show(finding, photos="photos/")`.

        Args:
            photo_id: Which of the photos that show it; if not given, the first one with a box.
            long_side: The most pixels on the longer side.

        Raises:
            ConfigError: No photo shows it, or the photo is not remembered, or is another one now.
            PhotoError: It cannot be read any more.
        """
        from inspectiq.reports._showing import show_finding

        return show_finding(self, self._handles.by_id, photo_id, long_side)

    def _repr_html_(self) -> str:
        from inspectiq.reports._notebook_finding import render_finding

        return render_finding(self, self._handles.by_id)

    def read_extra(self, model: builtins.type[ModelT]) -> ModelT:
        """Reads the extra fields into a model of the caller's.

        Raises:
            ConfigError: The fields do not fit the model, or it is none.
        """
        return read_as(model, FrozenMap[Any](self.extra).to_dict())


_FIXED = frozenset(
    {"id", "observed", "evidence", "review", "agreement", "look", "reviews", "calibrated"}
)
"""Fields of a finding that nobody edits."""

_MADE_BY = {
    "severity": "a Severity, such as policy.make_severity('low', because='...', case=result.case)",
    "cost": "a CostEstimate, such as CostEstimate.stated_range(90, 150, 'USD', 'our surveyor')",
    "quantity": "a Quantity, such as Quantity(amount=9, unit='sq_ft')",
    "location": "a Location, such as Location(room='Bathroom')",
    "scope": "a Scope, such as finding.scope.model_copy(update={'action': '...'})",
}
"""Fields that a person may give a plain value for, and what it must be instead."""

FindingT = TypeVar("FindingT", bound=Finding)


def sort_worst_first(findings: Iterable[FindingT], photo_ids: Sequence[str]) -> list[FindingT]:
    """Sorts findings by severity, then by the photos that show them; rejected ones last."""
    place = {photo_id: number for number, photo_id in enumerate(photo_ids)}
    last = len(place)

    def rank(finding: FindingT) -> tuple[bool, float, int]:
        shown = (place.get(item.photo_id, last) for item in finding.evidence)
        return finding.is_rejected, -finding.severity.order, min(shown, default=last)

    return sorted(findings, key=rank)


def find_most_urgent(findings: Iterable[Finding]) -> Severity | None:
    """Finds the severity of the worst finding that nobody rejected; None where there is none."""
    standing = [finding.severity for finding in findings if not finding.is_rejected]
    return max(standing, key=lambda severity: severity.order, default=None)


def sum_costs(findings: Iterable[Finding]) -> CostEstimate | None:
    """Adds up what findings cost; None where nothing was priced, or in several currencies.

    What a person rejected costs nothing.
    """
    found = [finding for finding in findings if not finding.is_rejected]
    costs = [finding.cost for finding in found if finding.cost is not None]
    if len({cost.currency for cost in costs}) != 1:
        return None
    total = CostEstimate.total(costs)
    if missing := len(found) - len(costs):
        note = f"{missing} of {len(found)} findings have no price in the book"
        return total.model_copy(update={"notes": (*total.notes, note)})
    return total


class ConditionBasis(Value):
    """The evidence for wear or for damage, for a person to weigh; no share of blame.

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
        condition_basis: The evidence for wear or damage; None where nothing was looked up.
        code_matter: A possible code matter, or None.
    """

    quantity: Quantity | None = None
    condition: Condition = "unclear"
    condition_basis: ConditionBasis | None = None
    code_matter: CodeMatter | None = None
