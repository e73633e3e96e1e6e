from decimal import Decimal
from typing import Any

import pytest

from inspectiq import CostBook, CostEstimate, Finding, Issue, Taxonomy
from inspectiq.costs import WorkItem
from inspectiq.domain import Observed, Quantity, Scope
from tests.costs.cases import amounts, case, dec, issue

BOOK = CostBook.default()


def _cost(finding: Finding, state: str | None = "CA", book: CostBook = BOOK) -> CostEstimate:
    cost = book.estimate(finding, case(state))
    assert cost is not None
    return cost


def _stating(hours: float) -> Issue:
    """An issue with hours that validation would refuse, as a host's own code may make one."""
    finding = issue("clog", 1)
    return finding.model_copy(update={"scope": finding.scope.model_copy(update={"hours": hours})})


def test_labour_is_hours_times_wage_and_what_is_billed_on_top() -> None:
    cost = _cost(issue("clog", 1))  # 1.25 h of a Californian plumber at 36.20, times 2.5
    assert amounts(cost) == dec(labour="45.25", burden="67.88")
    assert (cost.low, cost.expected, cost.high) == (
        Decimal("56.57"),
        Decimal("113.13"),
        Decimal("226.26"),
    )
    assert (cost.trade, cost.region, cost.basis) == ("plumber", "CA", "book")
    assert cost.book_sha256 == BOOK.sha256


def test_a_single_estimate_has_no_visit_minimum() -> None:
    assert "minimum" not in amounts(_cost(issue("missing_cover", 1)))


def test_materials_are_bought_with_waste_and_at_the_states_price_level() -> None:
    cost = _cost(issue("tile_crack_missing", 10))
    tiles = next(line for line in cost.lines if line.kind == "materials")
    assert (tiles.quantity, tiles.rate, tiles.amount) == (
        Decimal("11.50"),
        Decimal(7),
        Decimal("80.50"),
    )
    assert "15 % waste" in tiles.label
    level = next(line for line in cost.lines if line.kind == "parity")
    assert (level.amount, level.mark, level.year) == (Decimal("6.06"), "S", 2023)  # 7.53 %
    assert amounts(cost)["disposal"] == 10


def test_a_permit_is_paid_once_for_a_finding() -> None:
    assert amounts(_cost(issue("rotted_framing", 20)))["permit"] == 150


def test_without_a_state_figures_are_national_and_the_estimate_says_so() -> None:
    cost = _cost(issue("supply_leak", 1), None)
    assert amounts(cost)["labour"] == Decimal("65.24")  # 2 h at 32.62
    assert amounts(cost)["parity"] == Decimal("-0.20")  # 99.505 of 100 on 40
    assert cost.region is None
    assert "no state was given: national wages and prices are used" in cost.notes


@pytest.mark.parametrize("state", ["CA", "ca", " California ", "california"])
def test_a_state_is_known_by_code_or_name_in_any_case(state: str) -> None:
    assert _cost(issue("clog", 1), state).region == "CA"


def test_an_unknown_state_falls_back_and_says_so() -> None:
    cost = _cost(issue("clog", 1), "Bavaria")
    assert cost.region is None
    assert any("does not know the state" in note for note in cost.notes)


def test_a_property_abroad_gets_national_figures_and_is_told_whose() -> None:
    cost = BOOK.estimate(issue("clog", 1), case("CA", "CA"))
    assert cost is not None
    assert cost.region is None
    assert "the figures are of US, the property is in CA" in cost.notes


def test_a_wage_that_was_not_released_falls_back_to_the_national_one() -> None:
    cost = _cost(issue("tile_crack_missing", 10), "MA")
    assert cost.lines[0].rate == Decimal("25.92")
    assert "no wage of tile_stone_setter is known for MA; the national one is used" in cost.notes


def test_a_territory_without_a_price_level_takes_the_national_one() -> None:
    cost = _cost(issue("supply_leak", 1), "PR")
    assert cost.lines[0].rate == Decimal("13.38")
    assert "no price level is known for PR; the national one is used" in cost.notes


def test_an_unknown_trade_is_priced_as_the_books_fallback() -> None:
    cost = _cost(issue("clog", 1, trade="wizard"))
    assert cost.trade == "handyman_maintenance_general"
    assert (
        "the book has no wage for wizard; that of `handyman_maintenance_general` is used"
        in cost.notes
    )


def test_an_unknown_type_is_priced_as_the_books_fallback() -> None:
    cost = _cost(issue("clog", 1).model_copy(update={"type": "drafty_attic"}))
    assert "the book has no work for drafty_attic; priced as `other`" in cost.notes


def test_a_book_without_the_wage_has_no_price_rather_than_half_of_one() -> None:
    book = CostBook(
        name="mine",
        version="1",
        currency="EUR",
        items={"clog": WorkItem(hours=Decimal(2), disposal=Decimal(5))},
    )
    assert book.estimate(issue("clog", 1), case()) is None


def test_stated_hours_stand_above_the_books_and_are_told() -> None:
    cost = _cost(issue("clog", 1, hours=3))
    assert cost.lines[0].quantity == 3
    assert "the hours are the stated ones, not the book's 1.25" in cost.notes


@pytest.mark.parametrize("hours", [-1.0, 0.0, float("nan"), float("inf"), 200.5, 1e300])
def test_absurd_hours_are_refused_and_the_estimate_says_so(hours: float) -> None:
    cost = _cost(_stating(hours))
    assert cost.lines[0].quantity == Decimal("1.25")
    assert "the stated hours were refused, not within 0 to 200: 1.25 are used" in cost.notes


@pytest.mark.parametrize("amount", [-3.0, 0.0, float("nan"), float("inf"), 10_001.0])
def test_an_absurd_quantity_is_refused_and_the_estimate_says_so(amount: float) -> None:
    quantity = Quantity.model_construct(amount=amount, unit="sq_ft")
    cost = _cost(issue("wall_hole").model_copy(update={"quantity": quantity}))
    assert cost.lines[0].quantity == Decimal("2.00")  # 4 sq ft at half an hour
    assert any(note.startswith("the quantity was refused") for note in cost.notes)


def test_a_hairs_breadth_counts_as_the_smallest_measure() -> None:
    assert _cost(issue("wall_hole", 0.001)).lines[0].quantity == Decimal("0.01")


def test_without_a_quantity_the_usual_one_is_used_and_told() -> None:
    cost = _cost(issue("wall_hole"))
    assert "no quantity was given: the book's usual 4 sq_ft is used" in cost.notes


def test_what_a_person_must_look_at_first_is_priced_by_usual_figures() -> None:
    cost = _cost(issue("wall_hole", 400, hours=90, review=("seen by a triage only",)))
    assert cost.lines[0].quantity == Decimal("2.00")
    assert any("a person must look at it first" in note for note in cost.notes)


def test_a_quantity_in_another_unit_is_not_mixed_up() -> None:
    quantity = Quantity(amount=50, unit="sq_ft")
    cost = _cost(issue("clog").model_copy(update={"quantity": quantity}))
    assert cost.lines[0].quantity == Decimal("1.25")
    assert any("the quantity is in sq_ft, the work in each" in note for note in cost.notes)


def test_a_float_of_the_engine_is_taken_as_it_is_written() -> None:
    cost = _cost(issue("wall_hole", 0.1 + 0.2))
    materials = next(line for line in cost.lines if line.kind == "materials")
    assert materials.quantity == Decimal("0.35")  # 0.3 with waste of 15 %


def test_wear_is_priced_as_wear() -> None:
    damaged, worn = (
        _cost(issue("door_damage", 1, condition=condition)) for condition in ("damage", "wear")
    )
    assert worn.expected < damaged.expected
    assert "priced as wear, not as damage" in worn.notes


def test_doing_it_oneself_is_never_priced() -> None:
    by_hand, hired = _cost(issue("nail_holes", 12, diy=True)), _cost(issue("nail_holes", 12))
    assert by_hand.expected == hired.expected
    assert "priced as hired work, though a handy occupant could do it" in by_hand.notes


def test_the_book_may_give_work_to_another_trade() -> None:
    items = {"clog": WorkItem(hours=Decimal(1), trade="septic_sewer")}
    book = CostBook(name="m", version="1", currency="USD", items=items).merge_over(BOOK)
    assert _cost(issue("clog", 1), book=book).trade == "septic_sewer"


def test_a_finding_without_a_quantity_of_its_kind_is_priced() -> None:
    finding = Finding(
        type="no_heat",
        group="hvac",
        label="No heat",
        observed=Observed(description="cold"),
        scope=Scope(trade="hvac"),
    )
    assert _cost(finding).trade == "hvac"


def test_all_types_are_priced_in_all_states() -> None:
    every = [issue(kind.key) for kind in Taxonomy.default().types if kind.trade != "open"]
    assert len(every) == len(BOOK.items) == 114
    for state in BOOK.regions:
        for finding in every:
            cost = _cost(finding, state)
            assert 0 < cost.low < cost.expected < cost.high
            assert not any("has no work" in note for note in cost.notes)


def test_the_books_units_are_the_taxonomys() -> None:
    priced = [kind for kind in Taxonomy.default().types if kind.trade != "open"]
    units: dict[str, Any] = {kind.key: kind.unit for kind in priced}
    assert {key: item.unit for key, item in BOOK.items.items()} == units
    assert {kind.trade for kind in priced} <= set(BOOK.trades)


def test_what_nobody_knows_the_trade_of_has_no_price_but_in_a_book_that_gives_it_one() -> None:
    crack = issue("crack_kind_unknown", 6)
    assert crack.scope.trade == "open"
    assert BOOK.estimate(crack, case("CA")) is None
    items = {"crack_kind_unknown": WorkItem(unit="lin_ft", rate=Decimal(30))}
    book = CostBook(name="m", version="1", currency="USD", items=items).merge_over(BOOK)
    assert _cost(crack, book=book).expected == 180
