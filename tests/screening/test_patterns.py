import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq.screening.lanes import Lanes
from inspectiq.screening.memory import REMEMBERED, Memory
from inspectiq.screening.patterns import forms, parse
from inspectiq.screening.spelling import Spelling, distance, single
from inspectiq.screening.words import (
    COMMA,
    STOP,
    break_of,
    large_number,
    number_of,
    plain,
    spaces_part,
    taken_apart,
)


def test_a_word_has_its_endings() -> None:
    assert forms("spark/s/ed") == ("spark", "sparks", "sparked")
    assert forms("quem-/a/an") == ("quema", "queman")
    assert forms("don't") == ("dont",)


def test_a_pattern_is_read() -> None:
    pattern = parse("@smell + gas|propane within 5 across unless bill/s")
    assert (pattern.within, pattern.across) == (5, True)
    assert pattern.elements[1].words == {"gas", "propane"}
    assert pattern.unless is not None
    assert pattern.unless.words == {"bill", "bills"}
    assert parse("no *2 heat? #-40..32").elements[3].numbers == {(-40, 32)}


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("fier", "fire", 1), ("smel", "smell", 1), ("gas", "gas", 0), ("celing", "ceiling", 1)],
)
def test_steps_are_counted_after_damerau(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == steps


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_step_is_one_letter_put_in_left_out_changed_or_swapped(one: str, other: str) -> None:
    places, letters = range(len(one) + 1), "abc"
    near = {one[:at] + letter + one[at:] for at in places for letter in letters}
    near |= {one[:at] + one[at + 1 :] for at in places}
    near |= {one[:at] + letter + one[at + 1 :] for at in places[:-1] for letter in letters}
    near |= {one[:at] + one[at : at + 2][::-1] + one[at + 2 :] for at in places}
    steps = distance(one, other)
    assert (steps <= 1) == (other in near)
    assert steps == distance(other, one)
    assert (steps == 0) == (one == other)


def test_the_first_letter_must_be_right_and_short_words_are_left_alone() -> None:
    spelling = Spelling(["fire", "smoke", "monoxide", "collapsing"], frozenset({"fire"}))
    assert spelling.meant("fier") == "fire"
    assert spelling.meant("smok") == "smoke"
    assert spelling.meant("colapsinng") == "collapsing"
    for word in ("hire", "fine", "poke", "fi", "x" * 40):
        assert spelling.meant(word) is None


def test_drawn_out_letters_are_drawn_in() -> None:
    assert "gas" in single("gaaaas")
    assert single("small") == ()


def test_a_text_is_taken_apart() -> None:
    assert taken_apart("It's -5 °C, no heat!") == ["It's", "-5", "°", "C", ",", "no", "heat", "!"]
    assert [break_of(token) for token in ("word", ",", "!", "...", ".", "\n", "\n\n", " - ")] == [
        0, COMMA, STOP, COMMA, STOP, COMMA, STOP, COMMA,
    ]  # fmt: skip
    assert (number_of("−5"), number_of("1,5"), number_of("heat"), number_of("٣")) == (
        -5, 1.5, None, 3,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "It's -5 °C, no heat!",
        "a door - and a lock",
        "a door\t- and a lock",
        "wet.  \nThe floor",
        "gas?!  Yes , 1,5 m; the\tsink's (old) tap",
        "el  baño… ¿y la  llave?",
    ],
)
def test_a_text_may_be_taken_apart_at_its_spaces_first(text: str) -> None:
    parts = [token for part in text.split(" ") for token in taken_apart(part)]
    assert parts == taken_apart(text) or not spaces_part(text)


def test_a_dash_and_a_line_keep_the_spaces_around_them() -> None:
    for text in ("no heat, none", "-5", "well-lit"):
        assert spaces_part(text)
    for text in ("no - heat", "a -5", "a- b", "no\nheat"):
        assert not spaces_part(text)


def test_only_so_many_answers_are_remembered() -> None:
    asked: list[str] = []

    def answer(question: str) -> int:
        asked.append(question)
        return len(question)

    known = Memory(answer)
    assert (known["gas"], known["gas"], asked) == (3, 3, ["gas"])
    assert (known["x" * 1000], known["x" * 1000], len(asked)) == (1000, 1000, 3)
    for number in range(2 * REMEMBERED):
        assert known[f"{number}"] > 0
        assert len(known) <= REMEMBERED


def test_one_answer_stands_for_all_questions_that_are_alike() -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return question

    known = Memory(answer, str.lower)
    assert (known["GAS"], known["Gas"], known["gas"], asked) == ("gas", "gas", "gas", ["gas"])
    assert list(known) == ["gas"]


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("4711", "4711"), ("4711:", "4711"), ("2026-11-25", "2026"), ("999", ""), ("0471", ""),
        ("1985.5", ""), ("1500th", ""), ("no 1500", ""), ("9" * 5000, ""), ("٤٧١١", ""),
    ],
)  # fmt: skip
def test_a_large_number_is_a_whole_one_that_a_word_begins_with(word: str, number: str) -> None:
    assert large_number(word) == number


@given(st.lists(st.lists(st.integers(-5, 10_000), min_size=4, max_size=4), max_size=30))
def test_what_rows_add_up_to_is_unpacked(rows: list[list[int]]) -> None:
    lanes = Lanes(4, -5)
    total = sum(map(lanes.packed, rows))
    assert lanes.unpacked(total) == [sum(row[at] for row in rows) for at in range(4)]


def test_disguises_are_taken_off() -> None:
    assert plain("ＧÁＳ") == "gas"
    assert plain("g\u200ba\u0301s") == "gas"
    assert plain("дверь") == "дверь"
