"""Parts of answers that are nearly as agreed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inspectiq import VisionRequest, VisionResponse
from inspectiq.errors import OutputInvalid
from inspectiq.testing import make_answer, make_issue
from inspectiq.transports import check_response
from tests.transports.requests import request_of
from tests.transports.test_checked import ENGINE


def checked(request: VisionRequest, answer: Any) -> VisionResponse:
    return check_response(request, VisionResponse(text=json.dumps(answer), engine=ENGINE))


@pytest.fixture(scope="module")
def asked() -> VisionRequest:
    return request_of(2)


def answer_of(request: VisionRequest, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        make_answer(request, [make_issue("clog", 1, box=(1, 2, 300, 400))])
    )
    answer["issues"][0] |= changes
    return answer


@pytest.mark.parametrize(
    ("changes", "mended"),
    [
        ({"issue_type": "Clog", "severity": " HIGH "}, {"letter_case": 2}),
        ({"confidence": "0.9"}, {"numbers_as_text": 1}),
        ({"evidence": [{"photo": "1", "box": ["1", "2", "300", "400"]}]}, {"numbers_as_text": 5}),
        ({"evidence": [{"photo": 1}]}, {"missing_nulls": 1}),
        ({"note": "x", "more": {"a": []}}, {"unknown_keys": 2}),
        (
            {"evidence": [{"photo": 1, "bbox": [1, 2, 3, 4]}]},
            {"unknown_keys": 1, "missing_nulls": 1},
        ),
    ],
)
def test_a_finding_that_is_nearly_right_counts_and_what_was_mended_is_told(
    asked: VisionRequest, changes: dict[str, Any], mended: dict[str, int]
) -> None:
    response = checked(asked, answer_of(asked, **changes))
    assert response.problems == {}
    assert response.mended == mended
    assert response.output is not None
    (found,) = response.output.to_dict()["issues"]
    assert found["issue_type"] == "clog"
    assert found["evidence"][0]["photo"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": "high"},
        {"confidence": "90%"},
        {"confidence": "1e999"},
        {"confidence": True},
        {"severity": "grave"},
        {"facts": None},
        {"facts": "water"},
        {"description": None},
        {"facts": {"a": 1}},
    ],
)
def test_what_would_have_to_be_guessed_stays_a_problem(
    asked: VisionRequest, changes: dict[str, Any]
) -> None:
    response = checked(asked, answer_of(asked, **changes))
    assert response.problems
    assert response.mended == {}
    assert response.output is not None
    assert response.output.to_dict()["issues"] == []


@pytest.mark.parametrize("photo", ["one", "1.5", None, [1]])
def test_a_finding_whose_photo_cannot_be_read_spoils_every_verdict(
    asked: VisionRequest, photo: Any
) -> None:
    with pytest.raises(OutputInvalid):
        checked(asked, answer_of(asked, evidence=[{"photo": photo, "box": None}]))


def test_a_list_that_is_missing_is_not_taken_for_an_empty_one(asked: VisionRequest) -> None:
    answer = answer_of(asked)
    del answer["issues"][0]["facts"]
    assert checked(asked, answer).problems
    del answer["issues"]
    with pytest.raises(OutputInvalid, match="`issues` a list"):
        checked(asked, answer)


def test_a_verdict_may_lack_what_may_be_null(asked: VisionRequest) -> None:
    response = checked(
        asked, {"photos": {"photo_1": "ASSESSED", "photo_2": {"unclear": "dark"}}, "issues": []}
    )
    assert response.problems == {}
    assert response.mended == {"letter_case": 1, "missing_nulls": 1}
    assert response.output is not None
    assert response.output.to_dict()["photos"]["photo_2"] == {"unclear": "dark", "retake": None}


def test_an_answer_as_agreed_is_not_touched(asked: VisionRequest) -> None:
    assert checked(asked, answer_of(asked)).mended == {}
