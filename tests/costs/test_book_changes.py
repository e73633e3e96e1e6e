"""Single figures of a book are changed in one line, and each says whose it is."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, CostBook
from inspectiq.costs import Source, WorkItem
from tests.costs.cases import case, issue

US = CostBook.default()
PAYROLL = Source(name="Our payroll", year=2026, mark="V")


def _lines(book: CostBook, type: str, state: str | None = "CA") -> dict[str, Any]:
    cost = book.estimate(issue(type, 1), case(state=state))
    assert cost is not None
    return {line.kind: line for line in cost.lines}


def test_a_book_without_changes_is_the_book() -> None:
    assert CostBook.of("us") is US
    assert CostBook.of(US) is US


@pytest.mark.parametrize("state", ["CA", "TX", None])
def test_a_wage_holds_everywhere_and_names_its_source(state: str | None) -> None:
    ours = CostBook.of("us", wages={"plumber": "41.50"}, source=PAYROLL)
    labour = _lines(ours, "supply_leak", state)["labour"]
    assert (labour.rate, labour.source, labour.year, labour.mark) == (
        Decimal("41.50"),
        "Our payroll",
        2026,
        "V",
    )
    other = _lines(ours, "exposed_wiring", state)["labour"]
    assert other == _lines(US, "exposed_wiring", state)["labour"]


def test_a_wage_of_one_region_holds_there_alone() -> None:
    ours = CostBook.of("us", wages={"plumber": 41, "California": {"plumber": 52}}, source="ours")
    assert _lines(ours, "clog", "CA")["labour"].rate == 52
    assert _lines(ours, "clog", "TX")["labour"].rate == 41


def test_a_wage_of_ones_own_loses_no_other() -> None:
    wages = CostBook.of("us", wages={"pool_service": 30}).wages
    assert wages.list_trades() == US.wages.list_trades() | {"pool_service"}
    assert wages.find("plumber", "CA") == US.wages.find("plumber", "CA")


def test_what_was_only_said_is_an_assumption() -> None:
    unnamed = CostBook.of("us", wages={"plumber": 9})
    named = CostBook.of("us", wages={"plumber": 9}, source="Jo")
    for book, name in ((unnamed, "house override"), (named, "Jo")):
        labour = _lines(book, "clog")["labour"]
        assert (labour.source, labour.mark) == (name, "A")


def test_a_minimum_is_the_least_for_a_visit() -> None:
    ours = CostBook.of("us", minimums={"plumber": 500}, source=PAYROLL)
    (priced,) = ours.estimate_together([issue("clog", 1)], case()).findings
    assert priced.cost is not None
    (least,) = [line for line in priced.cost.lines if line.kind == "minimum"]
    assert (least.source, least.mark) == ("Our payroll", "V")


def test_a_rate_stands_in_place_of_hours_and_materials() -> None:
    ours = CostBook.of("us", rates={"clog": 180, "wall_hole": "9.50"}, source=PAYROLL)
    lines = _lines(ours, "clog")
    assert set(lines) == {"rate"}
    assert (lines["rate"].rate, lines["rate"].mark) == (180, "V")
    before, after = US.items["wall_hole"], ours.items["wall_hole"]
    assert (after.unit, after.quantity, after.trade) == (before.unit, before.quantity, before.trade)


def test_a_price_is_that_of_the_material_in_all_work() -> None:
    label = US.items["wall_hole"].materials[0].label
    ours = CostBook.of("us", prices={label: "99"}, source=PAYROLL)
    for key, item in US.items.items():
        for before, after in zip(item.materials, ours.items[key].materials, strict=True):
            assert after.price == (99 if before.label == label else before.price)
            assert after.quantity == before.quantity


def test_work_that_is_changed_in_part_names_both_and_the_weaker_mark() -> None:
    ours = CostBook.of("us", items={"clog": {"hours": "1.5"}}, source=PAYROLL)
    item = ours.items["clog"]
    assert item.hours == Decimal("1.5")
    assert item.materials == US.items["clog"].materials
    assert item.source is not None
    assert item.source.cite == "Our payroll; the rest the cost book's own assumption [A]"
    own = CostBook.of(
        "us", items={"pool_water": {"rate": 90, "trade": "pool_service"}}, source=PAYROLL
    )
    assert own.items["pool_water"] == WorkItem(
        rate=Decimal(90), trade="pool_service", source=PAYROLL
    )


def test_a_changed_book_is_known_by_its_version_and_hash() -> None:
    ours = CostBook.of("us", minimums={"plumber": 120})
    assert (ours.name, ours.built_on) == (US.name, US.label)
    assert ours.version.startswith(f"{US.version}+")
    assert ours.sha256 != US.sha256
    assert CostBook.of("us", minimums={"plumber": 120}) == ours
    assert CostBook.of("us", name="ours", version="3", burden={"factor": "2.1"}).label == "ours 3"


def test_other_fields_name_the_source_as_well() -> None:
    ours = CostBook.of("us", burden={"factor": "2.1"}, tax={"rate": "0.2"}, source=PAYROLL)
    assert ours.burden.source == PAYROLL
    assert ours.tax is not None
    assert ours.tax.source == PAYROLL


def test_changes_follow_each_other() -> None:
    once = CostBook.of("us", wages={"plumber": 41}, source="first")
    twice = CostBook.of(once, wages={"electrician": 50}, source="second")
    assert _lines(twice, "clog")["labour"].source == "first"
    assert _lines(twice, "exposed_wiring")["labour"].source == "second"
    assert CostBook.model_validate_json(twice.model_dump_json()) == twice


@settings(max_examples=20, deadline=None)
@given(st.decimals(0, 500, places=2), st.sampled_from(sorted(US.items)))
def test_a_higher_wage_never_costs_less(wage: Decimal, type: str) -> None:
    trades = US.wages.list_trades()
    cheap = CostBook.of("us", wages=dict.fromkeys(trades, wage))
    dear = CostBook.of("us", wages=dict.fromkeys(trades, wage + 1))
    low, high = (book.estimate(issue(type, 1), case()) for book in (cheap, dear))
    assert low is not None
    assert high is not None
    assert low.expected <= high.expected


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"wages": {"plumbr": 41}}, "wages: there is no trade 'plumbr'; did you mean plumber?"),
        (
            {"minimums": {"Plumber": 9}},
            "minimums: there is no trade 'Plumber'; did you mean plumber?",
        ),
        ({"wages": {"ZZ": {"plumber": 41}}}, "unknown state or region 'ZZ'"),
        ({"wages": {"plumber": 41.5}}, "a float is not exact"),
        ({"wages": {"plumber": "1_200"}}, "this is no number"),
        ({"wages": {"plumber": "1,200"}}, "this is no number"),
        ({"wages": {"plumber": True}}, "this is no number"),
        ({"wages": {"plumber": "-1"}}, "greater than or equal to 0"),
        ({"wages": {"plumber": None}}, "wages.national.plumber"),
        ({"wages": [41]}, "wages: a list was given; give a mapping such as"),
        ({"wages": {41: 41}}, "wages: an int was given; give a mapping such as"),
        ({"rates": {"clg": 9}}, "no work for 'clg'; did you mean 'clog'?"),
        ({"prices": {"paint": 9}}, "no material 'paint'; did you mean 'Paint'?"),
        (
            {"items": {"clog": {"hour": 9}}},
            "items.clog.hour: there is no such field; did you mean hours?",
        ),
        ({"items": {"clog": 9}}, "items['clog']: an int was given; give fields of WorkItem"),
        ({"items": {"clog": {"rate": 9, "hours": 1}}}, "a rate is all in"),
        ({"wages": {"plumber": 9}, "source": 3}, "source: an int was given; give a Source"),
        ({"wages": {"plumber": 9}, "source": ""}, "source: a str was given; give a Source"),
        ({"wage": {"plumber": 9}}, "there is no such field; did you mean wages?"),
        ({"currency": "EUR"}, "two currencies"),
    ],
)
def test_a_wrong_change_says_what_to_give(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CostBook.of("us", **changes)
    assert told in str(caught.value)
