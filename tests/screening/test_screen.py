import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import screen
from inspectiq.screening import EmergencyNumber, EmergencyScreen
from tests.screening.phrases import phrases

WORDS = ("no", "if", "gas", "smell", "but", "fire", "🔥", "huele", "a", "12", ",", ".", "- ", "’s")
INNOCENT = (
    "The kitchen faucet drips",
    "I like the new carpet",
    "My name is Ana and I live in unit 4",
    "La puerta del baño no cierra",
)


def test_the_shipped_screen_is_one_value_that_results_can_name() -> None:
    shipped = EmergencyScreen.default()
    assert shipped is EmergencyScreen.default()
    assert list(shipped.languages) == ["en", "es"]
    found = screen("the door is loose")
    assert found.screen == f"{shipped.name} {shipped.version}"
    assert found.screen_sha256 == shipped.sha256
    for twin in (
        EmergencyScreen.model_validate_json(shipped.model_dump_json()),
        pickle.loads(pickle.dumps(shipped)),
        copy.deepcopy(shipped),
    ):
        assert twin == shipped
        assert twin.sha256 == shipped.sha256
        assert twin.screen("I smell gas") == screen("I smell gas")


def test_every_kind_is_told_in_every_language() -> None:
    shipped = EmergencyScreen.default()
    for language in shipped.languages.values():
        assert set(language.kinds) == set(shipped.kinds)


def test_every_number_has_a_source_and_a_mark() -> None:
    numbers = EmergencyScreen.default().numbers
    known = {"US": "911", "CA": "911", "MX": "911", "GB": "999", "IE": "112", "AU": "000"}
    assert known.items() <= {country: one.number for country, one in numbers.items()}.items()
    for one in numbers.values():
        assert isinstance(one, EmergencyNumber)
        assert one.source
        assert one.mark == "S"


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "!!!", "12345", "🔥🔥🔥"])
def test_where_there_are_no_words_nothing_is_screened(text: str) -> None:
    for language in (None, "en", "de"):
        found = screen(text, language=language)
        assert (found.status, found.reason) == ("not_screened", "there are no words to screen")


def test_an_unknown_language_is_never_clear_but_its_emergencies_are_found() -> None:
    found = screen("the door is loose", language="de-AT")
    assert found.status == "not_screened"
    assert "does not know the language 'de-AT'" in found.reason
    assert screen("I smell gas", language="de-AT").status == "emergency"


@pytest.mark.parametrize("language", ["en", "en-GB", "EN_us", "es-MX", None])
def test_all_rules_are_run_whatever_language_is_given(language: str | None) -> None:
    for text, key in (("huele a gas", "es"), ("I smell gas", "en")):
        (one,) = screen(text, language=language).emergencies
        assert (one.kind, one.language) == ("gas_smell", key)


def test_words_of_another_language_are_not_clear_although_english_was_given() -> None:
    found = screen("Es riecht nach Gas in der Küche", language="en")
    assert found.status == "not_screened"


@pytest.mark.parametrize("foreign", ["Es riecht nach Gas in der ganzen Küche.", "厨房里有煤气味"])
def test_a_part_in_another_language_keeps_the_whole_from_being_clear(foreign: str) -> None:
    text = "The kitchen faucet drips and the bathroom door does not close. " * 5
    assert screen(text).status == "clear"
    found = screen(text + foreign)
    assert (found.status, found.language) == ("not_screened", "en")
    assert "a part of the words" in found.reason


def test_the_language_is_told() -> None:
    assert screen("Kitchen faucet drips").language == "en"
    assert screen("no cierra la puerta del baño").language == "es"


def test_instructions_name_the_number_of_the_country_only() -> None:
    def told(country: str | None) -> str:
        return " ".join(screen("I smell gas", country=country).emergencies[0].instructions)

    assert "call 911" in told("US")
    assert "call 999" in told("gb ")
    for country in (None, "", "XX"):
        assert "call the emergency number" in told(country)
    spanish = screen("huele a gas", country="MX").emergencies[0]
    assert "llame al 911" in " ".join(spanish.instructions)


def test_the_reply_may_be_in_another_language() -> None:
    (one,) = screen("huele a gas", reply_in="en-US").emergencies
    assert (one.language, one.label) == ("es", "Smell of gas or escaping gas")
    (one,) = screen("huele a gas", reply_in="fr").emergencies
    assert one.label == "Olor a gas o fuga de gas"


def test_the_most_pressing_comes_first() -> None:
    found = screen("The basement is flooding, my son is trapped and the kitchen is on fire")
    kinds = [one.kind for one in found.emergencies]
    assert kinds[0] == "fire"
    ranks = EmergencyScreen.default().kinds
    assert kinds == sorted(kinds, key=lambda kind: ranks[kind].rank)


@given(st.text(max_size=200))
def test_no_text_raises_and_the_result_is_the_same_again(text: str) -> None:
    assert screen(text) == screen(text)


@given(st.lists(st.sampled_from(WORDS)))
def test_no_order_of_words_raises(words: list[str]) -> None:
    assert screen(" ".join(words)).screen


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_innocent_sentence_beside_an_emergency_keeps_nearly_all(language: str) -> None:
    found = [text for text in phrases(f"{language}_must") if screen(text).emergencies]
    wholes = [
        whole
        for text in found
        for innocent in INNOCENT
        for whole in (f"{innocent}. {text}", f"{text}. {innocent}.")
    ]
    kept = sum(screen(whole).status == "emergency" for whole in wholes)
    assert kept >= 0.94 * len(wholes)


@given(
    st.sampled_from(phrases("en_must") + phrases("es_must")),
    st.sampled_from(["en", "es", "fr", None]),
)
def test_no_number_is_named_without_a_country(text: str, reply_in: str | None) -> None:
    for one in screen(text, reply_in=reply_in).emergencies:
        assert not re.search(r"\d|\{", " ".join(one.instructions))


@pytest.mark.parametrize(
    ("language", "complaints", "emergencies"),
    [
        (
            "en",
            "there is a crack|there is a hole|there is a dent|there is a noise|there is a mouse|"
            "there is a crack in the mirror|there is a leak stain|there is a smell of paint|"
            "there is a smell of polish",
            "there is smoke|there is a gas leak|there is a smell of gas|there is a live wire|"
            "there is someone trapped|there is blood|there is a burst pipe",
        ),
        (
            "es",
            "hay una grieta|hay un agujero|hay un hueco|hay una mancha|hay un ruido|hay un hoyito|"
            "hay una grieta en el espejo|hay olor a pintura|hay una polilla",
            "hay humo|hay una fuga de gas|hay olor a gas|hay un cable pelado|hay sangre|"
            "hay una persona atrapada|hay una inundacion",
        ),
    ],
)
def test_few_words_are_told_apart_by_what_there_is(
    language: str, complaints: str, emergencies: str
) -> None:
    raised = [text for text in complaints.split("|") if screen(text, language=language).emergencies]
    assert raised == []
    for text in emergencies.split("|"):
        assert screen(text, language=language).status == "emergency", text
