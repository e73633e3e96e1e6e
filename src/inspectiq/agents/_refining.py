"""Refines observations into findings, completed from their type in the taxonomy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._text import to_one_line
from inspectiq.agents._observations import IssueObservation, ProblemObservation
from inspectiq.domain._findings import Area, CodeMatter, Issue, Location, Quantity, Scope
from inspectiq.domain._observed import Observed
from inspectiq.domain._taxonomy import Condition, IssueType

if TYPE_CHECKING:
    from inspectiq.domain._diagnoses import Problem

__all__ = ["refine_observation"]

FindingT = TypeVar("FindingT", "Issue", "Problem")

PLACE_LIMIT = 200  # characters of a place in words; our assumption


def refine_observation(
    model: type[FindingT],
    observation: IssueObservation | ProblemObservation,
    kind: IssueType,
    *,
    diy: bool | None,
    action: str | None = None,
    area: Area = "unit",
    condition: Condition | None = None,
    materials: tuple[str, ...] = (),
    fields: Mapping[str, Any],
) -> FindingT:
    """Refines what was observed into a finding.

    Args:
        model: Class of the finding.
        observation: What was observed.
        kind: Its type in the taxonomy.
        diy: Whether a handy occupant could mend it; None if unknown.
        action: What to do, where it differs from what is usually done.
        area: Which part of the property it is in.
        condition: Wear or damage, as the engine saw it.
        materials: What is needed, where the engine was asked.
        fields: Fields that only this class has.
    """
    extent = observation.extent
    place = to_one_line(observation.location, PLACE_LIMIT) if observation.location else None
    return model(
        type=kind.key,
        group=kind.group,
        label=kind.label,
        observed=Observed(
            description=observation.description,
            facts=tuple(observation.facts),
            proposed_level=observation.severity,
            confidence=observation.confidence,
            extent=extent,
            condition=condition,
            hours=observation.hours,
            materials=materials,
        ),
        location=Location(area=area, words=place),
        scope=Scope(
            action=action or kind.action or None,
            trade=kind.trade,
            diy=diy,
            materials=materials,
            hours=observation.hours,
            warnings=(kind.safety,) if kind.safety else (),
        ),
        quantity=None if extent is None else Quantity(amount=extent, unit=kind.unit),
        code_matter=None if kind.code == "none" else CodeMatter(category=kind.code),
        **fields,
    )
