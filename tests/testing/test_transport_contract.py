"""The contract of transports, where agents of a host's own ask."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from inspectiq import (
    DiagnosisAgent,
    EngineProfile,
    InspectionAgent,
    IssueObservation,
    IssueType,
    ProblemObservation,
    Taxonomy,
    Transport,
    VisionRequest,
    VisionResponse,
)
from inspectiq.agents import Agent, WireModel
from inspectiq.errors import OutputInvalid
from inspectiq.testing import FunctionTransport, TransportContract, make_answer, make_issue
from inspectiq.transports import AnswerBuilder

ROOT = Path(__file__).parent.parent.parent
POOLS = Taxonomy.default().with_types(
    IssueType(key="pool_water", group="pool", label="Pool water", trade="pool_service"),
    groups={"pool": "Pool"},
)


class Sample(WireModel):
    chlorine: float | None
    taken: Literal["shallow", "deep"]


class PoolObservation(IssueObservation):
    water: Literal["clear", "green"]
    sample: Sample | None


class PoolAgent(InspectionAgent[PoolObservation]):
    pass


class NoiseObservation(ProblemObservation):
    noise: Literal["hum", "bang"] | None


class NoiseAgent(DiagnosisAgent[NoiseObservation]):
    pass


class PoolEngine:
    """Knows what a pool's agent asks for, and nothing else. It waits for nothing."""

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        own: dict[str, Any] = {"water": "green", "sample": {"chlorine": None, "taken": "deep"}}
        answer = AnswerBuilder(request)
        answer.add_finding(
            "pool_water",
            description="Green water.",
            confidence=0.9,
            evidence=[(1, (0.1, 0.1, 0.9, 0.9))],
            **{name: value for name, value in own.items() if name in answer.fields},
        )
        answer.set_overall("A pool.")
        profile = EngineProfile(model=type(self).__name__)
        return VisionResponse(text=answer.to_json(), engine=profile.to_record())


class TestPoolEngine(TransportContract):
    def make_transport(self) -> Transport:
        return PoolEngine()

    def make_agent(self, transport: Transport) -> Agent[Any, Any, Any]:
        return PoolAgent(transport, taxonomy=POOLS, photos_per_request=1)


class TestAnEngineThatIsAskedForADiagnosis(TransportContract):
    def make_transport(self) -> Transport:
        return FunctionTransport(make_answer)

    def make_agent(self, transport: Transport) -> Agent[Any, Any, Any]:
        return NoiseAgent(transport)


@pytest.mark.parametrize(
    "engine",
    [
        FunctionTransport(
            lambda request: make_answer(request, [make_issue("clog", 1, water="green")])[:-1]
        ),
        FunctionTransport(lambda request: '{"photos": {}, "issues": []}'),
        FunctionTransport(
            lambda request: make_answer(request, [make_issue("clog", 1, water="murky")])
        ),
    ],
    ids=["cut off", "no verdicts", "a value that there is not"],
)
def test_an_engine_that_answers_otherwise_than_it_is_asked_fails_it(engine: Transport) -> None:
    class Contract(TransportContract):
        def make_transport(self) -> Transport:
            return engine

    def fixture(name: str) -> Any:
        return getattr(TransportContract, name).__wrapped__

    contract = Contract()
    agent = PoolAgent(engine, taxonomy=POOLS, photos_per_request=2)
    case = fixture("case")(contract, agent)
    (request,) = agent.plan(case)
    with pytest.raises((OutputInvalid, AssertionError)):
        contract.test_the_agent_makes_a_result_of_its_answer(agent, case, request)


class SemaphoreEngine(PoolEngine):
    """Keeps a semaphore of asyncio, which belongs to the loop on which somebody waited for it."""

    def __init__(self) -> None:
        self.semaphore = asyncio.Semaphore(1)

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        async with self.semaphore:
            await asyncio.sleep(0)
            return await super().send(request)


def test_the_contract_finds_an_engine_that_serves_many_at_once_on_one_loop_only(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_it.py").write_text(
        "from tests.testing.test_transport_contract import (\n"
        "    POOLS, PoolAgent, SemaphoreEngine, TransportContract\n"
        ")\n"
        "class TestIt(TransportContract):\n"
        "    def make_transport(self):\n"
        "        return SemaphoreEngine()\n"
        "    def make_agent(self, transport):\n"
        "        return PoolAgent(transport, taxonomy=POOLS)\n"
    )
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    failed = re.findall(r"^FAILED test_it.py::TestIt::(\w+)", done.stdout, re.MULTILINE)
    assert failed == ["test_it_answers_many_at_once_on_one_loop_after_another"]
