from decimal import Decimal
from pathlib import Path

import pytest

from inspectiq import ConfigError, CostBook
from tests.costs.cases import case, issue

HEAD = "type,code,trade,unit,rate,hours,currency\n"


def _csv(folder: Path, text: str) -> Path:
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_is_a_rate(tmp_path: Path) -> None:
    path = _csv(tmp_path, HEAD + 'clog,P1,plumber,each,"62.50",,EUR\n\n')
    book = CostBook.from_csv(path)
    assert (book.name, book.version, book.currency) == ("rates", "1", "EUR")
    cost = book.estimate(issue("clog", 2), case())
    assert cost is not None
    assert cost.expected == 125
    assert cost.lines[0].label == "All-in rate P1"


def test_a_row_may_stand_for_several_types(tmp_path: Path) -> None:
    path = _csv(tmp_path, HEAD + "clog drain_leak,P1,plumber,each,62,,EUR\n")
    items = CostBook.from_csv(path).items
    assert items["clog"] == items["drain_leak"]


def test_rows_replace_whole_works_of_a_base(tmp_path: Path) -> None:
    path = _csv(
        tmp_path,
        "type,trade,hours,material,material_quantity,material_price,waste,disposal,permit,mark\n"
        "clog,plumber,2,Cable,3,1.50,1.1,4,5,V\n",
    )
    book = CostBook.from_csv(path, base=CostBook.default(), version="7")
    cost = book.estimate(issue("clog", 1), case("CA"))
    assert cost is not None
    amounts = {line.kind: line.amount for line in cost.lines}
    assert amounts["labour"] == Decimal("72.40")
    assert amounts["materials"] == Decimal("4.95")
    assert amounts["disposal"] == 4
    assert amounts["permit"] == 5
    assert book.items["no_heat"] == CostBook.default().items["no_heat"]


def test_a_source_without_a_name_is_the_book(tmp_path: Path) -> None:
    path = _csv(tmp_path, "type,trade,rate,currency,year,mark\nclog,plumber,9,EUR,2026,V\n")
    cost = CostBook.from_csv(path).estimate(issue("clog", 1), case())
    assert cost is not None
    line = cost.lines[0]
    assert (line.source, line.year, line.mark) == ("rates", 2026, "V")


@pytest.mark.parametrize(
    ("rows", "where", "mend"),
    [
        ("clog,P1,,each,62,,EUR\n", "row 2, column trade", "every row needs one"),
        (",P1,plumber,each,62,,EUR\n", "row 2, column type", "every row needs one"),
        (
            "clog,P1,plumber,each,62,,EUR\nroach,P2,pest,each,9,,GBP\n",
            "row 3, column currency",
            "two currencies, GBP here and EUR before",
        ),
        (
            "clog,P1,plumber,each,62,,EUR\nroach,P1,pest,each,9,,EUR\n",
            "row 3, column code",
            "duplicate code 'P1', as in row 2",
        ),
        ("clog,P1,plumber,each,,-2,EUR\n", "row 2, column hours", "greater than or equal to 0"),
        ("clog,P1,plumber,each,NaN,,EUR\n", "row 2, column rate", "is no number"),
        ("clog,P1,plumber,each,Infinity,,EUR\n", "row 2, column rate", "is no number"),
        ('clog,P1,plumber,each,"1,200",,EUR\n', "row 2, column rate", "may be 1200 or 1.200"),
        ("clog,P1,plumber,yard,1,,EUR\n", "row 2, column unit", "'each', 'sq_ft'"),
        ("clog,P1,plumber,each,1,2,EUR\n", "row 2", "a rate is all in"),
        (
            "clog,P1,plumber,each,1,,EUR\nclog,P2,plumber,each,2,,EUR\n",
            "row 3, column type",
            "clog has a row already",
        ),
        ("clog,P1,plumber,each,1,,EUR,9\n", "row 2", "more cells than row 1"),
        ("clog,P1,plumber,each,,2,EUR\n", "row 2, column hours", "the book has no wages"),
        (
            "clog,P1,plumber,each,1,,euro\n",
            "currency",
            "is no currency; write its code, such as EUR",
        ),
        ("clog,P1,plumber,each,1,,\n", "rates.csv", "add a column currency, or give currency="),
        ('clog,"P1,plumber\n', "rates.csv", "this is not CSV"),
        ("", "rates.csv", "there are no rates"),
    ],
)
def test_what_is_wrong_in_a_row_is_told_with_row_and_column_and_how_to_mend_it(
    tmp_path: Path, rows: str, where: str, mend: str
) -> None:
    path = _csv(tmp_path, HEAD + rows)
    with pytest.raises(ConfigError) as caught:
        CostBook.from_csv(path)
    message = str(caught.value)
    assert str(path) in message
    assert where in message
    assert mend in message


@pytest.mark.parametrize(
    ("head", "wrong"),
    [("type,trade,prize\n", "no column 'prize'"), ("type,trade,rate,rate\n", "stands twice")],
)
def test_columns_are_those_of_the_guide(tmp_path: Path, head: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=f"row 1: .*{wrong}"):
        CostBook.from_csv(_csv(tmp_path, head + "clog,plumber,1,1\n"))


@pytest.mark.parametrize(
    ("columns", "cells", "column"),
    [
        ("material_price", "-1", "material_price"),
        ("waste,material_price", "0.5,1", "waste"),
        ("rate,mark", "1,Z", "mark"),
        ("condition,rate", "old,1", "condition"),
    ],
)
def test_a_cell_deep_in_the_work_is_told_by_its_column(
    tmp_path: Path, columns: str, cells: str, column: str
) -> None:
    path = _csv(tmp_path, f"type,trade,{columns}\nclog,plumber,{cells}\n")
    with pytest.raises(ConfigError, match=f"row 2, column {column}: "):
        CostBook.from_csv(path, currency="EUR")


def test_wear_alone_is_no_work(tmp_path: Path) -> None:
    path = _csv(tmp_path, "type,condition,trade,rate\nclog,wear,plumber,1\n")
    with pytest.raises(ConfigError, match="clog has a row for wear only"):
        CostBook.from_csv(path, currency="EUR")


def test_a_trade_without_a_wage_is_told_by_its_row(tmp_path: Path) -> None:
    path = _csv(tmp_path, "type,trade,hours\nroach,plumber,1\nclog,plumbr,2\n")
    with pytest.raises(ConfigError, match=r"row 3, column trade: missing trade: .*mean plumber"):
        CostBook.from_csv(path, base=CostBook.default())


def test_a_header_that_is_no_csv_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this is not CSV"):
        CostBook.from_csv(_csv(tmp_path, '"type'))


def test_rates_in_another_currency_than_the_base_are_refused(tmp_path: Path) -> None:
    path = _csv(tmp_path, HEAD + "clog,P1,plumber,each,1,,EUR\n")
    with pytest.raises(ConfigError, match=r"rates.csv, column currency: two currencies"):
        CostBook.from_csv(path, base=CostBook.default())
