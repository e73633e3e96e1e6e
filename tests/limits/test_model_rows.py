"""The shipped table, row by row.

Prices: public copies of OpenAI's pricing page, and genai-prices 0.2.3. Shutdown dates: openai
3.57.0, `types/shared/chat_model.py`. Replacements: public copies of OpenAI's deprecations page.
Tokens of a picture: OpenAI's images and vision guide, worked out by a program that shares no code
with this one; 14,364 and 2,942 for 4032 x 3024 pixels on gpt-5.6 and gpt-6 are also what users
measured.
"""

from datetime import date
from decimal import Decimal

import pytest

from inspectiq.limits import ModelInfo, ModelTable

TABLE = ModelTable.default()
D = Decimal

PRICES = {  # input, cached input, cache writing, output; dollars a million tokens
    "gpt-6.2-astra": ("8", "0.4", "10", "40"),
    "gpt-6.2-sol": ("2", "0.1", "2.5", "10"),
    "gpt-6.1-sol": ("2", "0.1", "2.5", "10"),
    "gpt-6.1-terra": ("1", "0.05", "1.25", "5"),
    "gpt-6-astra": ("10", "1", "12.5", "50"),
    "gpt-6-sol": ("2", "0.2", "2.5", "10"),
    "gpt-6-luna": ("0.1", "0.01", "0.125", "0.5"),
    "gpt-5.6-sol": ("4", "0.4", "5", "20"),
    "gpt-5.6-terra": ("2", "0.2", "2.5", "12"),
    "gpt-5.6-luna": ("0.2", "0.02", "0.25", "1.2"),
    "gpt-5.5": ("5", "0.5", None, "30"),
    "gpt-5.4": ("2.5", "0.25", None, "15"),
    "gpt-5.4-mini": ("0.75", "0.075", None, "4.5"),
    "gpt-5.4-nano": ("0.2", "0.02", None, "1.25"),
    "gpt-5.2": ("1.75", "0.175", None, "14"),
    "gpt-5.1": ("1.25", "0.125", None, "10"),
    "gpt-5": ("1.25", "0.125", None, "10"),
    "gpt-5-mini": ("0.25", "0.025", None, "2"),
    "gpt-5-nano": ("0.05", "0.005", None, "0.4"),
    "gpt-4.1": ("2", "0.5", None, "8"),
    "gpt-4.1-mini": ("0.4", "0.1", None, "1.6"),
    "gpt-4.1-nano": ("0.1", "0.025", None, "0.4"),
    "gpt-4o": ("2.5", "1.25", None, "10"),
    "gpt-4o-mini": ("0.15", "0.075", None, "0.6"),
    "o4-mini": ("1.1", "0.275", None, "4.4"),
    "o3": ("2", "0.5", None, "8"),
    "o1": ("15", "7.5", None, "60"),
    "gpt-4o-2024-05-13": ("5", None, None, "15"),
    "gpt-4-turbo": ("10", None, None, "30"),
    "gpt-4-turbo-preview": ("10", None, None, "30"),
    "gpt-4-vision-preview": ("10", None, None, "30"),
    "gpt-4-0125-preview": ("10", None, None, "30"),
}

SHUTDOWNS = {
    "gpt-4-vision-preview": ("2024-12-06", None),
    "gpt-4-turbo-preview": ("2026-03-26", None),
    "gpt-4-0125-preview": ("2026-03-26", None),
    "gpt-4.1-nano": ("2026-10-23", "gpt-5.6-luna"),
    "o4-mini": ("2026-10-23", "gpt-5.6-terra"),
    "o1": ("2026-10-23", "gpt-5.6-sol"),
    "gpt-4o-2024-05-13": ("2026-10-23", "gpt-5.6-sol"),
    "gpt-4-turbo": ("2026-10-23", "gpt-5.6-sol"),
    "gpt-5": ("2026-12-11", "gpt-6.1-sol"),
    "gpt-5-mini": ("2026-12-11", "gpt-6.1-terra"),
    "gpt-5-nano": ("2026-12-11", "gpt-6-luna"),
    "o3": ("2026-12-11", "gpt-6.1-sol"),
    "gpt-4.1": ("2027-01-14", "gpt-6-luna"),
    "gpt-4.1-mini": ("2027-01-14", "gpt-6-luna"),
    "gpt-4o": ("2027-01-14", "gpt-6-luna"),
    "gpt-4o-mini": ("2027-01-14", "gpt-6-luna"),
    "gpt-5.1": ("2027-04-01", None),
    "gpt-5.4-nano": ("2027-04-01", None),
}

LOWEST_EFFORTS = {
    "none": "gpt-6.1-terra gpt-6-luna gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna gpt-5.5 gpt-5.4 "
    "gpt-5.4-mini gpt-5.4-nano gpt-5.2 gpt-5.1",
    "minimal": "gpt-5 gpt-5-mini gpt-5-nano",
    "low": "gpt-6.2-astra gpt-6.2-sol gpt-6.1-sol gpt-6-astra gpt-6-sol o4-mini o3 o1",
}

SIZES = ((640, 480), (1024, 1024), (1920, 1080), (3024, 4032), (4032, 3024), (8064, 6048))
GPT_6 = "gpt-6.2-astra gpt-6.2-sol gpt-6.1-sol gpt-6.1-terra gpt-6-astra gpt-6-sol gpt-6-luna"
GPT_56 = f"{GPT_6} gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna"
GPT_54 = "gpt-5.4 gpt-5.4-mini gpt-5.4-nano"
GPT_4 = "gpt-4.1 gpt-4o gpt-4o-2024-05-13 gpt-4-turbo gpt-4-vision-preview"
TOKENS = [  # models, detail, tokens at each of the sizes
    (f"{GPT_56} gpt-5.5", "low", (231, 308, 173, 231, 231, 231)),
    (f"{GPT_56} gpt-5.5 {GPT_54}", "high", (360, 1229, 2448, 2942, 2942, 2942)),
    # The largest is refused at the provider; we send it smaller.
    (GPT_56, "original", (360, 1229, 2448, 14_364, 14_364, 36_000)),
    (f"gpt-5.5 {GPT_54}", "original", (360, 1229, 2448, 11_868, 11_868, 11_868)),
    (f"{GPT_54} gpt-5.2 gpt-5-mini", "low", (360, 1229, 2448, 3687, 3687, 3687)),
    ("gpt-5.2 gpt-5-mini", "high", (360, 1229, 2448, 3687, 3687, 3687)),
    ("gpt-5.1 gpt-5", "low", (70, 70, 70, 70, 70, 70)),
    ("gpt-5.1 gpt-5", "high", (350, 630, 910, 630, 630, 630)),
    ("gpt-5-nano", "low", (450, 1536, 3060, 4608, 4608, 4608)),
    ("gpt-5-nano", "high", (450, 1536, 3060, 4608, 4608, 4608)),
    (GPT_4, "low", (85, 85, 85, 85, 85, 85)),
    (GPT_4, "high", (425, 765, 1105, 765, 765, 765)),
    ("gpt-4.1-mini", "low", (486, 1659, 3305, 4977, 4977, 4977)),
    ("gpt-4.1-mini", "high", (486, 1659, 3305, 4977, 4977, 4977)),
    ("gpt-4.1-nano", "low", (738, 2520, 5019, 7558, 7558, 7558)),
    ("gpt-4.1-nano", "high", (738, 2520, 5019, 7558, 7558, 7558)),
    ("gpt-4o-mini", "low", (2833, 2833, 2833, 2833, 2833, 2833)),
    ("gpt-4o-mini", "high", (14_167, 25_501, 36_835, 25_501, 25_501, 25_501)),
    ("o4-mini", "low", (516, 1762, 3509, 5284, 5284, 5284)),
    ("o4-mini", "high", (516, 1762, 3509, 5284, 5284, 5284)),
    ("o3 o1", "low", (75, 75, 75, 75, 75, 75)),
    ("o3 o1", "high", (375, 675, 975, 675, 675, 675)),
]


def model(name: str) -> ModelInfo:
    found = TABLE.find(name)
    assert found is not None
    return found


def test_each_price_is_what_the_copies_of_the_pricing_page_say() -> None:
    assert {each.name for each in TABLE.models} == PRICES.keys()
    for name, (read, cached, written, output) in PRICES.items():
        pricing = model(name).pricing
        assert pricing is not None
        assert pricing.input == D(read), name
        assert pricing.cached_input == (cached and D(cached)), name
        assert pricing.cache_write == (written and D(written)), name
        assert pricing.output == D(output), name


def test_each_shutdown_is_what_the_sdk_and_the_copies_of_the_deprecations_page_say() -> None:
    for each in TABLE.models:
        day, replacement = SHUTDOWNS.get(each.name, (None, None))
        assert each.shutdown == (day and date.fromisoformat(day)), each.name
        assert each.replacement == replacement, each.name


def test_a_replacement_is_a_model_that_is_not_about_to_go_itself() -> None:
    for each in TABLE.models:
        if each.replacement:
            assert model(each.replacement).shutdown is None


def test_each_model_that_reasons_says_the_lowest_effort_that_it_accepts() -> None:
    lowest = {each.name: each.reasoning[0] for each in TABLE.models if each.reasoning}
    assert lowest == {
        name: effort for effort, names in LOWEST_EFFORTS.items() for name in names.split()
    }


def test_each_effort_that_a_model_accepts_has_its_room() -> None:
    for each in TABLE.models:
        rooms = [TABLE.estimate_reasoning(each, effort) for effort in each.reasoning]
        assert rooms == sorted(rooms)
        assert all(room > 0 for room in rooms[1:])
    assert TABLE.estimate_reasoning(model("gpt-6-luna"), "none") == 0
    assert TABLE.estimate_reasoning(model("gpt-4.1"), None) == 0


@pytest.mark.parametrize(("names", "detail", "tokens"), TOKENS)
def test_a_photo_takes_as_many_tokens_as_the_guide_says(
    names: str, detail: str, tokens: tuple[int, ...]
) -> None:
    for name in names.split():
        counting = model(name).get_image_tokens(detail)
        assert counting is not None
        assert tuple(counting.count(*size) for size in SIZES) == tokens, name


def test_every_model_and_detail_of_the_table_is_counted_here() -> None:
    here = {(name, detail) for names, detail, _ in TOKENS for name in names.split()}
    assert here == {(each.name, detail) for each in TABLE.models for detail in each.images or ()}


def test_tiers_and_cache_lives_are_factors_of_the_price() -> None:
    assert dict(TABLE.service_tiers) == {
        "default": 1,
        "flex": D("0.5"),
        "batch": D("0.5"),
        "priority": 2,
    }
    assert dict(TABLE.cache_lives) == {"30m": D("1.25"), "12h": D("2.5")}
