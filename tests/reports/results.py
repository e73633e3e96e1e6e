"""Results of scripted engines, for tests of tables."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

from inspectiq import (
    CostBook,
    Diagnosis,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    IssueObservation,
    Photo,
    Property,
    SeverityPolicy,
)
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tests.conftest import render_jpeg

INSPECTED = datetime.fromisoformat("2026-03-02T10:00-06:00")


def inspect(
    *issues: Any, agent: type[InspectionAgent[Any]] = InspectionAgent, **given: Any
) -> Inspection:
    """What a scripted engine says of three photos, of which it cannot tell one, and of no photo."""
    engine = FunctionTransport(
        lambda request: make_answer(request, issues, unclear={3: "too dark"})
    )
    seen = [Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}") for i in (1, 2, 3)]
    broken = Photo.from_bytes(b"no picture", name="broken.jpg", id="p4", room="attic")
    severity: SeverityPolicy | str = given.pop("severity", "house")
    made = agent(engine, severity=severity, photos_per_request=9, clock=lambda: INSPECTED)
    return made.inspect([*seen, broken], **{"id": "unit-4b", **given})


@cache
def inspect_kitchen() -> Inspection:
    """Three priced issues: the worst has a box and deadlines, the last was rejected by a person."""
    inspection = inspect(
        make_issue("panel_fault", 1, 2, box=(100, 200, 300, 400), severity="low", location="left"),
        make_issue("carpet_tear_burn", 2, extent=30, condition="damage"),
        make_issue("scuff_scratch", 1, severity="low", confidence=0.4, extent=2),
        property=Property(country="US", state="CA"),
        inspected_at=INSPECTED,
        reported_at=INSPECTED,
    )
    return inspection.with_review(
        inspection.issues[-1].id,
        "rejected",
        by="Ana Ruiz",
        at=INSPECTED,
        because="a shadow",
        cost_book=CostBook.default(),
    )


@cache
def diagnose_sink() -> Diagnosis:
    """A problem that words tell of."""
    scripted = make_problem(
        "clog",
        cause="grease",
        other_causes=[{"cause": "roots", "tell_apart": None}],
        steps=["Take the trap off.", "Clean it."],
    )
    engine = FunctionTransport(lambda request: make_answer(request, [scripted]))
    agent = DiagnosisAgent(engine, clock=lambda: datetime(2026, 3, 3, tzinfo=UTC))
    return agent.diagnose(description="The sink drains slowly.", id="unit-5")


class PoolObservation(IssueObservation):
    water: Literal["clear", "cloudy", "green"] | None
    depth: float | None
    lengths: int | None
    fenced: bool | None
    tiles: list[str] | None


class PoolAgent(InspectionAgent[PoolObservation]):
    """A host's agent, with fields of its own."""


def inspect_pool(**fields: Any) -> Inspection:
    """An issue with the fields of a host's agent; what is not given is None."""
    given = {name: fields.get(name) for name in ("water", "depth", "lengths", "fenced", "tiles")}
    return inspect(make_issue("water_stain", 1, extent=4, **given), agent=PoolAgent, id="pool-1")
