"""Rates that could be taken for something else than a person meant: refused, with what to write."""

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inspectiq import ConfigError, CostBook
from tests.costs.cases import case, issue

HEAD = "type,trade,unit,rate,currency\n"
ROW = "clog,plumber,each,38.50,EUR\n"


def _read(text: str, **options: Any) -> CostBook:
    return CostBook.from_csv(io.StringIO(text), **options)


def _refuse(text: str, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        _read(text, **options)
    return str(caught.value)


# -- rows that price nothing ---------------------------------------------------------------------


def test_a_short_row_among_good_ones_is_no_free_repair() -> None:
    told = _refuse(f"{HEAD}faucet_fixture,plumber,each,50.5,EUR\nclog,plumber,each\n")
    assert "row 3, column rate: it is empty" in told


def test_none_of_a_material_is_no_price() -> None:
    text = "type,trade,material,material_quantity,material_price,currency\n"
    assert "would be free" in _refuse(f"{text}clog,plumber,Paint,0,3.50,EUR\n")


@pytest.mark.parametrize("work", [{"rate": None}, {"hours": 0}])
def test_work_that_a_change_leaves_without_a_price_is_refused(work: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"items.clog.rate: nothing prices the work"):
        CostBook.of("us", items={"clog": work})


# -- trades --------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["Plumber", "PLUMBER", " plumber "])
@pytest.mark.parametrize("key", ["plumber", "Plumber"])
def test_capitals_of_a_trade_do_not_lose_its_minimum(written: str, key: str) -> None:
    book = _read(f"{HEAD}clog,{written},each,38.50,USD\n", trades={key: {"minimum": 120}})
    total = book.estimate_together([issue("clog", 1)], case()).total
    assert total is not None
    assert total.expected == 120


def test_spaces_in_a_trade_are_those_of_its_key() -> None:
    book = _read(f"{HEAD}wall_hole,Drywall installer,sq_ft,38.50,USD\n")
    assert book.items["wall_hole"].trade == "drywall_installer"


@pytest.mark.parametrize(
    ("trades", "told"),
    [
        ({"plumbr": {"minimum": 120}}, "there is no trade 'plumbr'; did you mean plumber?"),
        ({"joiner": {"minimum": 120}}, "no row has the trade 'joiner'; write one of plumber"),
        ({"plumber": {}, "Plumber": {}}, "trades: plumber stands twice"),
    ],
)
def test_a_minimum_of_no_trade_is_refused(trades: Mapping[str, Any], told: str) -> None:
    assert told in _refuse(HEAD + ROW, trades=trades)


def test_a_misspelt_trade_of_a_row_is_refused_where_it_would_miss_a_minimum() -> None:
    told = _refuse(f"{HEAD}clog,plumbr,each,38.50,EUR\n", trades={"plumber": {"minimum": 120}})
    assert "row 2, column trade: there is no trade 'plumbr'; did you mean plumber?" in told


def test_a_misspelt_trade_is_refused_in_code_and_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"trades.plumbr: .*did you mean plumber?"):
        CostBook.of("us", trades={"plumbr": {"minimum": 120}})
    path = tmp_path / "book.toml"
    path.write_text('name="n"\nversion="1"\nbase="us"\ntrades.Plumber.minimum=120\n')
    with pytest.raises(ConfigError, match=r"trades.Plumber: .*did you mean plumber?"):
        CostBook.from_toml(path)


def test_a_trade_of_ones_own_is_taken_as_the_base_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        'name="n"\nversion="1"\ncurrency="EUR"\ntrades.Klempner.minimum=90\n'
        'items.clog = { rate = 5, trade = "Klempner" }\n'
    )
    book = _read(f"{HEAD}faucet_fixture,klempner,each,7,EUR\n", base=path)
    assert book.items["faucet_fixture"].trade == "Klempner"


# -- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"overhead": {"rate": "15"}}, "overhead.rate: .*write 0.15 for 15 %"),
        ({"tax": {"rate": "19"}}, "tax.rate: .*write 0.15 for 15 %"),
        ({"burden": {"factor": "250"}}, "burden.factor: .*write 2.5 for 250 %"),
        ({"parity": {"national": "0.95"}}, "parity.national: .*write 95 for 95 %"),
        ({"spread": {"high": "150"}}, "spread.high: .*write 2 for 200 %"),
    ],
)
def test_a_percentage_in_place_of_a_share_is_refused(fields: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        CostBook.of("us", **fields)


def test_shares_up_to_their_bounds_are_taken() -> None:
    book = CostBook.of("us", overhead={"rate": 1}, burden={"factor": 10}, parity={"national": 10})
    assert [book.overhead.rate, book.burden.factor, book.parity.national] == [1, 10, 10]


@pytest.mark.parametrize("waste", ["10", "0.1", "0.2", "10%", "110 %"])
def test_waste_that_is_no_factor_is_told_to_be_one(waste: str) -> None:
    head = "type,trade,hours,material_price,waste,currency\n"
    told = _refuse(f"{head}clog,plumber,1,3.50,{waste},USD\n", base="us")
    assert "row 2, column waste: " in told
    assert "1.1 for a tenth more" in told


@pytest.mark.parametrize("decimal", [None, ".", ","])
@pytest.mark.parametrize("figure", ["01.200", "007,500", "007", "00.5", "-01"])
def test_a_zero_that_says_nothing_is_refused(figure: str, decimal: Any) -> None:
    told = _refuse(f'{HEAD}clog,plumber,each,"{figure}",EUR\n', decimal=decimal)
    assert "column rate: " in told
    assert "begins with a zero that says nothing; write it without" in told


@pytest.mark.parametrize("figure", ["01.02.2026", "1/2/26", "2026-02-01", "31.12.26"])
def test_a_date_is_called_one(figure: str) -> None:
    assert f"'{figure}' is a date" in _refuse(f"{HEAD}clog,plumber,each,{figure},EUR\n")


# -- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "type,trade,rate,currency\nwall_hole,plasterer,38.50,USD\n",
        f"{HEAD}wall_hole,plasterer,,38.50,USD\n",
        f"{HEAD}clog wall_hole,plasterer,,38.50,USD\n",
    ],
)
def test_a_price_of_what_is_measured_needs_its_unit(text: str) -> None:
    told = _refuse(text)
    assert "row 2, column unit: it is empty, and wall_hole is measured" in told
    assert "write sq_ft or sq_m, or each where one price is for all of it" in told


def test_an_empty_unit_is_each_where_pieces_are_counted_and_the_bases_where_there_is_one() -> None:
    assert _read(f"{HEAD}clog,plumber,,38.50,USD\n").items["clog"].unit == "each"
    over = _read(f"{HEAD}wall_hole,drywall_installer,,38.50,USD\n", base="us")
    cost = over.estimate(issue("wall_hole", 20), case())
    assert cost is not None
    assert cost.expected == 770


# -- workbooks -----------------------------------------------------------------------------------


def _make_workbook(rate: Any, form: str, currency: str | None = "EUR", **cells: Any) -> io.BytesIO:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["type", "trade", "unit", "rate", "currency", "code"])
    sheet.append(["clog", "plumber", "each", rate, currency, cells.get("code")])
    sheet["D2"].number_format = form
    sheet["F2"].number_format = cells.get("code_form", "General")
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("#,##0.0,", "thousands or millions"),
        ('0.0,,"M"', "thousands or millions"),
        ('0"00"', "writes more"),
        ('0"/100"', "writes more"),
        ('0"‰"', "writes more"),
        ("0‰", "writes more"),
        (r"0\0\0", "writes more"),
        ('0.00" Tsd."', "writes more"),
        ('"per 100 "0', "writes more"),
        (";;;", "shows no number"),
        ('"on request"', "shows no number"),
        ("[$£-809]#,##0.00", "another currency"),
        ('#,##0.00 "CHF"', "another currency"),
    ],
)
def test_a_format_that_shows_something_else_is_refused(form: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CostBook.from_xlsx(_make_workbook(120.5, form))
    assert "row 2, column rate: its format " in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "form",
    [
        "General",
        "#,##0.00",
        "# ##0",
        '#,##0.00 "€"',
        "[$€-407] #,##0.00",
        '#,##0.00 "EUR"',
        '_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-;_-* "-"?? "€"_-;_-@_-',
        "0.00_);[Red](0.00)",
        '"ca. "0.00',
        '0.00" €/m²"',
        "@",
    ],
)
def test_a_format_that_shows_the_number_is_read(form: str) -> None:
    assert CostBook.from_xlsx(_make_workbook(120.5, form)).items["clog"].rate == Decimal("120.5")


def test_a_sign_is_compared_with_a_currency_that_is_given_or_the_bases() -> None:
    pounds = "[$£-809]#,##0.00"
    book = CostBook.from_xlsx(_make_workbook(120.5, pounds, None), currency="GBP")
    assert book.currency == "GBP"
    others: tuple[dict[str, Any], ...] = ({"currency": "EUR"}, {"base": "us"})
    for options in others:
        with pytest.raises(ConfigError, match="shows another currency"):
            CostBook.from_xlsx(_make_workbook(120.5, pounds, None), **options)


@pytest.mark.parametrize(
    ("code", "form", "told"),
    [
        (7, "000", "shown in another way (000)"),
        (1.1, "0.00", "shown in another way (0.00)"),
        (12345678901234567, "0", "more than fifteen digits"),
    ],
)
def test_a_code_that_is_a_number_is_what_is_shown_or_refused(
    code: float, form: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        CostBook.from_xlsx(_make_workbook(9, "0", code=code, code_form=form))
    assert f"row 2, column code: this is a number {'that is ' * ('shown' in told)}" in str(
        caught.value
    )
    assert told in str(caught.value)
    assert "format the cell as text and write it again" in str(caught.value)


@pytest.mark.parametrize(
    ("part", "instead", "told"),
    [
        (b"<sheetData>", b'<cols><col min="4" max="4" width="0" customWidth="1"/></cols>', "D is"),
        (b'<row r="2"', b'<row ht="0" customHeight="1" r="2"', "row 2: the row is"),
    ],
)
def test_what_has_no_width_or_height_is_hidden(part: bytes, instead: bytes, told: str) -> None:
    source, target = zipfile.ZipFile(_make_workbook(9, "0")), io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for one in source.infolist():
            own = instead + part if part == b"<sheetData>" else instead
            packed.writestr(one, source.read(one).replace(part, own))
    with pytest.raises(ConfigError, match=f"{told} hidden; show it"):
        CostBook.from_xlsx(io.BytesIO(target.getvalue()))


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".xlsm", ".xls", ".ods", ".XLSM", ".numbers"])
def test_a_workbook_of_another_kind_is_told_how_to_save_it(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"good{ending}"
    path.write_bytes(b"PK")
    (tmp_path / "b.toml").write_text(f'name="n"\nversion="1"\nbase="good{ending}"\n')
    for book in (path, path.name, tmp_path / "b.toml"):
        with pytest.raises(ConfigError, match=re.escape("save it as .xlsx, or as CSV UTF-8")):
            CostBook.of(book)


def test_a_file_that_is_there_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rates.txt").write_text(HEAD + ROW)
    with pytest.raises(ConfigError, match=r"book: rates.txt is read by no reader; give a path"):
        CostBook.of("rates.txt")
