import pytest

from inspectiq.screening.memory import REMEMBERED, Memory
from inspectiq.screening.patterns import forms, parse
from inspectiq.screening.spelling import Spelling, distance, single
from inspectiq.screening.words import (
    COMMA,
    STOP,
    break_of,
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


def test_disguises_are_taken_off() -> None:
    assert plain("ＧÁＳ") == "gas"
    assert plain("g\u200ba\u0301s") == "gas"
    assert plain("дверь") == "дверь"
