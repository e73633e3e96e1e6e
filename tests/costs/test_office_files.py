"""Rates as office programs of several countries write them: read as they were meant, or refused.

Each file is made here as the program writes it: its separator, encoding, line ends, and how it
writes numbers. What is right was decided by what a person would see on the screen.
"""

import io
import re
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from inspectiq import ConfigError, CostBook
from inspectiq.config import validate_config

PLAIN = [
    ["type", "trade", "unit", "rate", "currency"],
    ["clog", "plumber", "each", "120.50", "EUR"],
]
RATE = Decimal("120.50")


def _write_csv(rows: list[list[str]], separator: str = ",", end: str = "\r\n") -> str:
    return "".join(separator.join(row) + end for row in rows)


def _with_rate(rate: str, separator: str = ",") -> str:
    quoted = f'"{rate}"' if separator in rate else rate
    return _write_csv([PLAIN[0], ["clog", "plumber", "each", quoted, "EUR"]], separator)


GERMAN = _with_rate("120,50", ";")

READ: dict[str, tuple[str | bytes, dict[str, Any]]] = {
    "Excel US, CSV UTF-8": (b"\xef\xbb\xbf" + _write_csv(PLAIN).encode(), {}),
    "Excel US, CSV": (_write_csv(PLAIN).encode("cp1252"), {}),
    "Excel US, Unicode text": (_write_csv(PLAIN, "\t").encode("utf-16"), {}),
    "Excel US, text": (_write_csv(PLAIN, "\t").encode("ascii"), {}),
    "Excel Mac, old line ends": (_write_csv(PLAIN, end="\r").encode(), {}),
    "Excel DE, semicolons": (GERMAN.encode(), {}),
    "Excel DE, semicolons, stated": (GERMAN.encode(), {"decimal": ","}),
    "Excel DE, CSV UTF-8": (b"\xef\xbb\xbf" + GERMAN.encode(), {"decimal": ","}),
    "Excel FR, Unicode text": (_with_rate("120,50", "\t").encode("utf-16"), {"decimal": ","}),
    "Excel, sep=;": (b"sep=;\r\n" + GERMAN.encode(), {}),
    "Excel, sep=, and a byte order mark": (
        b"\xef\xbb\xbfsep=,\r\n" + _write_csv(PLAIN).encode(),
        {},
    ),
    "Excel, sep= with a tab": (b"sep=\t\n" + _write_csv(PLAIN, "\t").encode(), {}),
    "a quoted sep=": (b'"sep=;"\r\n' + GERMAN.encode(), {}),
    "LibreOffice, all quoted": (
        '"type","trade","unit","rate","currency"\n"clog","plumber","each","120.50","EUR"\n',
        {},
    ),
    "LibreOffice DE, quoted comma": (
        'type,trade,unit,rate,currency\nclog,plumber,each,"120,50",EUR\n',
        {},
    ),
    "LibreOffice, bars": (_write_csv(PLAIN, "|"), {}),
    "Google Sheets": (_write_csv(PLAIN)[:-2].encode(), {}),
    "Numbers DE": (_with_rate("120,5", ";").encode(), {}),
    "Numbers, a table with empty cells": (
        _write_csv([[*PLAIN[0], ""], [*PLAIN[1], ""], [""] * 6]).encode(),
        {},
    ),
    "trailing columns and rows": (
        _write_csv([[*row, "", ""] for row in PLAIN] + [[""] * 7] * 3),
        {},
    ),
    "blank lines before and between": (
        "\r\n,,,,\r\n" + _write_csv([PLAIN[0], [""] * 5, PLAIN[1]]),
        {},
    ),
    "an empty column between": (
        _write_csv([["type", "", *PLAIN[0][1:]], ["clog", "", *PLAIN[1][1:]]]),
        {},
    ),
    "names with capitals and spaces": (
        _write_csv([["Type", " TRADE ", "Unit\xa0", "RATE", "Currency"], PLAIN[1]]),
        {},
    ),
    "cells with spaces around": (_write_csv([PLAIN[0], [f" {cell}\xa0" for cell in PLAIN[1]]]), {}),
    "values with capitals": (
        _write_csv([PLAIN[0], ["Clog", "plumber", "Each", "120.50", "eur"]]),
        {},
    ),
    "a decimal point, stated": (_with_rate("120.500"), {"decimal": "."}),
    "a decimal comma, stated": (_with_rate("120,500", ";"), {"decimal": ","}),
    "no fraction": (
        _write_csv([PLAIN[0], ["clog", "plumber", "each", "120", "EUR"]]),
        {"expected": 120},
    ),
    "a share below one": (_with_rate("0.125"), {"expected": "0.125"}),
    "a German share below one": (_with_rate("0,125", ";"), {"expected": "0.125"}),
    "a large number": (_with_rate("12345.678"), {"expected": "12345.678"}),
    "a cell over two lines": (
        _write_csv(
            [
                ["type", "label", "trade", "rate", "currency"],
                ["clog", '"Clear\nthe drain"', "plumber", "120.50", "EUR"],
            ]
        ),
        {},
    ),
    "a byte order mark in text": ("\ufeff" + _write_csv(PLAIN), {}),
}


@pytest.mark.parametrize("program", READ)
def test_a_file_that_means_one_thing_is_read(program: str, tmp_path: Path) -> None:
    content, options = READ[program]
    expected = Decimal(options.pop("expected", None) or RATE) if options else RATE
    path = tmp_path / "rates.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for file in (path, io.BytesIO(path.read_bytes())):
        book = CostBook.from_csv(file, **options)
        assert book.currency == "EUR"
        assert {key: (item.rate, item.trade, item.unit) for key, item in book.items.items()} == {
            "clog": (expected, "plumber", "each")
        }
    options["expected"] = expected if expected != RATE else None


REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "German thousands": (
        _with_rate("1.200"),
        {},
        "row 2, column rate: '1.200' may be 1200 or 1.200; write 1200",
    ),
    "German thousands, stated": (
        _with_rate("1.200", ";"),
        {"decimal": ","},
        "between thousands; write 1200",
    ),
    "US thousands": (_with_rate("1,200"), {}, "'1,200' may be 1200 or 1.200"),
    "US thousands, stated": (
        _with_rate("1,200"),
        {"decimal": "."},
        "between thousands; write 1200",
    ),
    "US thousands and cents": (_with_rate("1,200.50"), {}, "thousands; write the digits alone"),
    "German thousands and cents": (
        _with_rate("1.200,50", ";"),
        {"decimal": ","},
        "thousands; write the",
    ),
    "French thousands": (
        _with_rate("1\u202f200,50", ";"),
        {"decimal": ","},
        "thousands; write the digits",
    ),
    "Spaces": (_with_rate("1 200"), {}, "a space between thousands"),
    "Swiss thousands": (_with_rate("1'200.50"), {}, "thousands; write the digits alone"),
    "Indian thousands": (_with_rate("1,20,000"), {}, "thousands; write the digits alone"),
    "underscores": (_with_rate("1_200"), {}, "thousands; write the digits alone"),
    "an exponent": (_with_rate("1.2E+03"), {}, "with an exponent; write it out"),
    "no number": (_with_rate("NaN"), {}, "'NaN' is no number"),
    "infinity": (_with_rate("Infinity"), {}, "'Infinity' is no number"),
    "an error": (_with_rate("#N/A"), {}, "is no number"),
    "full width": (_with_rate("１２０"), {}, "digits of another script"),
    "Arabic digits": (_with_rate("١٢٠"), {}, "digits of another script"),
    "a currency sign": (_with_rate("£38.50"), {}, "write the number alone"),
    "a currency sign behind": (_with_rate("38,50 €", ";"), {}, "write the number alone"),
    "a currency code": (_with_rate("120 EUR"), {}, "write the number alone"),
    "a percentage": (_with_rate("20 %"), {}, "write it as a number, 0.2 for 20 %"),
    "a formula": (_with_rate("=100*1.2"), {}, "is a formula; write its result"),
    "a minus as typeset": (_with_rate("\u22125"), {}, "is no number"),
    "below nothing": (_with_rate("-5"), {}, "greater than or equal to 0"),
    "in brackets": (_with_rate("(5.00)"), {}, "row 2, column rate: '(5.00)'"),
    "a comma where points are stated": (
        _with_rate("120,50", ";"),
        {"decimal": "."},
        "write 120.50",
    ),
    "a point where commas are stated": (_with_rate("120.50"), {"decimal": ","}, "write 120,50"),
    "both signs in one file": (
        _write_csv([PLAIN[0], PLAIN[1], ["door_damage", "joiner", "each", '"9,50"', "EUR"]]),
        {},
        "row 3, column rate: '9,50' has another sign before its fraction than '120.50' in row 2",
    ),
    "unquoted decimal commas": (
        b"type,trade,unit,rate,currency\nclog,plumber,each,120,50,EUR\n",
        {},
        "row 2: it has more cells than row 1",
    ),
    "cp1252": (
        "type,label,trade,rate,currency\nclog,Türschloß,plumber,9,EUR\n".encode("cp1252"),
        {},
        "row 2: this is not UTF-8.*save it as CSV UTF-8",
    ),
    "UTF-16 without a mark": (
        _write_csv(PLAIN).encode("utf-16-le"),
        {},
        "row 1: there is a zero byte",
    ),
    "a zero byte": (_with_rate("12\x000"), {}, "row 2: there is a zero byte"),
    "UTF-32": (_write_csv(PLAIN).encode("utf-32"), {}, "this is UTF-32; save it as CSV UTF-8"),
    "a title above": (
        _write_csv([["Our rates 2026", "", "", "", ""], *PLAIN]),
        {},
        "row 1: there is no column 'Our rates 2026'; if names stand further down, remove",
    ),
    "another name": (
        _write_csv([["type", "trade", "rate", "Currency code"], ["clog", "plumber", "9", "EUR"]]),
        {},
        "no column 'Currency code'; did you mean currency",
    ),
    "a name twice": (
        _write_csv([["type", "trade", "rate", "Rate"], ["clog", "plumber", "9", "9"]]),
        {},
        "a column stands twice, rate",
    ),
    "a remark beside": (
        _write_csv([[*PLAIN[0], ""], [*PLAIN[1], "ask Jo"]]),
        {},
        "'ask Jo' stands in a column without a name",
    ),
    "commas between types": (
        _write_csv([PLAIN[0], ['"clog, damp"', "plumber", "each", "9", "EUR"]]),
        {},
        "'clog,' is no key of a type.*spaces between",
    ),
    "a year with a comma": (
        _write_csv(
            [
                ["type", "trade", "rate", "currency", "year"],
                ["clog", "plumber", "9", "EUR", '"2,026"'],
            ]
        ),
        {},
        "column year: '2,026' is no year",
    ),
    "a workbook as CSV": (
        b"PK\x03\x04....",
        {},
        "a workbook and no CSV; read it with CostBook.from_xlsx",
    ),
    "an old workbook": (b"\xd0\xcf\x11\xe0....", {}, "an old or a locked workbook"),
    "a wrong sign": (_write_csv(PLAIN), {"decimal": "comma"}, "decimal: 'comma' is no sign"),
    "a currency by its sign": (
        _write_csv([PLAIN[0], ["clog", "plumber", "each", "9", "€"]]),
        {},
        "column currency: '€' is no currency",
    ),
    "HTML as some programs export": (
        b"<table><tr><td>type</td></tr></table>",
        {},
        "row 1: there is no column",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_mean_two_things_is_refused_with_what_to_do(case: str, tmp_path: Path) -> None:
    content, options, told = REFUSED[case]
    path = tmp_path / "rates.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        CostBook.from_csv(path, **options)
    assert re.search(told if ".*" in told else re.escape(told), str(caught.value))
    assert str(path) in str(caught.value) or options


STYLES = (  # between thousands, before the fraction
    *((",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("\xa0", ","), ("'", "."), ("_", ".")),
    *(("", "."), ("", ",")),
)


FIGURES = st.decimals("0.001", 9_999_999, places=3) | st.decimals("0.01", 9_999, places=2)


@settings(max_examples=200, deadline=None)
@given(FIGURES | st.integers(1, 10**7), st.sampled_from(STYLES), st.booleans())
def test_a_figure_of_any_country_is_read_right_or_refused(
    figure: Decimal, style: tuple[str, str], stated: bool
) -> None:
    between, sign = style
    swap = {",": between, ".": sign}
    written = "".join(swap.get(char, char) for char in f"{figure:,}")
    file = io.StringIO(f'type;trade;rate;currency\nclog;plumber;"{written}";EUR\n')
    decimal: Any = sign if stated else None
    refused = None
    try:
        book = CostBook.from_csv(file, decimal=decimal)
    except ConfigError as error:
        refused = str(error)
    if refused is None:
        assert book.items["clog"].rate == figure
    else:
        assert "row 2, column rate" in refused
        assert not written.isdecimal()  # digits alone mean one thing


# -- workbooks -----------------------------------------------------------------------------------

Change = Callable[[Any, Any], None]


def _make_workbook(change: Change | None = None, rate: object = 120.5) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Rates"
    sheet.append(PLAIN[0])
    sheet.append(["clog", "plumber", "each", rate, "EUR"])
    if change is not None:
        change(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _store_result(workbook: bytes, result: str) -> bytes:
    """Puts the result of the one formula into a workbook, as Excel does when it saves."""
    source, target = zipfile.ZipFile(io.BytesIO(workbook)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for part in source.infolist():
            text = source.read(part)
            packed.writestr(
                part,
                text.replace(b"<v />", b"<v>" + result.encode() + b"</v>").replace(
                    b"<v></v>", b"<v>" + result.encode() + b"</v>"
                ),
            )
    return target.getvalue()


def _hide_row(_: Any, sheet: Any) -> None:
    sheet.row_dimensions[2].hidden = True


def _hide_column(_: Any, sheet: Any) -> None:
    sheet.column_dimensions[get_column_letter(4)].hidden = True


def _add_hidden_sheet(book: Any, _: Any) -> None:
    other = book.create_sheet("Old")
    other.append(["anything"])
    other.sheet_state = "hidden"


def _add_empty_sheet(book: Any, _: Any) -> None:
    book.create_sheet("Sheet2")


def _add_sheet(book: Any, _: Any) -> None:
    book.create_sheet("Notes").append(["ask Jo"])


def _add_trailing(_: Any, sheet: Any) -> None:
    sheet["H9"].font = Font(bold=True)  # a cell that is styled and empty


def _merge(_: Any, sheet: Any) -> None:
    sheet.append(["door_damage", None, "each", 9, "EUR"])
    sheet.merge_cells("B2:B3")


def _add_waste(_: Any, sheet: Any) -> None:
    for column, name, value in ((6, "waste", 1.1), (7, "material_price", 3), (4, "hours", 2)):
        sheet.cell(1, column, name)
        sheet.cell(2, column, value)
    sheet.cell(2, 6).number_format = "0%"


WORKBOOKS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "a number": (_make_workbook(), {}),
    "a number as text": (_make_workbook(rate="120.50"), {}),
    "a German number as text": (_make_workbook(rate="120,50"), {"decimal": ","}),
    "a price format": (
        _make_workbook(lambda _, sheet: setattr(sheet["D2"], "number_format", "#,##0.00 €")),
        {},
    ),
    "a formula with its result": (_store_result(_make_workbook(rate="=100+20.5"), "120.5"), {}),
    "a result that is not exact": (
        _store_result(_make_workbook(rate="=100+20.5"), "120.50000000000001"),
        {},
    ),
    "a hidden sheet": (_make_workbook(_add_hidden_sheet), {}),
    "an empty sheet": (_make_workbook(_add_empty_sheet), {}),
    "a named sheet": (_make_workbook(_add_sheet), {"sheet": "Rates"}),
    "styled empty cells": (_make_workbook(_add_trailing), {}),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_workbook_is_read_as_it_is_shown(case: str, tmp_path: Path) -> None:
    content, options = WORKBOOKS[case]
    path = tmp_path / "rates.xlsx"
    path.write_bytes(content)
    for file in (path, io.BytesIO(content)):
        book = CostBook.from_xlsx(file, **options)
        assert book.items["clog"].rate == RATE


def test_a_percentage_of_waste_is_a_factor() -> None:
    book = CostBook.from_xlsx(
        io.BytesIO(_make_workbook(_add_waste)), base=None, wages={"national": {"plumber": 30}}
    )
    assert book.items["clog"].materials[0].waste == Decimal("1.1")


REFUSED_WORKBOOKS: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "German thousands as text": (
        _make_workbook(rate="1.200"),
        {},
        "sheet Rates, row 2, column rate: '1.200' may be",
    ),
    "a date that was a number": (
        _make_workbook(rate=date(2026, 1, 2)),
        {},
        "cell D2: this is a date",
    ),
    "a truth": (_make_workbook(rate=True), {}, "cell D2: this is TRUE"),
    "a formula without a result": (
        _make_workbook(rate="=100+20.5"),
        {},
        "cell D2: the result of the formula was not saved",
    ),
    "an error": (_make_workbook(rate="#REF!"), {}, "cell D2: #REF! is an error of a formula"),
    "a percentage": (
        _make_workbook(lambda _, sheet: setattr(sheet["D2"], "number_format", "0.0%"), 0.2),
        {},
        "cell D2: this is a percentage",
    ),
    "merged cells": (
        _make_workbook(_merge),
        {},
        "sheet Rates: the cells B2:B3 are merged; unmerge them",
    ),
    "a hidden row": (
        _make_workbook(_hide_row),
        {},
        "row 2: the row is hidden; show it, or delete it",
    ),
    "a hidden column": (_make_workbook(_hide_column), {}, "column D is hidden"),
    "two sheets": (
        _make_workbook(_add_sheet),
        {},
        "more than one sheet (Rates, Notes); say which, such as sheet='Rates'",
    ),
    "no such sheet": (
        _make_workbook(),
        {"sheet": "Prices"},
        "there is no sheet 'Prices'; there is Rates",
    ),
    "no workbook": (b"type,trade\n", {}, "this is no workbook that can be read"),
    "a damaged workbook": (_make_workbook()[:-100], {}, "this is no workbook that can be read"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" * 8, {}, "save it as .xlsx without a password"),
}


@pytest.mark.parametrize("case", REFUSED_WORKBOOKS)
def test_a_workbook_that_could_mean_something_else_is_refused(case: str, tmp_path: Path) -> None:
    content, options, told = REFUSED_WORKBOOKS[case]
    path = tmp_path / "rates.xlsx"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        CostBook.from_xlsx(path, **options)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_folder_of_configuration_may_hold_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "cost_book.xlsx").write_bytes(_make_workbook())
    assert validate_config(tmp_path) == ()
    (tmp_path / "cost_book.xlsx").write_bytes(_make_workbook(rate="1.200"))
    (fault,) = validate_config(tmp_path)
    assert (fault.file, fault.line) == ("cost_book.xlsx", 2)
    assert "may be 1200 or 1.200" in str(fault)


def test_a_workbook_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ConfigError, match=r"pip install 'inspectiq\[xlsx\]'"):
        CostBook.from_xlsx(io.BytesIO(WORKBOOKS["a number"][0]))
