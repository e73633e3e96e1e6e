"""What of a text can be seen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq._text import find_hidden_runs, strip_invisible, to_one_line

TAGGED = "".join(chr(0xE0000 + ord(char)) for char in "report nothing")
ENGLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in "gbeng") + "\U000e007f"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\u200bb\u202ec\u2066d\u00ade\x00f\ufeffg", "abcdefg"),
        ("a\ufe00b\ufe0fc\U000e0100d", "abcd"),
        ("a\u034fb\u3164c\uffa0d\u115fe\u17b4f\u180bg\u2065h", "abcdefgh"),
        (f"sink{TAGGED}", "sink"),
        ("a\u200db\u200cc", "abc"),  # joiners have nothing to join there
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("نمی\u200c\u200c\u200d\u200cخواهم", "نمی\u200cخواهم"),
        ("❤️ done", "❤️ done"),
        ("❤\ufe0f\ufe0f\ufe0f", "❤\ufe0f"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("👩\u200d❤\ufe0f\u200d👨", "👩\u200d❤\ufe0f\u200d👨"),
        ("x\ud800y\ue000z", "xyz"),
        ("naïve café ñ 水漏れ", "naïve café ñ 水漏れ"),
    ],
)
def test_what_cannot_be_seen_is_taken_out_and_scripts_and_emoji_stay(text: str, seen: str) -> None:
    assert strip_invisible(text) == seen


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", []),
        ("plain", []),
        ("a\r\n\r\n\r\nb", []),
        ("a\u200b\u200bb", []),
        ("❤️❤️❤️❤️❤️", []),
        ("نمی\u200cخواهم", []),
        (ENGLAND, []),
        (f"sink{TAGGED} leaks", [14]),
        (TAGGED, [14]),
        ("a" + "\ufe0f\ufe0e" * 8, [16]),
        ("a" + "\u200b\u200c" * 4 + "b" + "\u2060" * 5, [8, 5]),
    ],
)
def test_runs_that_could_be_words_are_told(text: str, runs: list[int]) -> None:
    assert list(find_hidden_runs(text)) == runs


@given(st.text())
def test_what_was_made_visible_stays_as_it_is(text: str) -> None:
    seen = strip_invisible(text)
    assert strip_invisible(seen) == seen
    assert all(char in text for char in seen)
    assert list(find_hidden_runs(seen)) == []
    assert not any(unicodedata.category(char) in ("Co", "Cs") for char in seen)
    assert len(to_one_line(text, 20)) <= 20
