import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectiq import ConfigError, CostBook, CostEstimate
from tests.costs.cases import case, issue

BOOK = CostBook.default()


def test_an_explanation_reads_like_a_quote_and_says_that_it_is_none() -> None:
    cost = BOOK.estimate(issue("supply_leak", 1, hours=1.5), case("CA"))
    assert cost is not None
    text = cost.explain()
    assert text.startswith(
        "178.76 USD expected, 89.38 to 357.52 USD (plumber, figures of CA)\n\n"
        "       54.30  Labour, plumber: 1.50 hour × 36.20 "
        "(US Bureau of Labor Statistics, OEWS, mean hourly wage, 2023) [S]\n"
    )
    for said in (
        "      178.76  in all, USD",
        "This is not a quote.",
        "class 5, of which 5 is the roughest",
        "Range: AACE International, generic class 5 of cost estimates, -50 % to +100 % [S].",
        "- the hours are the stated ones, not the book's 2.00",
        "[A] an assumption.",
        f"Cost book: {BOOK.label}, {BOOK.sha256[:12]}.",
    ):
        assert said in text


def test_every_line_of_an_explanation_has_source_and_mark() -> None:
    total = BOOK.estimate_together(
        [issue(key) for key in ("clog", "roach", "wall_hole")], case()
    ).total
    assert total is not None
    text = total.explain()
    assert "several trades, national figures" in text
    lines = re.findall(r"^ +[\d,.-]+  (?!in all).*$", text, flags=re.MULTILINE)
    assert len(lines) == len(total.lines)
    assert all(re.search(r" \(.+\) \[[VSA]\]$", line) for line in lines)


def test_a_total_adds_up_by_kind_and_takes_the_weakest_mark() -> None:
    total = BOOK.estimate_together([issue("clog", 1), issue("toilet_fault", 1)], case("CA")).total
    assert total is not None
    assert [line.kind for line in total.lines] == ["labour", "burden", "materials", "parity"]
    assert total.trade == "plumber"
    guess = CostEstimate.stated_range(10, 30, "USD", "gpt-4.1")
    mixed = CostEstimate.total([total, guess])
    assert mixed.expected == total.expected + 20
    assert (mixed.basis, mixed.book, mixed.trade) == ("stated", "several", None)
    assert mixed.lines[-1].mark == "A"


def test_a_total_of_two_currencies_or_of_nothing_is_refused() -> None:
    dollars, pounds = (CostEstimate.stated_range(1, 2, money, "m") for money in ("USD", "GBP"))
    with pytest.raises(ConfigError, match="the parts have GBP, USD; add up each apart"):
        CostEstimate.total([dollars, pounds])
    with pytest.raises(ConfigError, match="the parts have none"):
        CostEstimate.total([])


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_a_models_own_range_is_marked_as_that(first: Decimal, second: Decimal) -> None:
    low, high = sorted((first, second))
    guess = CostEstimate.stated_range(low, high, "USD", "gpt-4.1")
    assert guess.low <= guess.expected <= guess.high
    assert (guess.basis, guess.lines[0].source, guess.lines[0].mark) == ("stated", "gpt-4.1", "A")
    assert "as stated, not from a book" in guess.explain()


@pytest.mark.parametrize("low", [-1, "NaN", "Infinity", 0.5, "much"])
def test_a_models_range_is_of_money(low: Any) -> None:
    with pytest.raises(ConfigError, match="low: "):
        CostEstimate.stated_range(low, 3, "USD", "m")


def test_a_models_range_is_the_right_way_round() -> None:
    with pytest.raises(ConfigError, match="swap the two amounts"):
        CostEstimate.stated_range(3, 2, "USD", "m")
