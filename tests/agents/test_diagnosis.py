"""Diagnoses with scripted engines: what they answer says nothing about a real one."""

import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from inspectiq import (
    Case,
    ConfigError,
    Diagnosis,
    DiagnosisAgent,
    Photo,
    Problem,
    ProblemObservation,
    Property,
    SeverityPolicy,
    VisionRequest,
)
from inspectiq.errors import AuthenticationFailed, OutputRefused, ProviderUnavailable
from inspectiq.testing import FunctionTransport, capture_events, make_answer, make_problem
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
GAS = "I smell gas in the kitchen"


def _agent(
    *problems: Any, overall: Any = None, **options: Any
) -> tuple[DiagnosisAgent, FunctionTransport]:
    engine = FunctionTransport(lambda request: make_answer(request, problems, overall=overall))
    return DiagnosisAgent(engine, **options), engine


def test_words_alone_are_one_request_without_photos_and_their_findings_stand() -> None:
    agent, engine = _agent(make_problem("clog", severity="high", cause="hair in the trap"))
    diagnosis = agent.diagnose(description="The shower drains slowly.")
    assert [len(request.photos) for request in engine.requests] == [0]
    (found,) = diagnosis.findings
    assert (found.type, found.system, found.cause) == ("clog", "plumbing", "hair in the trap")
    assert found.evidence == ()
    assert found.review == ()
    assert found.urgency.level == "high"
    assert diagnosis.words.status == "assessed"
    assert diagnosis.status == "complete"
    assert diagnosis.urgency == found.urgency


def test_photos_of_several_rooms_are_looked_at_together_with_the_words(photos: Photos) -> None:
    agent, engine = _agent(make_problem("drain_leak", 1, 2))
    rooms = [*photos(2, room="kitchen"), Photo.from_bytes(render_jpeg(9), room="bath", id="b")]
    diagnosis = agent.diagnose(rooms, description="It drips.")
    (request,) = engine.requests
    assert len(request.photos) == 3
    assert "It drips." in request.text
    assert [item.photo_id for item in diagnosis.findings[0].evidence] == ["p1", "p2"]
    assert [outcome.status for outcome in diagnosis.photos] == ["assessed"] * 3


def test_photos_alone_need_no_words(photos: Photos) -> None:
    agent, _ = _agent(make_problem("drain_leak", 1))
    diagnosis = agent.diagnose(photos(1))
    assert diagnosis.words.status == "none"
    assert diagnosis.status == "complete"


def test_neither_photos_nor_words_is_a_config_error() -> None:
    agent, _ = _agent()
    for words in ("", "   ", "\u200b\u200e"):
        with pytest.raises(ConfigError, match="neither photos nor words"):
            agent.diagnose(description=words)


def test_too_many_words_are_a_config_error_and_just_enough_are_not() -> None:
    agent, _ = _agent()
    assert agent.diagnose(description="x " * 25_000).words.status == "assessed"
    with pytest.raises(ConfigError, match="description"):
        agent.diagnose(description="x" * 50_001)


def test_forty_photos_come_in_a_few_requests_and_what_words_tell_is_told_once(
    photos: Photos,
) -> None:
    agent, engine = _agent(make_problem("damp", 1), make_problem("clog"), make_problem("clog"))
    diagnosis = agent.diagnose(photos(40), description="Damp everywhere, two drains are slow.")
    assert len(engine.requests) == 4
    assert len(diagnosis.photos) == 40
    found = [one.type for one in diagnosis.findings]
    assert (found.count("damp"), found.count("clog")) == (4, 2)
    assert diagnosis.account == "scripted"


def test_what_words_tell_and_another_request_shows_is_one_problem(photos: Photos) -> None:
    rounds = iter([[make_problem("damp", facts=["growing"])], [make_problem("damp", 1)]])
    engine = FunctionTransport(lambda request: make_answer(request, next(rounds)))
    diagnosis = DiagnosisAgent(engine).diagnose(photos(11), description="It is damp.")
    (found,) = diagnosis.findings
    assert len(found.evidence) == 1
    assert found.observed.facts == ("growing",)


def test_a_case_serves_both_agents(photos: Photos) -> None:
    agent, _ = _agent(make_problem("clog", 1))
    case = Case(id="c-1", photos=photos(1), description="Slow drain")
    diagnosis = agent.diagnose(case)
    assert diagnosis.case.id == "c-1"
    assert diagnosis.id == agent.diagnose(case).id
    with pytest.raises(ConfigError, match="description"):
        agent.diagnose(case, description="more")


def test_what_is_said_of_the_whole_reaches_the_diagnosis(photos: Photos) -> None:
    agent, _ = _agent(
        overall={
            "account": "A leak at the trap.",
            "contradiction": "The photo shows a roof, the words tell of a sink.",
            "questions": ["Does it drip at night?", "Does it drip at night?"],
            "photos_next": ["The trap from below"],
        }
    )
    diagnosis = agent.diagnose(photos(1), description="The sink drips.")
    assert diagnosis.account == "A leak at the trap."
    assert [(item.id, item.question) for item in diagnosis.questions] == [
        ("q1", "Does it drip at night?")
    ]
    assert diagnosis.photos_next == ("The trap from below",)
    assert "do not go together" in diagnosis.to_markdown()
    assert "roof" in diagnosis.contradiction


def test_a_problem_has_causes_steps_hours_and_a_cost_that_adds_up(photos: Photos) -> None:
    agent, _ = _agent(
        make_problem(
            "supply_leak",
            1,
            cause="worn washer",
            other_causes=[{"cause": "cracked valve", "tell_apart": "look for a hairline"}],
            steps=["Close the valve.", "Replace the washer."],
            do_now=["Put a bucket below."],
            diy=True,
            hours=1.5,
            materials=["washer"],
        )
    )
    diagnosis = agent.diagnose(photos(1), property=Property(state="TX", country="US"))
    (found,) = diagnosis.findings
    assert found.scope.diy is True
    assert found.other_causes[0].tell_apart == "look for a hairline"
    assert found.cost is not None
    labour = next(line for line in found.cost.lines if line.kind == "labour")
    assert labour.quantity == Decimal("1.50")
    assert diagnosis.cost is not None
    assert diagnosis.cost.expected == found.cost.expected
    assert found.code_matter is not None
    report = diagnosis.to_markdown()
    for words in ("worn washer", "cracked valve", "Put a bucket below", "about 1.5 hours"):
        assert words in report


@pytest.mark.parametrize("kind", ["gas_leak_reported", "panel_fault", "sewage", "flue_fault"])
def test_no_engine_can_propose_an_amateur_for_what_the_taxonomy_vetoes(kind: str) -> None:
    agent, _ = _agent(make_problem(kind, diy=True))
    (found,) = agent.diagnose(description="Something is wrong.").findings
    assert found.scope.diy is False
    assert "not a job for an amateur" in agent.diagnose(description="x").to_markdown()


def test_the_report_has_the_sections_of_the_first_app(photos: Photos) -> None:
    agent, _ = _agent(make_problem("supply_leak", 1, severity="high"))
    report = agent.diagnose(photos(1), description="It leaks.").to_markdown()
    for title in (
        "Summary",
        "What We Think Is Happening",
        "How Urgent Is It?",
        "Recommended Next Steps",
        "Estimated Cost & Time",
        "Safety Notes",
    ):
        assert f"\n## {title}\n" in report


def test_an_emergency_raises_the_urgency_and_says_what_to_do_whatever_the_engine_says() -> None:
    agent, _ = _agent(make_problem("odor_reported", severity="low"))
    with capture_events() as seen:
        diagnosis = agent.diagnose(description=GAS, property=Property(country="US"))
    assert diagnosis.emergencies[0].kind == "gas_smell"
    assert diagnosis.urgency is not None
    assert diagnosis.urgency.level == "critical"
    assert "911" in " ".join(diagnosis.emergencies[0].instructions)
    report = diagnosis.to_markdown()
    assert report.index("Emergency: act now") < report.index("## Summary")
    names = [type(event).__name__ for event in seen]
    assert names.index("EmergencyDetected") < names.index("RequestSent")


def test_instructions_name_no_number_where_the_country_is_not_known() -> None:
    agent, _ = _agent()
    (urgent,) = agent.diagnose(description=GAS).emergencies
    assert not any(char.isdigit() for step in urgent.instructions for char in step)


def test_in_an_emergency_a_wrong_key_is_a_failed_result_that_says_what_to_do() -> None:
    def refuse(_: VisionRequest) -> str:
        raise AuthenticationFailed("wrong key", provider="scripted")

    agent = DiagnosisAgent(FunctionTransport(refuse))
    with pytest.raises(AuthenticationFailed):
        agent.diagnose(description="The tap drips.")
    diagnosis = agent.diagnose(description=GAS)
    assert diagnosis.status == "failed"
    assert diagnosis.words.fault is not None
    assert diagnosis.words.fault.error == "AuthenticationFailed"
    assert diagnosis.emergencies
    assert diagnosis.urgency is not None
    assert "Emergency: act now" in diagnosis.to_markdown()


@pytest.mark.usefixtures("no_waits")
def test_a_network_that_is_down_is_told_and_no_clean_bill() -> None:
    def down(_: VisionRequest) -> str:
        raise ProviderUnavailable("no route", provider="scripted")

    agent = DiagnosisAgent(FunctionTransport(down))
    diagnosis = agent.diagnose(description="The tap drips.")
    assert diagnosis.status == "failed"
    assert diagnosis.urgency is None
    assert "the words could not be assessed" in diagnosis.summary.headline
    assert "could not be read by an engine" in diagnosis.to_markdown()


def test_words_that_were_asked_with_a_refused_photo_are_asked_on_their_own(photos: Photos) -> None:
    def answer(request: VisionRequest) -> str:
        if request.photos:
            raise OutputRefused("declined")
        return make_answer(request, [make_problem("clog")])

    engine = FunctionTransport(answer)
    diagnosis = DiagnosisAgent(engine).diagnose(photos(1), description="Slow drain.")
    assert diagnosis.words.status == "assessed"
    assert [outcome.status for outcome in diagnosis.photos] == ["failed"]
    assert diagnosis.status == "partial"
    assert [found.type for found in diagnosis.findings] == ["clog"]


def test_words_ride_along_when_an_answer_was_no_json(photos: Photos) -> None:
    answers = iter(["no json"])

    def answer(request: VisionRequest) -> str:
        return next(answers, None) or make_answer(request, [make_problem("clog", 1)])

    engine = FunctionTransport(answer)
    diagnosis = DiagnosisAgent(engine).diagnose(photos(1), description="Slow drain.")
    assert [len(request.photos) for request in engine.requests] == [1, 1]
    assert diagnosis.status == "complete"


def test_an_answer_without_its_overall_keeps_its_findings_and_is_asked_again(
    photos: Photos,
) -> None:
    def answer(request: VisionRequest) -> str:
        said = json.loads(make_answer(request, [make_problem("clog", 1)] if request.photos else []))
        if request.photos:
            del said["overall"]
        return json.dumps(said)

    engine = FunctionTransport(answer)
    diagnosis = DiagnosisAgent(engine).diagnose(photos(1), description="Slow drain.")
    assert [len(request.photos) for request in engine.requests] == [1, 0]
    assert [found.type for found in diagnosis.findings] == ["clog"]
    assert diagnosis.status == "complete"


def test_unclear_words_are_said_to_be_unclear() -> None:
    agent, _ = _agent(overall={"words": {"unclear": "only a greeting", "retake": None}})
    diagnosis = agent.diagnose(description="Hello there")
    assert diagnosis.words.status == "unclear"
    assert diagnosis.status == "partial"
    assert "only a greeting" in diagnosis.to_markdown()


def test_a_broken_photo_does_not_lose_the_words() -> None:
    agent, engine = _agent(make_problem("clog"))
    broken = Photo.from_bytes(b"no picture", name="broken.jpg")
    diagnosis = agent.diagnose([broken], description="Slow drain.")
    assert [len(request.photos) for request in engine.requests] == [0]
    assert diagnosis.status == "partial"
    assert diagnosis.findings


def test_a_diagnosis_goes_through_json_and_pickle(photos: Photos) -> None:
    agent, _ = _agent(make_problem("supply_leak", 1), overall={"questions": ["Since when?"]})
    diagnosis = agent.diagnose(photos(1), description=GAS)
    assert Diagnosis.model_validate_json(diagnosis.to_json()) == diagnosis
    assert pickle.loads(pickle.dumps(diagnosis)) == diagnosis
    assert hash(diagnosis) == hash(Diagnosis.model_validate_json(diagnosis.to_json()))


def test_a_diagnosis_is_regraded_without_a_call(photos: Photos) -> None:
    agent, _ = _agent(make_problem("supply_leak", 1, severity="high"))
    diagnosis = agent.diagnose(photos(1), description=GAS)
    other = diagnosis.regrade(severity=SeverityPolicy.of("asap"))
    assert other.parent == diagnosis.id
    assert other.findings[0].urgency.level == "today"
    assert other.urgency is not None
    assert other.urgency.level == "emergency"
    assert diagnosis.regrade(severity=SeverityPolicy.default()) is diagnosis


def test_a_subclass_may_ask_for_more_and_judge_in_its_own_way(photos: Photos) -> None:
    class Noisy(ProblemObservation):
        noise: str | None

    class NoiseAgent(DiagnosisAgent[Noisy]):
        observation_model = Noisy

        def grade(self, finding: Problem, case: Any) -> Any:
            if finding.extra.get("noise") == "bang":
                return self.severity.make_severity("high", because="it bangs", case=case)
            return super().grade(finding, case)

    engine = FunctionTransport(
        lambda request: make_answer(request, [make_problem("water_heater_fault", 1, noise="bang")])
    )
    (found,) = NoiseAgent(engine).diagnose(photos(1)).findings
    assert found.extra == {"noise": "bang"}
    assert found.urgency.rule == "it bangs"


def test_an_agent_does_not_pickle_and_says_why() -> None:
    agent, _ = _agent()
    with pytest.raises(TypeError, match="does not pickle"):
        pickle.dumps(agent)


def test_what_it_would_take_can_be_asked_before(photos: Photos) -> None:
    agent, engine = _agent()
    preview = agent.preview(photos(2), description="It leaks.")
    assert (preview.photos, preview.requests) == (2, 1)
    assert not engine.requests


async def test_the_async_twin_works_inside_a_loop() -> None:
    agent, _ = _agent(make_problem("clog"))
    async with agent:
        assert (await agent.adiagnose(description="Slow drain.")).findings
        assert agent.diagnose(description="Slow drain.").findings
