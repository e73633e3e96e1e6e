"""The builder of answers, for engines that make their findings themselves."""

import json
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import (
    Case,
    ConfigError,
    DiagnosisAgent,
    EngineProfile,
    InspectionAgent,
    IssueObservation,
    Photo,
    VisionRequest,
    VisionResponse,
)
from inspectiq.agents import DiagnosisOverall
from inspectiq.domain import Box
from inspectiq.errors import OutputInvalid
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from inspectiq.transports import AnswerBuilder, check_response
from tests.conftest import render_jpeg
from tests.transports.requests import request_of

Photos = Callable[..., tuple[Photo, ...]]
SEEN: dict[str, Any] = {"description": "A hole.", "confidence": 0.8}


class PoolObservation(IssueObservation):
    water: Literal["clear", "green"] | None
    depth: float


class PoolAgent(InspectionAgent[PoolObservation]):
    pass


class AskedOverall(DiagnosisOverall):
    mood: str | None


class AskingAgent(DiagnosisAgent):
    overall_model = AskedOverall


def _request(agent_class: Any, photos: int = 2, **case: Any) -> VisionRequest:
    agent = agent_class(FunctionTransport(make_answer), photos_per_request=4)
    pictures = [
        Photo.from_bytes(render_jpeg(n), name=f"{n}.jpg", id=f"p{n}") for n in range(1, photos + 1)
    ]
    (request,) = agent.plan(agent.examine(Case(id="c", photos=tuple(pictures), **case)))
    assert isinstance(request, VisionRequest)
    return request


def _check(request: VisionRequest, answer: AnswerBuilder) -> VisionResponse:
    response = VisionResponse(text=answer.to_json(), engine=EngineProfile().to_record())
    return check_response(request, response)


def test_what_it_builds_is_what_the_request_asks_for_with_nothing_to_mend() -> None:
    request = request_of(2)
    answer = AnswerBuilder(request)
    answer.add_finding(
        "wall_hole", **SEEN, evidence=[(1, (0.1, 0.2, 0.5, 0.4)), (1, None)], severity="low"
    )
    answer.mark_unclear(2, "It is too dark.", retake="The same corner, with a light on.")
    checked = _check(request, answer)
    assert (checked.problems, checked.mended) == ({}, {})
    assert answer.to_dict() == json.loads(answer.to_json()) == checked.output
    assert answer.to_dict() == {
        "photos": {
            "photo_1": "assessed",
            "photo_2": {
                "unclear": "It is too dark.",
                "retake": "The same corner, with a light on.",
            },
        },
        "issues": [
            {
                "issue_type": "wall_hole",
                "description": "A hole.",
                "evidence": [
                    {"photo": 1, "box": [100, 200, 500, 400]},
                    {"photo": 1, "box": None},
                ],
                "facts": [],
                "severity": "low",
                "confidence": 0.8,
                "location": None,
                "area": "unit",
                "extent": None,
                "condition": "unclear",
                "unusual_action": None,
                "hours": None,
            }
        ],
    }
    assert list(answer.to_dict()["issues"][0]) == list(answer.fields)


def test_it_fills_what_the_scripted_helpers_fill() -> None:
    for agent_class, make in ((InspectionAgent, make_issue), (DiagnosisAgent, make_problem)):
        request = _request(agent_class, description="It leaks.")
        answer = AnswerBuilder(request)
        answer.add_finding(
            "clog",
            description="scripted: clog",
            confidence=0.9,
            severity="medium",
            evidence=[(2, (0, 0, 1, 1))],
        )
        answer.set_overall("scripted")
        scripted = make_answer(request, [make("clog", 2, box=(0, 0, 1000, 1000))])
        assert answer.to_dict() == json.loads(scripted)


def test_one_engine_answers_inspections_and_diagnoses_alike(photos: Photos) -> None:
    class Engine:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            answer = AnswerBuilder(request)
            answer.add_finding(
                "clog",
                **SEEN,
                evidence=[(1, None)],
                area="inside",
                condition="damage",
                cause="Hair.",
                other_causes=[("Roots.", "A camera."), ("Grease.", None)],
                steps=["Clear the trap."],
                do_now=["Close the tap."],
                diy=True,
                hours=1,
                materials=["a drain snake"],
            )
            answer.set_overall("A clog.", questions=["Since when?"], photos_next=["The trap."])
            return VisionResponse(text=answer.to_json(), engine=EngineProfile().to_record())

    inspection = InspectionAgent(Engine()).inspect(photos(1))
    assert (inspection.status, inspection.issues[0].location.area) == ("complete", "inside")
    diagnosis = DiagnosisAgent(Engine()).diagnose(photos(1), "It is blocked.")
    assert (diagnosis.status, diagnosis.words.status) == ("complete", "assessed")
    (problem,) = diagnosis.findings
    assert (problem.cause, problem.steps, problem.do_now) == (
        "Hair.",
        ("Clear the trap.",),
        ("Close the tap.",),
    )
    assert [cause.tell_apart for cause in problem.other_causes] == ["A camera.", None]
    assert [question.question for question in diagnosis.questions] == ["Since when?"]


def test_words_that_an_engine_says_nothing_about_never_count_as_understood(photos: Photos) -> None:
    class Engine:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            text = AnswerBuilder(request).to_json()
            return VisionResponse(text=text, engine=EngineProfile().to_record())

    said = DiagnosisAgent(Engine()).diagnose(photos(1), "It is blocked.")
    assert (said.status, said.words.status, said.findings) == ("partial", "unclear", ())
    request = _request(DiagnosisAgent, description="It is blocked.")
    answer = AnswerBuilder(request)
    answer.set_overall("", words_unclear="Not in a language that I read.")
    assert answer.to_dict()["overall"]["words"]["unclear"] == "Not in a language that I read."
    wordless = AnswerBuilder(_request(DiagnosisAgent))
    wordless.set_overall("")
    assert wordless.to_dict()["overall"]["words"] is None
    assert _check(_request(DiagnosisAgent), wordless).problems == {}


def test_a_photo_that_is_left_out_is_asked_about_again(photos: Photos) -> None:
    asked = []

    class Engine:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            asked.append(request.photo_ids)
            answer = AnswerBuilder(request)
            if len(asked) == 1:
                answer.leave_out(2)
                answer.leave_out(2)
            return VisionResponse(text=answer.to_json(), engine=EngineProfile().to_record())

    result = InspectionAgent(Engine(), photos_per_request=2).inspect(photos(2))
    assert (result.status, asked) == ("complete", [("p1", "p2"), ("p2",)])


def test_fields_of_a_subclass_are_filled_by_their_names() -> None:
    request = _request(PoolAgent)
    answer = AnswerBuilder(request)
    assert {"water", "depth"} <= set(answer.fields)
    answer.add_finding("clog", **SEEN, water="green", depth=1.5)
    answer.add_finding("clog", **SEEN, depth=2)
    assert _check(request, answer).problems == {}
    assert [found["water"] for found in answer.to_dict()["issues"]] == ["green", None]
    with pytest.raises(ConfigError, match="'depth' is asked for and may be neither null nor empty"):
        answer.add_finding("clog", **SEEN)
    overall = AnswerBuilder(_request(AskingAgent))
    overall.set_overall("Fine.", mood="calm")
    assert overall.to_dict()["overall"]["mood"] == "calm"


def test_a_field_that_nobody_asks_for_is_refused_with_those_that_are() -> None:
    answer = AnswerBuilder(request_of(1))
    with pytest.raises(ConfigError, match=r"'sevrity' is no field .* issue_type, description"):
        answer.add_finding("clog", **SEEN, sevrity="low")
    AnswerBuilder(request_of(1)).set_overall("", anything="goes")  # nothing of it is asked for
    with pytest.raises(ConfigError, match="'modd' is no field"):
        AnswerBuilder(_request(AskingAgent)).set_overall("", modd="calm")
    wrong: list[Any] = [object(), {1, 2}, math.nan, b"x", np.float32(1)]
    for value in wrong:
        pool = AnswerBuilder(_request(PoolAgent))
        with pytest.raises(ConfigError, match="is no JSON value"):
            pool.add_finding("clog", **SEEN, depth=value)


@pytest.mark.parametrize("number", [0, 3, -1, 1.5, "1", None])
def test_a_photo_that_was_not_sent_is_refused(number: Any) -> None:
    answer = AnswerBuilder(request_of(2))
    uses: list[Callable[[], None]] = [
        lambda: answer.add_finding("clog", **SEEN, evidence=[(number, None)]),
        lambda: answer.mark_unclear(number, "dark"),
        lambda: answer.leave_out(number),
    ]
    for use in uses:
        with pytest.raises(OutputInvalid, match="counted from 1: 1, 2"):
            use()
    assert answer.to_dict() == AnswerBuilder(request_of(2)).to_dict()


SIDES = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(sorted)


@settings(max_examples=100, deadline=None)
@given(SIDES, SIDES)
def test_fractions_become_thousandths_of_the_same_place(across: Any, down: Any) -> None:
    request = request_of(1)
    sides = (across[0], down[0], across[1], down[1])
    for box in (
        sides,
        list(sides),
        np.array(sides),
        Box(x0=sides[0], y0=sides[1], x1=sides[2], y1=sides[3]),
    ):
        answer = AnswerBuilder(request)
        answer.add_finding("clog", **SEEN, evidence=[(1, box)])
        written = answer.to_dict()["issues"][0]["evidence"][0]["box"]
        assert all(type(side) is int for side in written)
        assert [side / 1000 for side in written] == pytest.approx(list(sides), abs=0.0005001)
        assert _check(request, answer).problems == {}


def test_a_box_is_cut_at_the_edge_and_pixels_are_refused() -> None:
    answer = AnswerBuilder(request_of(1))
    answer.add_finding("clog", **SEEN, evidence=[(1, (-0.02, 0.5, 0.5, 1.03))])
    assert answer.to_dict()["issues"][0]["evidence"][0]["box"] == [0, 500, 500, 1000]
    wrong: list[Any] = [
        (100, 200, 500, 400), (0, 0, 1), (0, 0, 1, 1, 1), (), "0011", 5, (0, 0, math.nan, 1),
        (0, 0, math.inf, 1), (None, 0, 1, 1), {"x": 1},
    ]  # fmt: skip
    for box in wrong:
        with pytest.raises(OutputInvalid, match="fractions of the picture"):
            answer.add_finding("clog", **SEEN, evidence=[(1, box)])
    assert len(answer.to_dict()["issues"]) == 1


def test_numbers_of_numpy_are_numbers() -> None:
    request = request_of(1)
    answer = AnswerBuilder(request)
    loose: Any = {"confidence": np.float32(0.5), "extent": np.float64(2), "hours": np.int64(1)}
    place: Any = (np.int64(1), np.array([0, 0, 0.5, 0.5], dtype=np.float32))
    answer.add_finding("clog", description="A clog.", evidence=[place], **loose)
    assert _check(request, answer).mended == {}
    for name in loose:
        for value in (math.nan, math.inf, "much", [1]):
            with pytest.raises(OutputInvalid, match=f"{name} is no number"):
                answer.add_finding("clog", description="A clog.", **{**loose, name: value})


def test_what_an_engine_says_wrong_is_told_by_the_check_photo_by_photo(photos: Photos) -> None:
    class Engine:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            answer = AnswerBuilder(request)
            assert "wall_hole" in answer.issue_types
            for part in request.photos:
                kind = "wal_hole" if part.photo.id == "p1" else "wall_hole"
                answer.add_finding(kind, **SEEN, evidence=[(part.number, None)])
            return VisionResponse(text=answer.to_json(), engine=EngineProfile().to_record())

    result = InspectionAgent(Engine(), photos_per_request=2).inspect(photos(2))
    assert [outcome.status for outcome in result.photos] == ["failed", "assessed"]
    fault = result["p1"].fault
    assert fault is not None
    assert "issue_type does not fit the schema (enum)" in fault.message


def test_a_guess_of_the_cost_is_told_where_it_is_asked_for(photos: Photos) -> None:
    class Engine:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            answer = AnswerBuilder(request)
            answer.add_finding("clog", **SEEN, evidence=[(1, None)], repair_cost=(90, 180))
            return VisionResponse(text=answer.to_json(), engine=EngineProfile().to_record())

    guessed = InspectionAgent(Engine(), cost_mode="model").inspect(photos(1)).issues[0].cost
    assert guessed is not None
    assert [int(guessed.low), int(guessed.high)] == [90, 180]
    assert InspectionAgent(Engine()).inspect(photos(1)).status == "complete"
