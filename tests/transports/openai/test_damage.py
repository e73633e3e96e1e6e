"""Whatever is damaged: a photo counts only if its verdict stood in an answer that was finished."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import HttpxBinaryResponseContent

from inspectiq import InspectIQError, OpenAITransport, VisionRequest
from inspectiq.testing import make_answer, make_issue
from inspectiq.transports import check_response
from inspectiq.transports._openai.clients import import_http
from tests.transports.requests import request_of

HTTP = import_http()
ENGINES = {
    api: OpenAITransport("gpt-4.1", api=api, api_key="sk-x") for api in ("chat", "responses")
}


@pytest.fixture(scope="module")
def request_() -> VisionRequest:
    return request_of(3)


def body_of(api: str, text: str) -> dict[str, Any]:
    """A good body."""
    if api == "chat":
        return {
            "id": "c",
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text, "refusal": None},
                }
            ],
            "usage": {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 0},
            },
        }
    return {
        "id": "r",
        "model": "m",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "output": [
            {"type": "reasoning", "summary": []},
            {
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": text, "annotations": []}],
            },
        ],
        "usage": {"input_tokens": 10, "output_tokens": 5, "input_tokens_details": None},
    }


JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["stop", "error", "assessed", "length", "completed", "{", "[]", "null"]),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.sampled_from(["code", "message", "text"]), st.integers(), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from places(value[index], (*path, index))


def damaged(value: Any, draw: st.DrawFn) -> Any:
    """The value with one node removed or replaced."""
    *ahead, last = draw(st.sampled_from([path for path in places(value) if path]))
    holder = value
    for step in ahead:
        holder = holder[step]
    if draw(st.booleans()):
        holder[last] = draw(JUNK)
    elif isinstance(holder, dict):
        del holder[last]
    else:
        holder.pop(last)
    return value


@st.composite
def damages(draw: st.DrawFn, api: str, answer: str) -> bytes:
    """A body, damaged in its envelope, in its answer, or as bytes."""
    text = answer
    if draw(st.booleans()):
        text = json.dumps(damaged(json.loads(answer), draw))
    if draw(st.booleans()):
        cut = draw(st.integers(0, len(text)))
        text = text[:cut] + draw(st.sampled_from(["", "}", "]}", '"', "\x00", "```"]))
    body = body_of(api, text)
    for _ in range(draw(st.integers(0, 3))):
        body = damaged(body, draw)
        if not isinstance(body, dict):
            break
    raw = json.dumps(body).encode()
    if draw(st.integers(0, 3)) == 0:
        start = draw(st.integers(0, len(raw)))
        raw = raw[:start] + draw(st.binary(max_size=3)) + raw[start + draw(st.integers(0, 9)) :]
    return raw


def is_finished(api: str, body: Any) -> bool:
    """Whether a body says of itself that it is finished, judged without the code under test."""
    if api == "responses":
        return isinstance(body, dict) and body.get("status") == "completed"
    choices = body.get("choices") if isinstance(body, dict) else None
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and choice.get("finish_reason") == "stop" for choice in choices
    )


def said(api: str, body: dict[str, Any]) -> str:
    """All text in the places where an answer may stand."""
    holders = body.get("choices") if api == "chat" else body.get("output")
    found = []

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        for item in value.values() if isinstance(value, dict) else ():
            walk(item)
        for item in value if isinstance(value, list) else ():
            walk(item)

    walk(holders)
    return "\n".join(found)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(["chat", "responses"]))
def test_a_photo_counts_only_if_its_verdict_stood_in_a_finished_answer(
    request_: VisionRequest, data: st.DataObject, api: str
) -> None:
    answer = make_answer(
        request_, [make_issue("clog", 1), make_issue("litter", 3)], unclear={2: "dark"}
    )
    raw = data.draw(damages(api, answer))
    engine = ENGINES[api]
    try:
        response = check_response(
            request_, engine._read(HttpxBinaryResponseContent(HTTP.Response(200, content=raw)))
        )
    except InspectIQError:
        return
    body = json.loads(raw.decode("utf-8-sig", errors="replace"))
    assert is_finished(api, body)
    assert response.output is not None
    verdicts = response.output.to_dict()["photos"]
    words = said(api, body)
    for number in (1, 2, 3):
        name = f"photo_{number}"
        if name in verdicts and str(number) not in response.problems:
            assert f'"{name}"' in words
            assert verdicts[name] == "assessed" or "unclear" in verdicts[name]
    # Findings that were there are either kept, or their photos have a problem.
    if response.output.to_dict()["issues"] == [] and '"clog"' in words:
        assert response.problems
