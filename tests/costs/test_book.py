import pickle
from decimal import Decimal

import pytest

from inspectiq import ConfigError, CostBook
from inspectiq.costs import Burden, Material, Parity, Source, Spread, Trade, Wages, WorkItem
from tests.costs.cases import case, issue

BOOK = CostBook.default()
OURS = Source(name="the cost book's own assumption", year=2026, mark="A")


def _book(**fields: object) -> CostBook:
    return CostBook.model_validate({"name": "mine", "version": "1", "currency": "USD", **fields})


def test_a_book_goes_through_json_and_pickle_and_keeps_its_hash() -> None:
    for twin in (
        CostBook.model_validate_json(BOOK.model_dump_json()),
        pickle.loads(pickle.dumps(BOOK)),
    ):
        assert twin == BOOK
        assert twin.sha256 == BOOK.sha256


def test_the_hash_changes_with_any_figure() -> None:
    dearer = BOOK.model_copy(update={"burden": Burden(factor=Decimal("2.51"))})
    assert dearer.sha256 != BOOK.sha256


def test_the_shipped_figures_are_those_of_the_agencies() -> None:
    assert len(BOOK.wages.list_trades()) == 32
    assert BOOK.wages.national["electrician"] == Decimal("32.60")
    assert BOOK.wages.regions["TX"]["plumber"] == Decimal("27.35")
    assert "floor_sander" not in BOOK.wages.regions["WY"]  # not released
    assert BOOK.parity.regions["NJ"] == Decimal("107.135")
    assert BOOK.parity.national == Decimal("99.505")
    assert len(BOOK.regions) == 54  # 50 states, the District of Columbia, three territories


def test_money_is_never_made_from_a_float() -> None:
    with pytest.raises(ValueError, match="a float is not exact"):
        Material(price=0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e12"])
def test_money_is_finite_and_not_negative_and_bounded(value: str) -> None:
    with pytest.raises(ValueError):
        Material(price=Decimal(value))


def test_own_figures_stand_over_the_bases_and_answer_for_themselves() -> None:
    book = _book(
        wages={"national": {"plumber": 50}, "regions": {"CA": {"plumber": 60}}},
        items={"clog": {"hours": 2}},
        trades={"plumber": {"minimum": 90}},
    ).merge_over(BOOK)
    cost = book.estimate(issue("clog", 1), case("CA"))
    assert cost is not None
    labour, burden = cost.lines
    assert (labour.amount, labour.source, labour.mark) == (Decimal(120), "mine 1", "A")
    assert burden.source == OURS.name
    assert book.trades["plumber"].source is None
    assert book.trades["electrician"] == BOOK.trades["electrician"]
    assert book.items["no_heat"] == BOOK.items["no_heat"]
    assert (book.built_on, book.name) == (BOOK.label, "mine")
    assert book.sha256 != BOOK.sha256


def test_a_wage_that_was_left_alone_keeps_its_source() -> None:
    book = _book(wages={"regions": {"CA": {"plumber": 60}}}).merge_over(BOOK)
    for state, trade, source in (
        ("CA", "plumber", None),
        ("CA", "electrician", BOOK.wages.source),
        ("TX", "plumber", BOOK.wages.source),
    ):
        wage = book.wages.find(trade, state)
        assert wage is not None
        assert (wage.source, wage.regional) == (source, True)


def test_a_price_level_of_ones_own_stands_over_the_agencys() -> None:
    book = _book(parity={"regions": {"PR": 110}}).merge_over(BOOK)
    for region, figure in (("PR", 110), ("CA", Decimal("107.53")), (None, Decimal("99.505"))):
        level = book.parity.find(region)
        assert level is not None
        assert level.figure == figure


def test_part_of_a_work_may_be_stated_and_the_rest_is_the_bases() -> None:
    item = _book(items={"lock_broken": {"hours": 3}}).merge_over(BOOK).items["lock_broken"]
    assert item.hours == 3
    assert item.materials == BOOK.items["lock_broken"].materials
    assert item.source is None  # whoever changes a figure answers for it


def test_an_all_in_rate_replaces_the_bases_work() -> None:
    item = _book(items={"lock_broken": {"rate": 95}}).merge_over(BOOK).items["lock_broken"]
    assert item.rate == 95
    assert item.hours == 0
    assert item.materials == ()


def test_a_book_merges_over_a_book_that_was_merged() -> None:
    first = _book(wages={"national": {"shaman": 11}}).merge_over(BOOK)
    second = _book(name="more", wages={"national": {"plumber": 12}}).merge_over(first)
    shaman = second.wages.find("shaman", None)
    assert shaman is not None
    assert shaman.figure == 11
    assert second.built_on == "mine 1"


def test_hours_replace_an_all_in_rate_of_the_base() -> None:
    flat = _book(items={"clog": {"rate": 62, "code": "P1"}})
    item = _book(items={"clog": {"hours": 2}}).merge_over(flat).items["clog"]
    assert (item.rate, item.code) == (None, None)
    assert item.hours == 2


def test_a_merged_book_keeps_its_own_base_when_it_is_merged_again() -> None:
    other = _book(name="other", wages={"national": {"shaman": 11, "plumber": 12}})
    book = _book(wages={"national": {"plumber": 50}}).merge_over(BOOK).merge_over(other)
    found = [book.wages.find(trade, None) for trade in ("plumber", "electrician", "shaman")]
    assert [wage and wage.figure for wage in found] == [50, Decimal("32.60"), 11]


def test_two_currencies_do_not_merge() -> None:
    with pytest.raises(ConfigError, match="two currencies: the book is in EUR, its base"):
        _book(currency="EUR").merge_over(BOOK)


def test_what_does_not_go_together_does_not_merge() -> None:
    with pytest.raises(ConfigError, match=r"mine over inspectiq-us: .*Bavaria"):
        _book(wages={"regions": {"Bavaria": {"plumber": 20}}}).merge_over(BOOK)


def test_a_region_that_the_book_does_not_list_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wages.regions.TX: unknown state or region 'TX'"):
        _book(regions={"CA": "California"}, wages=Wages(regions={"TX": {}}))
    with pytest.raises(ValueError, match=r"parity.regions.TX: unknown state"):
        _book(regions={"CA": "California"}, parity=Parity(regions={"TX": Decimal(100)}))


def test_a_code_stands_for_one_rate_only() -> None:
    once, twice = {"code": "P1", "rate": 10}, {"code": "P1", "rate": 11}
    assert len(_book(items={"clog": once, "drain_leak": once}).items) == 2
    with pytest.raises(ValueError, match=r"items.drain_leak.code: duplicate code 'P1'"):
        _book(items={"clog": once, "drain_leak": twice})
    with pytest.raises(ValueError, match="duplicate code 'P1'"):
        _book(items={"clog": {**once, "wear": twice}})


def test_a_metric_book_has_no_feet() -> None:
    with pytest.raises(ValueError, match="sq_ft is not one of the metric units"):
        _book(units="metric", items={"wall_hole": {"unit": "sq_ft", "rate": 1}})


def test_a_rate_is_all_in() -> None:
    with pytest.raises(ValueError, match="a rate is all in"):
        WorkItem(rate=Decimal(10), hours=Decimal(1))


def test_a_range_holds_what_is_expected() -> None:
    with pytest.raises(ValueError, match="low must be at most 1"):
        Spread(low=Decimal("1.1"), high=Decimal(2))


def test_a_figure_without_a_source_is_the_books_own_assumption() -> None:
    assert _book().get_source(None) == Source(name="mine 1", mark="A")
    assert Trade().minimum == 0
