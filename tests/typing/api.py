"""What users write must type-check: mypy --strict reads this file, nothing runs it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, Unpack, assert_type

from inspectiq import (
    Case,
    Diagnosis,
    DiagnosisAgent,
    EngineProfile,
    Inspection,
    InspectionAgent,
    Issue,
    IssueObservation,
    Limits,
    Photo,
    PhotoOutcome,
    Preview,
    Property,
    Severity,
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
)
from inspectiq.agents import CaseFields
from inspectiq.domain import CaseFacts
from inspectiq.events import Event
from inspectiq.reports import to_csv, to_dataframe
from inspectiq.transports import Checked


class Engine:
    profile = EngineProfile(provider="mine", model="v1")

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        return VisionResponse(text="{}", engine=self.profile.to_record())


class Wrapper(WrapperTransport):
    async def send(self, request: VisionRequest, /) -> VisionResponse:
        return await super().send(request)


class Watcher:
    def on_event(self, event: Event, /) -> None: ...


class Keeper:
    async def accept(self, result: Inspection, /) -> None: ...


class PoolObservation(IssueObservation):
    water: Literal["clear", "green"] | None


class PoolAgent(InspectionAgent[PoolObservation]):
    observation_model = PoolObservation

    def refine(self, observation: PoolObservation, case: CaseFacts) -> Issue | None:
        assert_type(observation.water, Literal["clear", "green"] | None)
        return super().refine(observation, case)

    def merge(self, findings: Sequence[Issue], case: CaseFacts) -> Sequence[Issue]:
        return findings[:10]

    def grade(self, finding: Issue, case: CaseFacts) -> Severity:
        return self.severity.make_severity("high", because="house rule")


class LeaseAgent(InspectionAgent):
    def inspect_lease(
        self, photos: Any, /, *, lease: str, **case: Unpack[CaseFields]
    ) -> Inspection:
        case["tags"] = {**(case.get("tags") or {}), "lease": lease}
        return self.inspect(photos, **case)


transport: Transport = Wrapper(Checked(Engine()))
case = Case(photos=(Photo.from_path("a.jpg"),), tags={"portfolio": "north"})
agent = InspectionAgent(transport, observers=[Watcher()], sinks=[Keeper()])
assert_type(agent.inspect("photos/"), Inspection)
assert_type(agent.inspect(Case(photos=(Photo.from_path("a.jpg"),))), Inspection)
pool = PoolAgent("offline", sinks=[Keeper()])
assert_type(pool.inspect(["a.jpg", b"bytes"]), Inspection)

agent.inspect(
    "photos/",
    id="c",
    property=Property(country="US"),
    description="It leaks.",
    room="kitchen",
    inspected_at=datetime(2026, 1, 1, tzinfo=UTC),
    reported_at=None,
    investigated_at=None,
    language="es",
    tags={"tenant": "t1"},
    revision=2,
    limits=Limits(usd=Decimal("0.50"), deadline=60),
    observers=[Watcher()],
)
agent.inspect("photos/", idd="c")  # type: ignore[call-arg]
agent.inspect("photos/", tags="north")  # type: ignore[arg-type]
agent.inspect("photos/", revision="2")  # type: ignore[arg-type]
agent.inspect("photos/", limits={"usd": 1})  # type: ignore[arg-type]
agent.inspect("photos/", observers=[Keeper()])  # type: ignore[list-item]
assert_type(agent.preview("photos/", room="kitchen"), Preview)
agent.preview("photos/", rooms="kitchen")  # type: ignore[call-arg]
LeaseAgent("offline").inspect_lease("photos/", lease="L1", id="c")
LeaseAgent("offline").inspect_lease("photos/", lease="L1", idd="c")  # type: ignore[call-arg]
diagnoser = DiagnosisAgent("offline")
said = diagnoser.diagnose((), "It leaks.", id="c", limits=Limits(calls=1), observers=[Watcher()])
assert_type(said, Diagnosis)
diagnoser.diagnose(descripton="It leaks.")  # type: ignore[call-arg]
assert_type(diagnoser.answer(said, {"q1": "yes"}, limits=Limits(calls=1)), Diagnosis)
assert_type(said["p1"], PhotoOutcome)
assert_type(agent.inspect("photos/")["p1"], PhotoOutcome)
assert_type(said.to_records("photos"), list[dict[str, Any]])
assert_type(to_csv(one for one in (said, agent.inspect("photos/"))), str)
said.to_csv("rooms")  # type: ignore[arg-type]
to_dataframe([said], library="spark")  # type: ignore[arg-type]


async def go() -> None:
    async with agent:
        assert_type(await agent.ainspect("photos/"), Inspection)
