import pickle
import re
from datetime import date
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError
from inspectiq.limits import FlatTokens, ModelInfo, ModelTable, PatchTokens, Pricing
from inspectiq.photos import ImageRule

TABLE = ModelTable.default()
DETAILS = [(model.name, detail) for model in TABLE.models for detail in model.images or ()]
sizes = st.tuples(st.integers(200, 8000), st.integers(200, 8000))
details = st.sampled_from(DETAILS)
OWN = ModelInfo(
    name="house-model",
    pricing=Pricing(input=Decimal(1), output=Decimal(2)),
    images={"high": FlatTokens(tokens=300)},  # type: ignore[arg-type]
    context_tokens=8000,
)


def model(name: str) -> ModelInfo:
    found = TABLE.find(name)
    assert found is not None
    return found


def count(name: str, detail: str, size: tuple[int, int]) -> int:
    tokens = model(name).get_image_tokens(detail)
    assert tokens is not None
    return tokens.count(*size)


def price(name: str) -> Pricing:
    pricing = model(name).pricing
    assert pricing is not None
    return pricing


def fitted(name: str, detail: str, size: tuple[int, int]) -> tuple[int, int]:
    return model(name).make_image_rule(detail).fit(*size)


def test_the_shipped_table_says_when_and_where_its_figures_were_read() -> None:
    assert TABLE is ModelTable.default()
    assert re.fullmatch(r"20\d\d-\d\d", TABLE.as_of)
    assert "OpenAI" in TABLE.source
    assert TABLE.version


def test_no_model_is_cheaper_to_write_to_the_cache_or_to_answer_than_to_read() -> None:
    for each in TABLE.models:
        costs = price(each.name)
        assert 0 < (costs.cached_input or costs.input) <= costs.input < costs.output
        assert costs.cache_write in (None, costs.input * TABLE.cache_lives["30m"])
        assert (each.max_output_tokens or 0) < (each.context_tokens or 0)


def test_a_snapshot_is_found_under_its_date_and_one_of_its_own_price_is_its_own() -> None:
    assert TABLE.find("gpt-4.1-2025-04-14") is TABLE.find("gpt-4.1")
    assert price("gpt-4o-2024-05-13").input == Decimal(5)
    assert model("gpt-4o-2024-11-20").name == "gpt-4o"


@pytest.mark.parametrize(
    "name", ["", "gpt-9", "openai:gpt-4.1", "GPT-4.1", "gpt-4.1-latest", "gpt-4.1-2025-04-14-x"]
)
def test_what_is_not_in_the_table_is_not_guessed(name: str) -> None:
    assert TABLE.find(name) is None


@pytest.mark.parametrize("detail", ["auto", "original", "HIGH", ""])
def test_a_detail_that_a_model_does_not_accept_names_those_that_it_does(detail: str) -> None:
    with pytest.raises(ConfigError, match=r"gpt-4\.1 has no image detail .*; use low or high"):
        model("gpt-4.1").make_image_rule(detail)


def test_a_model_that_takes_no_pictures_says_so() -> None:
    with pytest.raises(ConfigError, match="takes no pictures"):
        model("gpt-4-turbo-preview").get_image_tokens("high")


def test_a_temperature_is_for_models_that_do_not_reason_at_that_effort() -> None:
    assert model("gpt-4.1").takes_temperature()
    assert model("gpt-5.4").takes_temperature()
    assert model("gpt-5.4").takes_temperature("none")
    assert not model("gpt-5.4").takes_temperature("low")
    assert not model("gpt-5-mini").takes_temperature()
    assert not model("gpt-5.6-sol").takes_temperature("none")
    assert model("gpt-6-luna").takes_temperature("none")
    assert not model("gpt-6-luna").takes_temperature()
    assert not model("gpt-6.2-sol").takes_temperature("low")


def test_known_photos_are_sent_at_the_size_that_the_provider_shrinks_them_to() -> None:
    assert fitted("gpt-4.1", "high", (4032, 3024)) == (1024, 768)
    assert fitted("gpt-4.1", "high", (3024, 4032)) == (768, 1024)
    assert fitted("gpt-4.1", "high", (4032, 3016)) == (1024, 766)
    assert fitted("gpt-4.1", "high", (3840, 2160)) == (1365, 768)
    assert fitted("gpt-4.1", "low", (4032, 3024)) == (512, 384)
    assert fitted("gpt-5.4", "high", (4032, 3024)) == (1824, 1368)
    assert fitted("gpt-5-mini", "high", (4032, 3024)) == (2048, 1536)
    assert fitted("gpt-5.6-sol", "original", (4032, 3024)) == (4032, 3024)
    assert fitted("gpt-5.6-sol", "original", (8064, 6048)) == (6400, 4800)  # it refuses more


def test_a_smaller_side_than_the_models_own_costs_less() -> None:
    smaller = model("gpt-5.4").make_image_rule("high").model_copy(update={"long_side": 1024})
    assert smaller.fit(4032, 3024) == (1024, 768)
    assert count("gpt-5.4", "high", (1024, 768)) == 922


def test_a_model_whose_picture_size_is_not_known_has_the_usual_rule() -> None:
    assert OWN.make_image_rule("high") == ImageRule()


@pytest.mark.parametrize(("name", "detail"), DETAILS)
@settings(max_examples=15)
@given(sizes)
def test_the_size_that_is_sent_never_costs_more_than_the_full_photo(
    name: str, detail: str, size: tuple[int, int]
) -> None:
    sent = fitted(name, detail, size)
    assert count(name, detail, sent) <= count(name, detail, size)
    assert sent[0] <= size[0]
    assert sent[1] <= size[1]


@given(details, sizes)
def test_the_size_that_is_sent_keeps_the_proportions(
    which: tuple[str, str], size: tuple[int, int]
) -> None:
    sent = fitted(*which, size)
    the_providers_own_rounding = 2  # pixels: it rounds down once for each limit
    assert abs(min(sent) - min(size) * max(sent) / max(size)) <= the_providers_own_rounding


@given(details, sizes)
def test_what_was_fitted_once_costs_the_same_when_it_is_fitted_again(
    which: tuple[str, str], size: tuple[int, int]
) -> None:
    once = fitted(*which, size)
    assert count(*which, fitted(*which, once)) == count(*which, once)


@given(details, sizes)
def test_eight_per_cent_more_would_cost_more_or_be_shrunk_away_by_the_provider(
    which: tuple[str, str], size: tuple[int, int]
) -> None:
    sent = fitted(*which, size)
    width, height = (round(side * 1.08) for side in sent)
    if width > size[0] or height > size[1]:
        return  # the photo has no more pixels to send
    tokens = model(which[0]).get_image_tokens(which[1])
    assert tokens is not None
    grid = tokens.grid
    assert grid is not None
    a_row_of_patches = 1.02
    same = max(grid.shrink(width, height)) <= max(sent) * a_row_of_patches
    assert same or tokens.count(width, height) > tokens.count(*sent)


def test_later_models_replace_earlier_ones_of_the_same_name() -> None:
    cheaper = model("gpt-4.1").model_copy(update={"disputed": "our contract"})
    changed = TABLE.with_models(OWN, cheaper)
    assert changed.find("house-model") == OWN
    assert changed.find("gpt-4.1-2025-04-14") == cheaper
    assert len(changed.models) == len(TABLE.models) + 1
    assert changed.sha256 != TABLE.sha256
    assert TABLE.find("house-model") is None


def test_a_table_goes_through_json_and_pickle_and_keeps_its_hash() -> None:
    json = ModelTable.model_validate_json(TABLE.model_dump_json())
    for twin in (json, pickle.loads(pickle.dumps(TABLE))):
        assert twin == TABLE
        assert twin.sha256 == TABLE.sha256
        assert hash(twin) == hash(TABLE)


def test_a_table_is_read_from_a_file_in_either_form(tmp_path: Path) -> None:
    with as_file(files("inspectiq.limits") / "models.toml") as shipped:
        assert ModelTable.from_file(shipped) == TABLE
    own = tmp_path / "own.json"
    own.write_text(TABLE.with_models(OWN).model_dump_json(), encoding="utf-8")
    assert ModelTable.from_file(str(own)).find("house-model") == OWN


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("a.toml", "[[models", "not TOML.*mend it"),
        ("a.json", "{", "not JSON.*mend it"),
        ("a.json", "[]", "this is no table; write"),
        ("a.toml", "standalone = true", "version: this is missing; write it"),
        ("a.toml", "standalone = 'yes'", "line 1: standalone: this is neither true nor false"),
        (
            "a.toml",
            "version = '1'\nprices = 1",
            "line 2: prices: there is no such name; use one of",
        ),
        ("a.toml", "snapshot = '('", "line 1: snapshot: not a regular expression"),
        ("a.toml", "models = 1", r"line 1: models: .*write \[\[models\]\]"),
        ("a.toml", "[[models]]\napi = 'chat'", "line 1: models.0.name: a model needs one"),
        ("a.toml", "[[models]]\nname = 7", "line 2: models.0.name: a model needs one"),
        (
            "a.toml",
            "[[models]]\nname = 'llava'\n\n[[models]]\nname = 'llava'",
            "line 5: models.1.name: 'llava' stands twice; leave one away",
        ),
        (
            "a.toml",
            "[[models]]\nname = 'gpt-4.1'\npricing = { input = 1, output = -2 }",
            "line 3: models.0.pricing.output: .*greater than or equal to 0",
        ),
        (
            "a.toml",
            "[[models]]\nname = 'llava'\npricng = 1",
            "line 3: models.0.pricng: there is no such name; use one of name, pricing, images",
        ),
        (
            "a.toml",
            "[[models]]\nname = 'llava'\nshutdown = '2027-02-30'",
            "line 3: models.0.shutdown: .*date",
        ),
        (
            "a.toml",
            "[[models]]\nname = 'llava'\napi = 'completions'",
            "line 3: models.0.api: .*'responses' or 'chat'; write one of these",
        ),
        (
            "a.toml",
            "[[models]]\nname = 'gpt-4.1'\ndetail = 'original'",
            "line 1: models.0: detail must be one of those in images",
        ),
        ("a.toml", "[cache_lives]\n30m = 'long'", "line 2: cache_lives.30m: "),
        ("a.toml", "service_tiers = 2", "line 1: service_tiers: this is no table"),
    ],
)
def test_a_file_that_is_no_table_is_named_with_its_fault(
    tmp_path: Path, name: str, text: str, wrong: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=wrong) as caught:
        ModelTable.from_file(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_says_to_check_the_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: .* cannot be read .*check the path"):
        ModelTable.from_file(tmp_path / "none.toml")


def test_a_file_changes_what_it_gives_and_leaves_the_rest_as_it_ships(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        "[service_tiers]\nflex = 0.25\n"
        "[[models]]\nname = 'gpt-4.1'\npricing = { input = 1.5, output = 6 }\n"
        "[[models]]\nname = 'llava'\napi = 'chat'\nstrict_schemas = false\n"
        "photos_per_request = 1\ncontext_tokens = 8192\nreasoning_tokens = 1500\n"
    )
    table = ModelTable.from_file(path)
    changed, added = table.find("gpt-4.1-2025-04-14"), table.find("llava")
    assert changed is not None
    assert added is not None
    assert changed.pricing == Pricing(input=Decimal("1.5"), output=Decimal(6))
    assert changed.model_copy(update={"pricing": price("gpt-4.1")}) == model("gpt-4.1")
    assert (added.api, added.strict_schemas, added.photos_per_request) == ("chat", False, 1)
    assert (added.pricing, added.get_image_tokens("high")) == (None, None)
    assert table.estimate_reasoning(added, None) == 1500
    assert table.service_tiers == {**TABLE.service_tiers, "flex": Decimal("0.25")}
    assert len(table.models) == len(TABLE.models) + 1


def test_a_file_that_stands_alone_knows_its_own_models_only(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        "standalone = true\nversion = '1'\nas_of = '2026-11'\nsource = 'our contract'\n"
        "[[models]]\nname = 'llava'\n"
    )
    assert [each.name for each in ModelTable.from_file(path).models] == ["llava"]


def test_an_unknown_model_gets_room_for_a_medium_effort() -> None:
    assert TABLE.estimate_reasoning(None, None) == TABLE.reasoning_tokens["medium"] > 0
    assert TABLE.estimate_reasoning(None, "high") == TABLE.reasoning_tokens["high"]


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2027, 1, 13), "gpt-4.1 will be shut down on 2027-01-14; its provider recommends"),
        (date(2027, 1, 14), "gpt-4.1 was shut down on 2027-01-14; its provider recommends"),
    ],
)
def test_the_day_of_its_shutdown_is_the_first_on_which_a_model_is_gone(
    today: date, told: str
) -> None:
    assert model("gpt-4.1").describe_shutdown(today) == f"{told} gpt-6-luna"
    assert model("gpt-4.1").is_shut_down(today) == (today.day == 14)
    assert model("gpt-6-luna").describe_shutdown(today) == ""
    assert "; choose another model" in model("gpt-5.1").describe_shutdown(today)


def test_a_tier_multiplies_every_price_and_leaves_out_what_is_not_charged() -> None:
    half = price("gpt-4.1").multiply(Decimal("0.5"))
    assert half == Pricing(input=Decimal(1), cached_input=Decimal("0.25"), output=Decimal(4))


def test_two_models_may_not_share_a_name() -> None:
    with pytest.raises(ConfigError, match="two models share a name"):
        ModelTable(version="1", as_of="2026-11", source="us", models=(OWN, OWN))


@pytest.mark.parametrize(
    "wrong",
    [
        {"default_effort": "low"},
        {"reasoning": ("low", "high")},
        {"reasoning": ("low",), "default_effort": "none"},
        {"name": ""},
        {"context_tokens": 0},
        {"images": {"high": {"kind": "guess"}}},
        {"images": {"high": PatchTokens(multiplier=1).model_dump() | {"multiplier": 0}}},
    ],
)
def test_a_model_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        ModelInfo.model_validate(OWN.model_dump() | wrong)
