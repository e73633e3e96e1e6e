"""However it is written: misspelt, disguised, drawn out; and real words stay what they are."""

import pytest

from inspectiq import screen


@pytest.mark.parametrize(
    "text",
    [
        "smel gass",
        "I smel gass in the hall",
        "carbn monoxide alarm going off",
        "sparcs from the outlet",
        "flodding in the basement",
        "celing is colapsing",
        "sewege backing up",
        "theres a fier",
        "I SMELL GAS",
        "I smell gaaaas heeelp",
        "smellgas in the hall",
        "I sm\u200bell g\u200bas",
        "\u202eI smell\u202c gas",
        "I smеll gаs",  # with letters of the Cyrillic alphabet
        "Ｉ ｓｍｅｌｌ ｇａｓ",
        "I_smell_gas",
        "🔥 in the kitchen, help",
        "inundacion en el sotano",
        "uele a gas",
        "olor a quemado",
        "HUELE A GAS",
    ],
)
def test_an_emergency_is_found_however_it_is_written(text: str) -> None:
    assert screen(text).status == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "my tire is flat and the wire of the hire bike is loose",
        "it is a fine file",
        "a small spell of rain",
        "the wheel spoke is bent",
        "we walk in the park",
        "the floor is cold",
        "the glass is broken",
        "is there a shark in the pool",
        "my blood pressure is fine",
    ],
)
def test_a_real_word_is_not_taken_for_a_misspelt_hazard(text: str) -> None:
    assert screen(text).status == "clear"


def test_the_words_are_quoted_as_they_were_written() -> None:
    (one,) = screen("Hello. I SMELL  Gаs here.").emergencies
    assert one.words == "I SMELL  Gаs"


def test_an_emergency_in_a_long_story_is_found() -> None:
    story = "The kitchen faucet drips and the door is loose. " * 600
    found = screen(story + "Now I smell gas. " + story)
    assert [one.kind for one in found.emergencies] == ["gas_smell"]


def test_a_text_of_one_word_over_and_over_is_read_in_the_end() -> None:
    for word in (
        "gas ",
        "smell ",
        "no ",
        "if ",
        "false alarm ",
        "a",
        "(",
        "🔥",
        "no smell of gas, ",
    ):
        assert screen(word * (50_000 // len(word))).screen
