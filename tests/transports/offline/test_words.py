"""A tenant's words, read by the symptoms of a taxonomy."""

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import IssueType, SeverityPolicy, Taxonomy
from inspectiq.domain import FrozenMap
from inspectiq.transports._offline.words import ReportedProblem, read_words
from inspectiq.transports._offline.words.english import load_english
from tests.severity.cases import finding

TAXONOMY = Taxonomy.default()
POLICY = SeverityPolicy.of("house")
RANK = {level.key: level.rank for level in POLICY.levels}
DATA = Path(__file__).parent / "data" / "descriptions.toml"
DESCRIPTIONS: list[dict[str, Any]] = tomllib.loads(DATA.read_text("utf-8"))["descriptions"]
DANGEROUS = [each for each in DESCRIPTIONS if "least_level" in each]


def _types(text: str, taxonomy: Taxonomy = TAXONOMY) -> list[str]:
    return [told.type for told in read_words(text, taxonomy)]


def _rank(told: ReportedProblem) -> int:
    usual = TAXONOMY[told.type].usual_level
    level = POLICY.grade(finding(told.type, usual, *told.facts)).level
    assert level is not None
    return RANK[level]


def test_the_descriptions_are_of_all_systems() -> None:
    assert len(DESCRIPTIONS) >= 80
    systems = {kind.system for kind in TAXONOMY.types}
    assert {each["system"] for each in DESCRIPTIONS} == systems
    assert len(DANGEROUS) >= 40


def test_most_descriptions_are_read_as_of_the_right_system_and_type() -> None:
    read = [_types(each["text"]) for each in DESCRIPTIONS]
    systems = [TAXONOMY[types[0]].system if types else None for types in read]
    right = [system == each["system"] for system, each in zip(systems, DESCRIPTIONS, strict=True)]
    assert sum(right) >= 0.95 * len(right)
    both = zip(read, DESCRIPTIONS, strict=True)
    fit = [types[:1] and types[0] in each["types"] for types, each in both]
    assert sum(map(bool, fit)) >= 0.9 * len(fit)


@pytest.mark.parametrize("each", DANGEROUS, ids=lambda each: each["text"][:40])
def test_a_danger_gets_at_least_its_level(each: dict[str, Any]) -> None:
    worst = max(_rank(told) for told in read_words(each["text"], TAXONOMY))
    assert worst >= RANK[each["least_level"]]


@pytest.mark.parametrize("kind", TAXONOMY.types, ids=lambda kind: kind.key)
def test_the_symptoms_of_a_type_are_read_as_that_type(kind: IssueType) -> None:
    found = [kind.key in _types(symptom) for symptom in kind.symptoms]
    assert sum(found) >= 0.75 * len(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "Hello, thank you!",
        "My lease ends in June, can I renew it?",
        "How do I pay the rent online?",
        "The kitchen is lovely and everything works.",
        "¿?",
        "no leak under the sink",
        "There is no mold.",
        "There isn't any mold in the bathroom.",
        "The toilet does not leak.",
        "We have never seen any mice or roaches here.",
        "The leak under the sink was fixed last year.",
        "The plumber already repaired the toilet, thanks.",
        "Last year we had mice.",
        "The dishwasher is fine.",
    ],
)
def test_what_tells_of_nothing_wrong_gives_nothing(text: str) -> None:
    assert read_words(text, TAXONOMY) == ()


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("The toilet was repaired last month, but it leaks again.", "toilet_fault"),
        ("The heat used to work, but now it doesn't.", "no_heat"),
        ("The leak under the sink is not fixed.", "drain_leak"),
        ("The dishwasher is fine. The fridge is warm.", "refrigerator_fault"),
        ("I can't get the window to open.", "window_inoperable"),
        ("No smoke, but the outlet sparks.", "scorch_marks"),
        ("There's no heat or hot water.", "no_heat"),
    ],
)
def test_what_is_still_wrong_is_told(text: str, type: str) -> None:
    assert type in _types(text)


def test_two_problems_are_two_results_each_with_its_words_and_facts() -> None:
    text = "The fridge is warm since Monday. Also a bare wire hangs out of the wall in the hall."
    told = {each.type: each for each in read_words(text, TAXONOMY)}
    assert set(told) == {"refrigerator_fault", "exposed_wiring"}
    assert told["refrigerator_fault"].words == "The fridge is warm since Monday"
    assert told["exposed_wiring"].words == "Also a bare wire hangs out of the wall in the hall"
    assert told["refrigerator_fault"].facts == ()
    assert "exposed_conductor" in told["exposed_wiring"].facts


def test_three_problems_in_one_sentence_are_three_results() -> None:
    told = _types("no hot water, no heat, and the toilet is broken")
    assert set(told) == {"water_heater_fault", "no_heat", "toilet_fault"}


def test_a_thing_of_which_nothing_wrong_is_said_is_doubtful_at_most() -> None:
    for text in ("my stove is gas and works great", "the furnace is in the basement"):
        assert all(told.score < 0.5 for told in read_words(text, TAXONOMY))


def test_the_danger_is_told_of_words_that_a_milder_type_fits_too() -> None:
    told = _types("water leaking from upstairs is running through the light fixture")
    assert told[0] == "water_at_electrics"


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("the tiolet keeps runing", "toilet_fault"),
        ("dishwahser leeks", "dishwasher_leak"),
        ("refridgerator is brokn", "refrigerator_fault"),
        ("MY THERMOSTAT IS BLANK!!!", "thermostat"),
        ("ｔｈｅｒｍｏｓｔａｔ is blank", "thermostat"),
        ("thermo\u200bstat is blánk", "thermostat"),
        ("The A/C isn’t cooling", "no_cooling"),
        ("blocked is the drain, really", "clog"),
    ],
)
def test_slips_capitals_and_odd_letters_do_not_matter(text: str, type: str) -> None:
    assert _types(text)[0] == type


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("The pipe under the sink is still leaking.", {"active_water"}),
        ("Water drips on the outlet in the kitchen.", {"water_near_electrics"}),
        ("Bare wire in the hall and my toddler tries to touch it.",
         {"exposed_conductor", "child_reach"}),
        ("There are burn marks on the outlet.", {"scorching"}),
        ("I cannot lock the front door.", {"security_lost"}),
        ("It smells like gas in the kitchen.", {"gas_suspected"}),
    ],
)  # fmt: skip
def test_facts_are_told_where_the_words_are_clear(text: str, facts: set[str]) -> None:
    told = {fact for each in read_words(text, TAXONOMY) for fact in each.facts}
    assert facts <= told
    assert told <= set(TAXONOMY.facts)


@pytest.mark.parametrize(
    "text",
    [
        "The faucet drips.",
        "The toilet keeps running.",
        "There is a leak under the sink.",
        "There is a cigarette burn in the carpet.",
        "The light in the hall does not work.",
        "My child's bedroom window is stuck.",
    ],
)
def test_a_fact_that_is_not_clearly_said_is_not_told(text: str) -> None:
    for told in read_words(text, TAXONOMY):
        assert set(told.facts) <= {"not_working"}


def test_every_fact_that_words_are_kept_for_is_one_of_the_shipped_taxonomy() -> None:
    assert load_english().facts_known <= set(TAXONOMY.facts)


def test_a_type_of_ones_own_is_found_by_its_symptoms_label_and_key() -> None:
    pool = IssueType(
        key="pool_water",
        group="pool",
        label="Cloudy pool water",
        trade="pool_service",
        symptoms=("the pool is green", "algae in the pool"),
    )
    mine = TAXONOMY.with_types(pool, groups={"pool": "Pool"})
    for text in ("Our pool turned green", "there's alge in the pool", "cloudy pool water"):
        assert _types(text, mine)[0] == "pool_water"
        assert "pool_water" not in _types(text)


def test_a_taxonomy_of_ones_own_alone_gives_no_type_and_no_fact_of_the_shipped_one() -> None:
    pool = IssueType(
        key="pool", group="pool", label="Pool", trade="x", symptoms=("water in the outlet",)
    )
    mine = Taxonomy(name="pools", version="1", groups=FrozenMap(pool="Pool"), types=(pool,))
    (told,) = read_words("Water drips on the outlet. The fridge is warm.", mine)
    assert (told.type, told.facts) == ("pool", ())


SAID = st.lists(
    st.sampled_from([word for each in DESCRIPTIONS for word in each["text"].split()])
    | st.text(max_size=12)
    | st.sampled_from([".", ",", "\n", "!", "not", "no", "never", "was fixed", "’"]),
    max_size=60,
).map(" ".join)


@given(SAID, st.integers(min_value=-1, max_value=6))
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_is_read_and_always_in_the_same_way(text: str, most: int) -> None:
    told = read_words(text, TAXONOMY, most=most)
    assert told == read_words(text, TAXONOMY, most=most)
    assert len(told) <= max(0, most)
    assert len({each.type for each in told}) == len(told)
    for each in told:
        assert each.type in TAXONOMY
        assert each.words in text
        assert each.words
        assert 0 < each.score <= 1
        assert set(each.facts) <= set(TAXONOMY.facts)


@given(st.sampled_from(DESCRIPTIONS))
@settings(max_examples=60, deadline=None)
def test_capitals_change_nothing(each: dict[str, Any]) -> None:
    text = each["text"]
    lower = [(told.type, told.score, told.facts) for told in read_words(text.lower(), TAXONOMY)]
    upper = [(told.type, told.score, told.facts) for told in read_words(text.upper(), TAXONOMY)]
    assert lower == upper


def test_slips_of_one_letter_rarely_change_the_system() -> None:
    chance = random.Random(7)
    same = []
    for each in DESCRIPTIONS:
        words = each["text"].split()
        long = [at for at, word in enumerate(words) if len(word) > 6 and word.isalpha()]
        if not long or not _types(each["text"]):
            continue
        at = chance.choice(long)
        cut = chance.randrange(2, len(words[at]) - 1)
        words[at] = words[at][:cut] + words[at][cut + 1 :]
        types = _types(" ".join(words))
        before = TAXONOMY[_types(each["text"])[0]].system
        same.append(bool(types) and TAXONOMY[types[0]].system == before)
    assert sum(same) >= 0.9 * len(same)
