"""Findings, cases and rows of the tables that each profile is tested with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from inspectiq import Issue, Property, Severity, SeverityPolicy, Taxonomy
from inspectiq.domain import CaseFacts, Location, Observed, Scope
from inspectiq.domain._findings import Area
from inspectiq.domain._taxonomy import Condition


def finding(
    type: str = "clog",
    proposed: str | None = None,
    *facts: str,
    extent: float | None = None,
    confidence: float | None = 0.9,
    room: str | None = None,
    area: Area = "unit",
    condition: Condition | None = None,
    review: Sequence[str] = (),
    id: str = "",
) -> Issue:
    kind = Taxonomy.default()[type]
    return Issue(
        id=id,
        type=type,
        group=kind.group,
        label=kind.label,
        observed=Observed(
            description="x",
            facts=facts,
            proposed_level=proposed,
            confidence=confidence,
            extent=extent,
            condition=condition,
        ),
        location=Location(room=room, area=area),
        scope=Scope(trade=kind.trade),
        review=tuple(review),
    )


def case(
    *,
    zone: str | None = None,
    at_risk: bool | None = None,
    inspected: str | None = None,
    reported: str | None = None,
    investigated: str | None = None,
) -> CaseFacts:
    """A case whose moments are given as the wall of its time zone shows them."""

    def moment(text: str | None) -> datetime | None:
        if text is None:
            return None
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone or "UTC"))

    return CaseFacts(
        id="c",
        property=Property(time_zone=zone, occupants_at_risk=at_risk),
        inspected_at=moment(inspected),
        reported_at=moment(reported),
        investigated_at=moment(investigated),
    )


@dataclass(frozen=True)
class Row:
    """What is seen and when, and what a policy makes of it."""

    type: str
    proposed: str | None
    level: str | None
    rule: str
    due: tuple[str | None, ...] = ()
    facts: tuple[str, ...] = ()
    seen: dict[str, Any] = field(default_factory=dict)
    when: dict[str, Any] = field(default_factory=dict)

    def check(self, policy: SeverityPolicy, **when: Any) -> Severity:
        severity = policy.grade(
            finding(self.type, self.proposed, *self.facts, **self.seen), case(**(when | self.when))
        )
        assert (severity.level, severity.rule) == (self.level, self.rule)
        assert severity.proposed == self.proposed
        due = [deadline.due and deadline.due.isoformat() for deadline in severity.deadlines]
        assert tuple(due) == self.due
        for deadline in severity.deadlines:
            assert deadline.source.endswith(("[V]", "[S]", "[A]"))
            assert (deadline.due is None) == (deadline.needs is not None)
        assert severity.source.endswith(("[V]", "[S]", "[A]"))
        return severity
