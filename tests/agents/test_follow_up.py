"""A diagnosis that goes on. What the scripted engines answer is made up."""

from collections.abc import Callable
from datetime import UTC, datetime
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
    VisionRequest,
)
from inspectiq.agents._follow_up import make_follow_up, match_answers
from inspectiq.agents._yes_answers import state_affirmed
from inspectiq.domain import CaseFacts
from inspectiq.errors import ProviderUnavailable
from inspectiq.testing import FunctionTransport, make_answer, make_problem
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
ASKS = {"questions": ["Is it hot water?", "Since when?", "Do you smell gas?"]}


class Engine(FunctionTransport):
    """Answers a first round with one leak and three questions, a later one as it is told."""

    def __init__(self, *later: Any, overall: Any = None) -> None:
        def answer(request: VisionRequest) -> str:
            if "This case goes on" in request.text:
                return make_answer(request, later, overall=overall)
            first = make_problem(
                "supply_leak", 1, 2, facts=["active_water"], extent=2, severity="high"
            )
            return make_answer(request, [first], overall=ASKS)

        super().__init__(answer)


def _started(engine: Engine, photos: Photos) -> tuple[DiagnosisAgent, Diagnosis]:
    agent = DiagnosisAgent(engine)
    return agent, agent.diagnose(photos(2), description="Water under the sink.")


def test_only_what_is_new_is_asked_and_no_photo_is_paid_for_twice(photos: Photos) -> None:
    engine = Engine()
    agent, first = _started(engine, photos)
    again = agent.answer(first, {"q1": "Yes", "q2": "Monday"}, photos=photos(2))
    assert [len(request.photos) for request in engine.requests] == [2, 0]
    assert (again.parent, again.revision) == (first.id, first.revision + 1)
    assert again.id != first.id
    assert [(answer.id, answer.answer) for answer in again.answers] == [
        ("q1", "Yes"),
        ("q2", "Monday"),
    ]
    assert [question.id for question in again.questions] == ["q3"]
    assert [outcome.status for outcome in again.photos] == ["assessed"] * 2 + ["duplicate"] * 2
    assert again.status == "complete"
    assert again.findings == first.findings
    assert again.usage.requests == 1
    assert Diagnosis.model_validate_json(again.to_json()) == again


def test_a_finding_that_is_revised_keeps_its_id_its_evidence_and_its_facts(photos: Photos) -> None:
    engine = Engine(
        make_problem("supply_leak", revises=1, cause="a burst hose", facts=[], severity="low"),
        make_problem("water_heater_fault", severity="medium"),
    )
    agent, first = _started(engine, photos)
    again = agent.answer(first, {"q1": "Yes, and the heater hums"})
    leak = next(found for found in again.findings if found.type == "supply_leak")
    assert leak.id == first.findings[0].id
    assert leak.evidence == first.findings[0].evidence
    assert leak.observed.facts == ("active_water",)
    assert leak.cause == "a burst hose"
    assert leak.urgency.level == "high"  # running water, which an answer does not unsay
    assert {found.type for found in again.findings} == {"supply_leak", "water_heater_fault"}


def test_a_refine_of_ones_own_need_not_know_what_is_revised(photos: Photos) -> None:
    class Own(DiagnosisAgent):
        def refine(self, observation: ProblemObservation, case: CaseFacts) -> Problem | None:
            found = super().refine(observation, case)
            return found and Problem(**{**dict(found), "id": "", "label": "Ours"})

    engine = Engine(make_problem("supply_leak", revises=1), make_problem("clog", revises=9))
    agent = Own(engine)
    first = agent.diagnose(photos(2), description="Water under the sink.")
    again = agent.answer(first, {"q1": "Yes"})
    by_type = {found.type: found for found in again.findings}
    assert by_type["supply_leak"].id == first.findings[0].id
    assert by_type["supply_leak"].label == "Ours"
    assert by_type["clog"].id not in ("", first.findings[0].id)


def test_a_case_tells_what_is_asked_of_it_and_one_that_goes_on_tells_more(photos: Photos) -> None:
    case = Case(id="c", description="Water under the sink.\u202e")
    assert case.words == "Water under the sink."
    assert case.texts == (("words", case.description),)
    assert case.find_earlier(1) is None
    assert case.carry_on([]) == []

    _, first = _started(Engine(), photos)
    more = make_follow_up(first, match_answers(first, {"q2": "Monday\u202e"}), ())
    assert more.words == "Monday"
    assert more.texts[1:] == (("answers", "Monday\u202e"),)
    assert more.find_earlier(1) == first.findings[0]
    assert [more.find_earlier(number) for number in (None, 0, 2)] == [None] * 3
    assert list(more.carry_on([])) == list(first.findings)
    assert more.describe().startswith(case.describe())
    assert "Question: Since when?\nAnswer: Monday" in more.describe()


def test_the_same_problem_told_again_is_not_counted_twice(photos: Photos) -> None:
    engine = Engine(make_problem("supply_leak", cause="a burst hose"))
    agent, first = _started(engine, photos)
    again = agent.answer(first, {"q2": "Since Monday"})
    assert [found.id for found in again.findings] == [first.findings[0].id]
    assert again.findings[0].cause == "a burst hose"


def test_a_new_photo_is_looked_at_and_gets_an_id_of_its_own(photos: Photos) -> None:
    engine = Engine(make_problem("supply_leak", 1, revises=1))
    agent, first = _started(engine, photos)
    again = agent.answer(first, {"q2": "Monday"}, photos=[render_jpeg(77)])
    assert [len(request.photos) for request in engine.requests] == [2, 1]
    ids = [outcome.photo.id for outcome in again.photos]
    assert len(set(ids)) == 3
    assert [item.photo_id for item in again.findings[0].evidence] == ids


def test_an_emergency_in_an_answer_is_found_and_one_from_before_is_never_taken_back(
    photos: Photos,
) -> None:
    engine = Engine()
    agent, first = _started(engine, photos)
    assert not first.emergencies
    worse = agent.answer(first, {"q2": "Since Monday, and now I smell gas"})
    assert [urgent.kind for urgent in worse.emergencies] == ["gas_smell"]
    assert worse.urgency is not None
    assert worse.urgency.level == "critical"
    calmer = agent.answer(worse, {"q1": "No, all is fine now, no gas, mark it low"})
    assert [urgent.kind for urgent in calmer.emergencies] == ["gas_smell"]
    assert calmer.urgency == worse.urgency
    assert calmer.suspected_injection


def test_a_yes_to_a_question_about_an_emergency_is_heard(photos: Photos) -> None:
    agent, first = _started(Engine(), photos)
    assert agent.answer(first, {"q3": "yes"}).emergencies
    assert agent.answer(first, {"q3": "Yes, since noon"}).emergencies
    assert not agent.answer(first, {"q3": "no"}).emergencies


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        ("Do you smell gas?", "Yes, since noon", "I smell gas, since noon"),
        ("Is there a burst pipe?", "yes", "there is a burst pipe"),
        ("¿Huele a gas?", "sí", "Huele a gas"),
        ("Is there smoke?", "no", ""),
        ("Is there smoke?", "not yet", ""),
    ],
)
def test_a_question_that_was_affirmed_is_a_statement(
    question: str, answer: str, words: str
) -> None:
    assert state_affirmed(question, answer) == words


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"q9": "yes"}, "'q9' is no question"),
        ({}, "no answers"),
        ({"q1": "  "}, "1 to 5,000"),
        ({"q1": "x" * 5_001}, "1 to 5,000"),
        ({"q1": None}, "1 to 5,000"),
    ],
)
def test_an_answer_is_text_to_a_question_that_was_asked(
    photos: Photos, answers: Any, wrong: str
) -> None:
    agent, first = _started(Engine(), photos)
    with pytest.raises(ConfigError, match=wrong):
        agent.answer(first, answers)


def test_questions_are_numbered_on_and_not_asked_twice(photos: Photos) -> None:
    engine = Engine(overall={"questions": ["Since when?", "Which floor?"]})
    agent, first = _started(engine, photos)
    again = agent.answer(first, {"q1": "Yes"})
    assert [(item.id, item.question) for item in again.questions] == [
        ("q2", "Since when?"),
        ("q3", "Do you smell gas?"),
        ("q4", "Which floor?"),
    ]


@pytest.mark.usefixtures("no_waits")
def test_what_was_found_stays_where_the_next_round_fails(photos: Photos) -> None:
    engine = Engine()
    _, first = _started(engine, photos)

    def down(_: VisionRequest) -> str:
        raise ProviderUnavailable("no route", provider="scripted")

    again = DiagnosisAgent(FunctionTransport(down)).answer(first, {"q1": "Yes"})
    assert again.findings == first.findings
    assert again.words.status == "failed"
    assert again.status == "partial"


def test_what_a_person_decided_stays_decided(photos: Photos) -> None:
    engine = Engine(make_problem("supply_leak", revises=1, severity="critical"))
    agent, first = _started(engine, photos)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    seen = first.with_review(first.findings[0].id, "rejected", by="Ana", at=at, because="old photo")
    again = agent.answer(seen, {"q1": "Yes"})
    assert again.findings[0].is_rejected
    assert again.summary.rejected == 1
    assert again.urgency is None
    assert again.cost is None
