import pickle
import re
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
DETAILS = [(model.name, detail) for model in TABLE.models for detail in model.images]
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


def counted(name: str, detail: str, size: tuple[int, int]) -> int:
    return model(name).get_image_tokens(detail).count(*size)


def fitted(name: str, detail: str, size: tuple[int, int]) -> tuple[int, int]:
    return model(name).make_image_rule(detail).fit(*size)


def test_the_shipped_table_says_when_and_where_its_figures_were_read() -> None:
    assert TABLE is ModelTable.default()
    assert re.fullmatch(r"20\d\d-\d\d", TABLE.as_of)
    assert "OpenAI" in TABLE.source
    assert TABLE.version


def test_no_model_is_cheaper_to_write_to_the_cache_or_to_answer_than_to_read() -> None:
    for each in TABLE.models:
        price = each.pricing
        assert 0 < (price.cached_input or price.input) <= price.input < price.output
        assert price.cache_write in (None, price.input * Decimal("1.25"))
        assert (each.max_output_tokens or 0) < each.context_tokens
    assert model("gpt-5.6-sol").pricing.cache_write == Decimal("6.25")


def test_a_snapshot_is_found_under_its_date_and_one_of_its_own_price_is_its_own() -> None:
    assert TABLE.find("gpt-4.1-2025-04-14") is TABLE.find("gpt-4.1")
    assert model("gpt-4o-2024-05-13").pricing.input == Decimal(5)
    assert model("gpt-4o-2024-11-20").name == "gpt-4o"


@pytest.mark.parametrize(
    "name", ["", "gpt-9", "openai:gpt-4.1", "GPT-4.1", "gpt-4.1-latest", "gpt-4.1-2025-04-14-x"]
)
def test_what_is_not_in_the_table_is_not_guessed(name: str) -> None:
    assert TABLE.find(name) is None


def test_how_much_detail_costs_is_known_for_each_that_a_model_accepts() -> None:
    assert counted("gpt-4.1", "low", (4032, 3024)) == 85
    assert counted("gpt-4.1", "high", (4032, 3024)) == 765
    assert counted("gpt-4o-mini", "high", (4032, 3024)) == 25_501
    assert counted("gpt-5.1", "high", (4032, 3024)) == 630
    assert counted("gpt-5.4", "high", (4032, 3024)) == 2942
    assert counted("gpt-5.4", "low", (4032, 3024)) == 3687
    assert counted("gpt-5.6-sol", "low", (4032, 3024)) == 231
    assert counted("gpt-5.6-sol", "original", (4032, 3024)) == 14_364


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
    assert counted("gpt-5.4", "high", (1024, 768)) == 922


def test_a_model_whose_picture_size_is_not_known_has_the_usual_rule() -> None:
    assert OWN.make_image_rule("high") == ImageRule()


@pytest.mark.parametrize(("name", "detail"), DETAILS)
@settings(max_examples=15)
@given(sizes)
def test_the_size_that_is_sent_never_costs_more_than_the_full_photo(
    name: str, detail: str, size: tuple[int, int]
) -> None:
    sent = fitted(name, detail, size)
    assert counted(name, detail, sent) <= counted(name, detail, size)
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
    assert counted(*which, fitted(*which, once)) == counted(*which, once)


@given(details, sizes)
def test_eight_per_cent_more_would_cost_more_or_be_shrunk_away_by_the_provider(
    which: tuple[str, str], size: tuple[int, int]
) -> None:
    sent = fitted(*which, size)
    width, height = (round(side * 1.08) for side in sent)
    if width > size[0] or height > size[1]:
        return  # the photo has no more pixels to send
    tokens = model(which[0]).get_image_tokens(which[1])
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
        ("a.json", "[]", "the whole: .*write it as"),
        ("a.toml", "version = '1'", "as_of: Field required; write it as"),
        ("a.toml", "version = '1'\nprices = 1", "write it as"),
        (
            "a.toml",
            "version = '1'\nas_of = '2026-11'\nsource = 'us'\nsnapshot = '('\nmodels = []",
            "snapshot: .*not a regular expression",
        ),
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
