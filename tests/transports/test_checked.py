import json
from typing import Any

import pytest

from inspectiq import EngineProfile, InspectionAgent, Usage, VisionRequest, VisionResponse
from inspectiq.errors import OutputFiltered, OutputInvalid, OutputRefused, OutputTruncated
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer, make_issue
from inspectiq.transports import Checked, check_response
from tests.transports.requests import request_of

ENGINE = EngineProfile(provider="scripted").to_record()
PAID = Usage(requests=1, input_tokens=900, output_tokens=50)


def _response(text: str, **fields: Any) -> VisionResponse:
    return VisionResponse(text=text, engine=ENGINE, usage=PAID, **fields)


@pytest.fixture
def asked() -> VisionRequest:
    return request_of(3)


def test_a_good_answer_is_parsed_and_has_no_problems(asked: VisionRequest) -> None:
    answer = check_response(asked, _response(make_answer(asked, [make_issue("clog", 2)])))
    assert answer.output is not None
    assert not answer.problems
    assert answer.output.to_dict()["issues"][0]["issue_type"] == "clog"


def test_a_text_that_is_far_too_long_is_cut_says_so_and_is_counted(asked: VisionRequest) -> None:
    long, fits = make_issue("clog", 2, description="wet " * 50_000), make_issue("clog", 3)
    fits["description"] = "x" * 5_000
    given = make_answer(asked, [long, fits])
    answer = check_response(asked, _response(given))
    assert answer.output is not None
    first, second = (one["description"] for one in answer.output.to_dict()["issues"])
    assert first.startswith("wet wet ")
    assert first.endswith(" … [cut: 5,000 of 200,000 characters]")
    assert len(first) <= 5_000
    assert second == "x" * 5_000
    assert answer.mended == {"long_text": 1}


@pytest.mark.parametrize(
    ("finish", "error"),
    [("length", OutputTruncated), ("refusal", OutputRefused), ("filter", OutputFiltered)],
)
def test_the_finish_status_comes_before_the_text_and_keeps_the_usage(
    asked: VisionRequest, finish: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        check_response(asked, _response(make_answer(asked), finish=finish))
    assert caught.value.usage == PAID  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no issues",
        "[]",
        "null",
        "{}",
        '{"photos": [], "issues": []}',
        '{"photos": {}, "issues": {}}',
        '{"photos": {}, "issues": []}',
        '{"photos": {"photo_1": NaN}, "issues": []}',
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_is_an_error_and_never_a_clean_property(
    asked: VisionRequest, text: str
) -> None:
    with pytest.raises(OutputInvalid) as caught:
        check_response(asked, _response(text))
    assert caught.value.usage == PAID


def test_only_the_photos_without_a_verdict_have_a_problem(asked: VisionRequest) -> None:
    answer = check_response(
        asked, _response(make_answer(asked, [make_issue("clog", 1)], leave_out=[2]))
    )
    assert dict(answer.problems) == {"2": "no verdict"}


def test_a_malformed_finding_spoils_the_photos_that_it_names_and_no_others(
    asked: VisionRequest,
) -> None:
    raw = json.loads(make_answer(asked, [make_issue("clog", 1), make_issue("clog", 3)]))
    raw["issues"][1]["confidence"] = 7
    answer = check_response(asked, _response(json.dumps(raw)))
    assert set(answer.problems) == {"3"}
    assert answer.output is not None
    assert len(answer.output.to_dict()["issues"]) == 1


def test_a_malformed_finding_of_unknown_photos_spoils_all_verdicts(asked: VisionRequest) -> None:
    raw = json.loads(make_answer(asked))
    raw["issues"] = ["a leak, somewhere"]
    with pytest.raises(OutputInvalid):
        check_response(asked, _response(json.dumps(raw)))


def test_an_unknown_type_of_issue_does_not_fit(asked: VisionRequest) -> None:
    answer = check_response(asked, _response(make_answer(asked, [make_issue("unicorn", 1)])))
    assert set(answer.problems) == {"1"}
    assert "unicorn" not in answer.problems["1"]


def test_characters_that_cannot_be_seen_are_taken_out(asked: VisionRequest) -> None:
    text = make_answer(
        asked, [make_issue("clog", 1, description="a\u200b\u202eb\x00\ud800c\U000e0041")]
    )
    answer = check_response(asked, _response(text))
    assert answer.output is not None
    assert answer.output.to_dict()["issues"][0]["description"] == "abc"


def test_an_answer_that_was_checked_is_left_alone(asked: VisionRequest) -> None:
    answer = check_response(asked, _response(make_answer(asked)))
    assert check_response(asked, answer) is answer


async def test_the_wrapper_checks_what_the_leaf_answers(asked: VisionRequest) -> None:
    engine = ScriptedTransport([lambda request: make_answer(request), "no issues"])
    transport = Checked(engine)
    assert (await transport.send(asked)).output is not None
    with pytest.raises(OutputInvalid):
        await transport.send(asked)


def test_every_message_says_nothing_that_the_engine_wrote(asked: VisionRequest) -> None:
    raw = json.loads(make_answer(asked, [make_issue("clog", 1)]))
    raw["issues"][0]["severity"] = "the tenant's secret"
    answer = check_response(asked, _response(json.dumps(raw)))
    assert "secret" not in " ".join(answer.problems.values())


def test_a_bare_leaf_gets_the_stack_and_a_wrapped_one_is_used_as_it_is() -> None:
    engine = FunctionTransport(make_answer)
    assert InspectionAgent(engine).transport is not engine
    wrapped = Checked(engine)
    assert InspectionAgent(wrapped).transport is wrapped


def test_a_number_without_end_spoils_its_own_finding_only(asked: VisionRequest) -> None:
    text = make_answer(asked, [make_issue("clog", 1, extent=1.5), make_issue("clog", 2)])
    answer = check_response(asked, _response(text.replace("1.5", "1e999")))
    assert set(answer.problems) == {"1"}
    assert answer.output is not None
    assert len(answer.output.to_dict()["issues"]) == 1


@pytest.mark.parametrize("more", [',"issues":[]}', ',"more_issues":[{"issue_type":"clog"}]}'])
def test_a_doubled_or_unknown_key_never_hides_findings(asked: VisionRequest, more: str) -> None:
    text = make_answer(asked, [make_issue("clog", 1)])[:-1] + more
    with pytest.raises(OutputInvalid):
        check_response(asked, _response(text))


def test_an_answer_that_came_parsed_is_checked_all_the_same(asked: VisionRequest) -> None:
    empty: Any = {"photos": {}, "issues": []}
    with pytest.raises(OutputInvalid):
        check_response(asked, _response("", output=empty))
    good = json.loads(make_answer(asked, [make_issue("clog", 1)]))
    assert check_response(asked, _response("", output=good)).problems == {}
    with pytest.raises(OutputRefused):
        check_response(asked, _response("", output=good, finish="refusal"))


def test_a_checked_answer_is_the_same_after_json_and_another_check(asked: VisionRequest) -> None:
    answer = check_response(
        asked, _response(make_answer(asked, [make_issue("clog", 1)], leave_out=[2]))
    )
    stored = VisionResponse.model_validate_json(answer.model_dump_json())
    assert not stored.was_checked
    assert check_response(asked, stored) == answer


def test_a_byte_order_mark_is_no_fault(asked: VisionRequest) -> None:
    assert check_response(asked, _response("\ufeff" + make_answer(asked))).problems == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"facts": ...}, "it does not fit the schema (required: facts)"),
        (
            {"evidence": [{"photo": 1, "box": [0.1, 0.2, 0.3, 0.4]}]},
            "evidence.0.box.0 does not fit the schema (type: whole numbers, 0-1000)",
        ),
        (
            {"evidence": [{"photo": 1, "box": [1, 2, 3, 4000]}]},
            "evidence.0.box.3 does not fit the schema (maximum: whole numbers, 0-1000)",
        ),
        (
            {"evidence": [{"photo": 1, "box": [1, 2, 3]}]},
            "evidence.0.box does not fit the schema (minItems: 4)",
        ),
        ({"issue_type": "made up"}, "issue_type does not fit the schema (enum)"),
        # A missing key that may be null is mended, so it is not what is wrong.
        ({"location": ..., "confidence": 7}, "confidence does not fit the schema (maximum)"),
    ],
)
def test_what_is_wrong_with_a_finding_names_the_place_and_the_rule_in_the_schemas_words(
    asked: VisionRequest, change: dict[str, Any], told: str
) -> None:
    answer = json.loads(make_answer(asked, [make_issue("clog", 1)]))
    finding = {**answer["issues"][0], **change}
    answer["issues"] = [{name: value for name, value in finding.items() if value is not ...}]
    problems = check_response(asked, _response(json.dumps(answer))).problems
    assert f"finding 1: {told}" in problems.values()
