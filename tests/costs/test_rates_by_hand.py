"""What people get wrong in a file of rates, and what the messages tell them to do about it."""

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, CostBook, InspectionAgent
from inspectiq.config import load_config, validate_config
from tests.costs.cases import case, issue

US = CostBook.default()
HEAD = "type;trade;unit;rate;currency\n"
METRIC = HEAD + "wall_hole;drywall_installer;sq_m;38,50;EUR\n"


def _read(text: str, **options: Any) -> CostBook:
    return CostBook.from_csv(io.StringIO(text), **options)


def _refuse(text: str, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        _read(text, **options)
    return str(caught.value)


@pytest.fixture
def rates(tmp_path: Path) -> Path:
    path = tmp_path / "b.csv"
    path.write_text(METRIC)
    return path


# -- rows that price nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "wall_hole;drywall_installer;sq_ft;;USD",
        "wall_hole;drywall_installer;sq_ft;0;USD",
        "wall_hole;drywall_installer;sq_ft;0.00;USD",
    ],
)
def test_a_row_without_a_price_is_refused_by_row_and_column(row: str) -> None:
    told = _refuse(f"{HEAD}{row}\n")
    assert "row 2, column rate: " in told
    assert "free; write a" in told


@pytest.mark.parametrize(
    "cells", ["hours;0", "disposal;5", "material;Paint\nmaterial_price;0", "condition;wear"]
)
def test_neither_disposal_nor_nothing_is_a_price(cells: str) -> None:
    names, values = zip(*(pair.split(";") for pair in cells.split("\n")), strict=True)
    head, row = ";".join(["type;trade", *names]), ";".join(["clog;plumber", *values])
    told = _refuse(f"{head}\n{row}\n", currency="EUR")
    assert re.search("row 2, column (rate|material_price): ", told)


def test_a_rate_of_nothing_is_refused_over_a_base_as_well() -> None:
    told = _refuse(f"{HEAD}clog;plumber;each;0;USD\n", base="us")
    assert "column rate: 0 makes the repair free; write a price, or take the row out" in told


def test_the_bases_work_stays_where_cells_are_empty(tmp_path: Path) -> None:
    text = f"{HEAD}wall_hole;drywall_installer;sq_ft;;USD\nclog;plumber;;77;\n"
    (tmp_path / "cost_book.csv").write_text(text)
    assert validate_config(tmp_path) == ()
    for book in (_read(text, base="us"), load_config(tmp_path).cost_book):
        before, after = US.items["wall_hole"], book.items["wall_hole"]
        assert (after.hours, after.materials, after.source) == (
            before.hours,
            before.materials,
            before.source,
        )
        assert book.items["clog"].rate == 77


def test_hours_alone_leave_the_bases_materials_and_name_both_sources() -> None:
    text = "type;trade;hours;source;mark\nwall_hole;drywall_installer;2;Payroll;V\n"
    item = _read(text, base="us").items["wall_hole"]
    assert item.hours == 2
    assert item.materials == US.items["wall_hole"].materials
    assert item.source is not None
    assert item.source.cite == "Payroll; the rest the cost book's own assumption [A]"


def test_a_rate_without_a_unit_counts_in_the_bases() -> None:
    item = _read("type;trade;rate\nwall_hole;drywall_installer;9\n", base="us").items["wall_hole"]
    assert item.unit == "sq_ft"
    assert [item.quantity, item.rate, item.hours] == [4, 9, 0]


def test_an_empty_row_in_another_unit_than_the_bases_is_refused() -> None:
    told = _refuse(f"{HEAD}wall_hole;drywall_installer;each;;USD\n", base="us")
    assert "row 2, column unit: the base counts wall_hole in sq_ft" in told


def test_work_that_nothing_prices_is_refused_in_code_and_toml_and_a_rate_of_0_is_meant(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="nothing prices the work, so it would be free"):
        CostBook.of("us", items={"hot_tub": {"trade": "plumber"}})
    path = tmp_path / "book.toml"
    path.write_text('name = "n"\nversion = "1"\ncurrency = "EUR"\nitems.clog = { trade = "p" }\n')
    with pytest.raises(ConfigError, match=r"items\.clog\.rate: nothing prices the work"):
        CostBook.from_toml(path)
    free = CostBook.of("us", rates={"clog": 0}).estimate(issue("clog", 1), case())
    assert free is not None
    assert free.expected == 0


# -- metric --------------------------------------------------------------------------------------


def test_a_file_in_metres_is_metric_wherever_it_is_read(rates: Path, tmp_path: Path) -> None:
    (tmp_path / "over.toml").write_text(
        'name = "o"\nversion = "1"\nbase = "b.csv"\nunits = "metric"\n'
    )
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "cost_book.csv").write_text(METRIC)
    assert validate_config(folder) == ()
    books = [
        InspectionAgent("offline", cost_book=str(rates)).cost_book,
        CostBook.of(rates),
        CostBook.of(rates, units="metric", country="DE"),
        CostBook.of(tmp_path / "over.toml"),
        CostBook.from_csv(rates),
        load_config(folder).cost_book,
    ]
    for book in books:
        assert book is not None
        assert (book.units, book.items["wall_hole"].rate) == ("metric", Decimal("38.50"))


def test_dollars_a_square_metre_stand_alone() -> None:
    text = METRIC.replace("EUR", "USD")
    assert "write the price of one sq_ft, or leave the base out" in _refuse(text, base="us")
    assert _read(text).units == "metric"


def test_pieces_may_be_counted_in_a_metric_book(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(f"{HEAD}clog;plumber;each;9;EUR\n")
    assert CostBook.of(path).units == "imperial"
    assert CostBook.of(path, units="metric").units == "metric"


@pytest.mark.parametrize(
    ("more", "options", "told"),
    [
        ("clog;plumber;sq_ft;3;EUR\n", {}, "row 3, column unit: sq_ft is imperial, and sq_m in"),
        ("", {"units": "imperial"}, "row 2, column unit: sq_m is metric, and units='imperial'"),
    ],
)
def test_feet_and_metres_do_not_go_together(more: str, options: Any, told: str) -> None:
    assert told in _refuse(METRIC + more, **options)


# -- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"decimal": ","}])
@pytest.mark.parametrize(
    ("figure", "told"),
    [
        ("1.200,50", "write the digits alone, 1200,50"),
        ("1.200", "write 1200"),
        ("1.125.000", "write the digits alone, 1125000"),
        ("1'200.50", "write the digits alone, 1200,50"),
        ("x", "write digits alone, such as 1200,50"),
    ],
)
def test_what_to_write_has_the_sign_of_the_file(figure: str, told: str, options: Any) -> None:
    assert told in _refuse(f"{METRIC}clog;plumber;each;{figure};EUR\n", **options)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 9_999_999),
    st.integers(0, 999),
    st.sampled_from(((".", ","), (",", "."), ("'", "."), (" ", ","))),
    st.sampled_from((2, 3)),
    st.sampled_from((".", ",")),
)
def test_whoever_does_what_a_message_says_is_done(
    whole: int, rest: int, style: tuple[str, str], digits: int, sign: str
) -> None:
    between, before = style
    fraction = f"{rest:03d}"[:digits]
    written = f"{whole:,}".replace(",", between) + before + fraction
    above = f"{HEAD}wall_hole;drywall_installer;each;38{sign}50;EUR\n"
    file = above + "clog;plumber;each;{};EUR\n"
    for _ in range(2):
        try:
            rate = _read(file.format(written)).items["clog"].rate
        except ConfigError as error:
            said = re.findall(r"(?:write|alone,|or) ([0-9][0-9.,]*[0-9]|[0-9])", str(error))
            written = said[-1]
            continue
        break
    else:
        rate = _read(file.format(written)).items["clog"].rate
    assert rate == Decimal(f"{whole}.{fraction}")


def test_at_the_command_line_the_message_says_what_a_person_can_do(tmp_path: Path) -> None:
    path = tmp_path / "cost_book.csv"
    path.write_text(METRIC + "clog;plumber;each;1.200;EUR\n")
    (fault,) = validate_config(tmp_path)
    assert "write 1200, or 1,20, in this way in all rows, or save the rates as .xlsx" in str(fault)
    assert "decimal=" not in str(fault)
    with pytest.raises(ConfigError, match=r'decimal="\."'):
        CostBook.from_csv(path)


# -- types ---------------------------------------------------------------------------------------


def test_an_agent_refuses_work_for_a_misspelt_type(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text(METRIC.replace("wall_hole", "wall_hoel"))
    with pytest.raises(ConfigError, match=r"'wall_hoel' \(did you mean wall_hole\?\)"):
        InspectionAgent("offline", cost_book=path)
    slipped = CostBook.of("us", items={"clogg": {"hours": 1}})
    with pytest.raises(ConfigError, match=r"'clogg' \(did you mean clog\?\)"):
        InspectionAgent("offline", cost_book=slipped)
    (tmp_path / "cost_book.csv").write_text(path.read_text())
    assert "did you mean wall_hole?" in str(validate_config(tmp_path)[0])


def test_an_agent_warns_of_work_that_its_taxonomy_has_no_type_for() -> None:
    book = _read(f"{HEAD}hot_tub_pump;plumber;each;9;EUR\n")
    with pytest.warns(UserWarning, match="prices nothing: hot_tub_pump") as caught:
        InspectionAgent("offline", cost_book=book)
    assert caught[0].filename == __file__


def test_a_type_in_two_words_is_not_two_types() -> None:
    told = _refuse(METRIC.replace("wall_hole", "Wall hole"))
    assert "row 2, column type: 'wall hole' reads as 2 types; write wall_hole" in told


# -- what was given ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"locale": "de"}, "locale: there is no such field; there is name, "),
        ({"decimals": ","}, "decimals: there is no such field; did you mean decimal?"),
        ({"country": "Germany"}, "country: write the code of a country, two capital letters"),
        ({"currency": "euros"}, "currency: 'euros' is no currency; write its code, such as EUR"),
        ({"units": "si"}, "units: input should be 'imperial' or 'metric'"),
    ],
)
def test_a_wrong_argument_is_not_blamed_on_the_file(rates: Path, fields: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CostBook.from_csv(rates, **fields)
    assert str(caught.value).startswith(told)
    with pytest.raises(ConfigError, match="wage: there is no such field; did you mean wages") as of:
        CostBook.of(rates, wage=9)
    assert str(of.value).startswith("wage: ")


def test_codes_may_be_written_small(rates: Path) -> None:
    book = CostBook.from_csv(rates, currency="eur", country="de")
    assert (book.currency, book.country) == ("EUR", "DE")
    assert CostBook.of("us", currency="usd").currency == "USD"


def test_no_message_shows_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        CostBook(name="n", version="1", currency="Euro", country="Germany")
    assert "three capital letters, such as EUR" in str(caught.value)
    assert "[A-Z]" not in str(caught.value)
    (tmp_path / "severity.toml").write_text(
        'name = "n"\nversion = "1"\nbase = "house"\n[[levels]]\ncolour = "red"\n'
    )
    assert "six of 0 to 9" in " ".join(map(str, validate_config(tmp_path)))


def test_rates_as_text_are_told_from_a_path_and_cut_short() -> None:
    text = METRIC * 9
    for read in (CostBook.from_csv, lambda text: InspectionAgent("offline", cost_book=text)):
        with pytest.raises(ConfigError) as caught:
            read(text)
        assert len(str(caught.value)) < 250
    with pytest.raises(ConfigError, match=r"give its path, or an open file, such as io\.StringIO"):
        CostBook.from_csv(text)
    told = _refuse(f"{HEAD}clog;plumber;each;{'9x' * 500};EUR\n")
    assert len(told) < 300
