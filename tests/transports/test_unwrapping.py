"""The one JSON object in what an engine wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq.transports._unwrapping import NoAnswer, find_object

OBJECT = '{"a": [1, {"b": "}"}]}'


@pytest.mark.parametrize(
    ("text", "around"),
    [
        (OBJECT, ()),
        (f" \ufeff\n{OBJECT}\n", ()),
        (f"```\n{OBJECT}\n```", ("fence",)),
        (f"```JSON\n{OBJECT}```", ("fence",)),
        (f"~~~json\n{OBJECT}\n~~~", ("fence",)),
        (f"Sure! {OBJECT}", ("prose",)),
        (f"{OBJECT}\nAnything else?", ("prose",)),
        (f"I see {{this}}: {OBJECT}", ("prose",)),
        (f"Sure:\n```json\n{OBJECT}\n```", ("fence", "prose")),
        (f"<think>{{}}</think>{OBJECT}", ("thinking",)),
        (f"</think>\n{OBJECT}", ("thinking",)),
        (f"<THINKING>a</THINKING> b </think>{OBJECT}", ("thinking",)),
        (f"{OBJECT}<think>was that all", ("thinking",)),
    ],
)
def test_what_stands_around_it_is_passed_over_and_told(text: str, around: tuple[str, ...]) -> None:
    assert find_object(text) == ({"a": [1, {"b": "}"}]}, around)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[1]",
        "null",
        f"[{OBJECT}]",
        OBJECT[:-1],
        '{"a": 1, "a": 2}',
        f"{OBJECT} {{}}",
        f"<think>{OBJECT}",
        '{"a": {"b": 1}, "c": [',
        '{"answer": {"a": 1}, "c": }',
        "NaN",
        '{"a": NaN}',
        "{" * 100_000,
        '{"a":' * 100_000,
    ],
)
def test_what_is_cut_off_broken_or_said_twice_is_no_answer(text: str) -> None:
    with pytest.raises(NoAnswer):
        find_object(text)


def test_a_think_tag_within_a_string_is_part_of_it() -> None:
    assert find_object('{"a": "<think>b</think>"}') == ({"a": "<think>b</think>"}, ())


def test_control_characters_in_strings_are_read() -> None:
    assert find_object('{"a": "b\x01\tc\n"}')[0] == {"a": "b\x01\tc\n"}


@given(st.text(alphabet='{}[]", :ab</think>`\n', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        answer, _ = find_object(text)
    except NoAnswer:
        return
    assert isinstance(answer, dict)
