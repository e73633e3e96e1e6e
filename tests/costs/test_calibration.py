from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError, CostBook, CostEstimate
from inspectiq.costs import CostCalibration, calibrate
from inspectiq.costs._calibration import FEWEST_PAIRS
from tests.costs.cases import amounts, case, issue

BOOK = CostBook.default()


def _estimates(type: str, count: int, book: CostBook = BOOK) -> list[CostEstimate]:
    """Different estimates of one trade."""
    made = [book.estimate(issue(type, 1 + place), case("CA")) for place in range(count)]
    return [cost for cost in made if cost is not None]


def _paid(estimates: list[CostEstimate], bias: Decimal, random: Random) -> list[Decimal]:
    """Invoices that come to `bias` times the estimate in the median, with noise around it."""
    return [
        cost.expected * bias * Decimal(str(random.lognormvariate(0, 0.25))) for cost in estimates
    ]


PLUMBING = _estimates("supply_leak", 40)


@settings(max_examples=25, deadline=None)
@given(st.decimals("0.2", "4", places=3), st.integers(FEWEST_PAIRS, 40))
def test_a_bias_without_noise_is_recovered_exactly(bias: Decimal, count: int) -> None:
    estimates = PLUMBING[:count]
    learnt = calibrate(estimates, [cost.expected * bias for cost in estimates], book=BOOK)
    factor = learnt.factors[0]
    assert factor.low <= factor.factor == bias <= factor.high
    assert learnt.bias_after == 0
    assert learnt.bias_before == (1 / bias - 1).quantize(Decimal("0.0001"))
    assert learnt.coverage_after == 1


def test_a_known_bias_lies_within_the_stated_interval_as_often_as_stated() -> None:
    bias, within, covered = Decimal("1.35"), 0, Decimal(0)
    runs = 60
    for seed in range(runs):
        random = Random(seed)
        learnt = calibrate(PLUMBING, _paid(PLUMBING, bias, random), book=BOOK)
        factor = learnt.factors[0]
        within += factor.low <= bias <= factor.high
        # The next invoices, which neither factor nor range has seen.
        spread = learnt.book.spread
        for invoice, cost in zip(_paid(PLUMBING, bias, random), PLUMBING, strict=True):
            ratio = invoice / cost.expected / factor.factor
            covered += (spread.low <= ratio <= spread.high) / Decimal(runs * len(PLUMBING))
    assert within >= 0.95 * runs - 3
    assert covered >= Decimal("0.78")  # 80 % stated, less what 60 runs may miss


def test_the_new_book_prices_what_invoices_came_to() -> None:
    invoices = [cost.expected * Decimal("1.2") for cost in PLUMBING]
    learnt = calibrate(PLUMBING, invoices, book=BOOK)
    again = learnt.book.estimate(issue("supply_leak", 1), case("CA"))
    assert again is not None
    assert again.expected == (PLUMBING[0].expected * Decimal("1.2")).quantize(Decimal("0.01"))
    line = again.lines[-1]
    assert (line.kind, line.source, line.mark) == ("correction", "40 invoices", "V")
    assert again.range_source == "80 % of invoices to come, as told from 20 [V]"
    assert learnt.book.sha256 != BOOK.sha256
    assert learnt.book.version.startswith(f"{BOOK.version}+")
    assert learnt.book.built_on == BOOK.label


def test_a_correction_reaches_the_visit_minimum_too() -> None:
    learnt = calibrate(PLUMBING, [cost.expected * 2 for cost in PLUMBING], book=BOOK)
    priced = learnt.book.estimate_together([issue("supply_leak", 1, hours=0.5)], case("CA"))
    cost = amounts(priced.findings[0].cost)
    assert cost["correction"] == sum(
        amount for kind, amount in cost.items() if kind != "correction"
    )


def test_calibrating_twice_multiplies() -> None:
    once = calibrate(PLUMBING, [cost.expected * 2 for cost in PLUMBING], book=BOOK).book
    estimates = _estimates("supply_leak", 12, once)
    twice = calibrate(estimates, [cost.expected * 2 for cost in estimates], book=once).book
    assert twice.corrections["plumber"].factor == 4


def test_the_order_of_the_pairs_changes_nothing() -> None:
    invoices = _paid(PLUMBING, Decimal("0.8"), Random(7))
    pairs = list(zip(PLUMBING, invoices, strict=True))
    mixed = Random(8).sample(pairs, len(pairs))
    first = calibrate(PLUMBING, invoices, book=BOOK)
    again = calibrate([cost for cost, _ in mixed], [paid for _, paid in mixed], book=BOOK)
    assert again == first
    assert again.book.sha256 == first.book.sha256


def test_too_few_pairs_are_said_and_the_book_is_left_alone() -> None:
    few = PLUMBING[: FEWEST_PAIRS - 1]
    learnt = calibrate(few, [cost.expected * 3 for cost in few], book=BOOK)
    assert learnt.book == BOOK
    assert dict(learnt.too_few) == {"plumber": 11}
    assert learnt.notes == (
        "plumber has 11 pairs and needs 12: left as it is",
        "nothing could be calibrated",
    )
    assert learnt.bias_before is None
    assert calibrate([], [], book=BOOK).book == BOOK


def test_too_few_to_check_on_leave_the_range_as_it_is() -> None:
    few = PLUMBING[:FEWEST_PAIRS]
    learnt = calibrate(few, [cost.expected for cost in few], book=BOOK)
    assert learnt.book.spread == BOOK.spread
    assert learnt.notes == ("6 pairs to check on, and a range needs 9: left as it is",)


def test_trades_are_told_apart() -> None:
    roofing = _estimates("ponding", 12)
    invoices = [cost.expected * 2 for cost in PLUMBING] + [cost.expected for cost in roofing]
    learnt = calibrate(PLUMBING + roofing, invoices, book=BOOK)
    assert {factor.trade: factor.factor for factor in learnt.factors} == {
        "plumber": 2,
        "roofer": 1,
    }
    assert learnt.checked == 26
    assert learnt.coverage_before == 1


def test_a_calibration_goes_through_json() -> None:
    learnt = calibrate(PLUMBING, [cost.expected for cost in PLUMBING], book=BOOK)
    assert CostCalibration.model_validate_json(learnt.model_dump_json()) == learnt


@pytest.mark.parametrize("invoice", ["NaN", "-5", 0, "a lot", 12.5, None])
def test_an_invoice_is_money_above_nothing(invoice: object) -> None:
    with pytest.raises(ConfigError, match=r"invoices\[0\]: give money above 0"):
        calibrate(PLUMBING[:1], [invoice], book=BOOK)  # type: ignore[list-item]


@pytest.mark.parametrize("times", ["101", "0.009"])
def test_an_invoice_for_other_work_is_refused(times: str) -> None:
    with pytest.raises(ConfigError, match="check the currency and that it is the same work"):
        calibrate(PLUMBING[:1], [PLUMBING[0].expected * Decimal(times)], book=BOOK)


def test_pairs_must_match_and_be_the_books() -> None:
    with pytest.raises(ConfigError, match="1 estimates and 2 invoices"):
        calibrate(PLUMBING[:1], [1, 2], book=BOOK)
    other = BOOK.model_copy(update={"version": "other"})
    with pytest.raises(ConfigError, match=r"estimates\[0\] was not made by inspectiq-us other"):
        calibrate(PLUMBING[:1], [1], book=other)
    total = BOOK.estimate_together([issue("clog"), issue("roach")], case("CA")).total
    assert total is not None
    with pytest.raises(ConfigError, match="give one for each finding"):
        calibrate([total], [1], book=BOOK)
