"""What users write must type-check: mypy --strict reads this file, nothing runs it."""

from collections.abc import Sequence
from typing import Literal, assert_type

from inspectiq import (
    Case,
    EngineProfile,
    Inspection,
    InspectionAgent,
    Issue,
    IssueObservation,
    Photo,
    Severity,
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
)
from inspectiq.domain import CaseFacts
from inspectiq.events import Event
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


transport: Transport = Wrapper(Checked(Engine()))
case = Case(photos=(Photo.from_path("a.jpg"),), tags={"portfolio": "north"})
agent = InspectionAgent(transport, observers=[Watcher()], sinks=[Keeper()])
assert_type(agent.inspect("photos/"), Inspection)
assert_type(agent.inspect(Case(photos=(Photo.from_path("a.jpg"),))), Inspection)
pool = PoolAgent("offline", sinks=[Keeper()])
assert_type(pool.inspect(["a.jpg", b"bytes"]), Inspection)


async def go() -> None:
    async with agent:
        assert_type(await agent.ainspect("photos/"), Inspection)
