from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import CostBook, Issue, Taxonomy
from inspectiq.costs import PricedFindings, Tax
from tests.costs.cases import amounts, case, dec, issue

BOOK = CostBook.default()
STATES = sorted(BOOK.regions)

FIVE = (
    issue("ceiling_stain", 10),  # 0.4 h of a painter, 6.6 of 11 × 0.6 primer and paint
    issue("scuff_scratch", 20),  # 0.5 h of the same painter, 22 × 0.4 paint
    issue("window_broken", 1),  # 1.5 h of a glazier, a pane of 110, disposal of 10
    issue("wall_hole", 3),  # 1.5 h of a drywall installer, 3.45 × 4
    issue("supply_leak", 1),  # 2 h of a plumber, pipe of 40
)

# Recomputed by hand with fractions. In California a painter earns 29.34: 0.4 h are 11.74 and 1.5
# times that on top 17.61; 0.5 h are 14.67 and 22.01. Both come to 66.03, and 83.97 are missing to
# the visit's 150: 37.32 and 46.65. Four trades: 20 % on each sum.
BY_HAND = {
    "CA": (
        [
            dec(labour="11.74", burden="17.61", materials="6.60", parity="0.50", minimum="37.32",
                overhead="14.75"),
            dec(labour="14.67", burden="22.01", materials="8.80", parity="0.66", minimum="46.65",
                overhead="18.56"),
            dec(labour="51.69", burden="77.54", materials="110.00", parity="8.28",
                disposal="10.00", minimum="20.77", overhead="55.66"),
            dec(labour="54.14", burden="81.21", materials="13.80", parity="1.04", minimum="14.65",
                overhead="32.97"),
            dec(labour="72.40", burden="108.60", materials="40.00", parity="3.01",
                overhead="44.80"),
        ],
        ["88.52", "111.35", "333.94", "197.81", "268.81"],
        ("500.23", "1000.43", "2000.86"),
    ),
    "MS": (
        [
            dec(labour="7.94", burden="11.91", materials="6.60", parity="-0.34", minimum="46.79",
                overhead="14.58"),
            dec(labour="9.93", burden="14.90", materials="8.80", parity="-0.45", minimum="58.53",
                overhead="18.34"),
            dec(labour="29.06", burden="43.59", materials="110.00", parity="-5.64",
                disposal="10.00", minimum="77.35", overhead="52.87"),
            dec(labour="31.26", burden="46.89", materials="13.80", parity="-0.71", minimum="71.85",
                overhead="32.62"),
            dec(labour="51.22", burden="76.83", materials="40.00", parity="-2.05", minimum="21.95",
                overhead="37.59"),
        ],
        ["87.48", "110.05", "317.23", "195.71", "225.54"],
        ("468.02", "936.01", "1872.02"),
    ),
    "WA": (
        [
            dec(labour="11.02", burden="16.53", materials="6.60", parity="0.44", minimum="39.10",
                overhead="14.74"),
            dec(labour="13.78", burden="20.67", materials="8.80", parity="0.59", minimum="48.90",
                overhead="18.55"),
            dec(labour="55.62", burden="83.43", materials="110.00", parity="7.35",
                disposal="10.00", minimum="10.95", overhead="55.47"),
            dec(labour="56.33", burden="84.50", materials="13.80", parity="0.92", minimum="9.17",
                overhead="32.94"),
            dec(labour="79.22", burden="118.83", materials="40.00", parity="2.67",
                overhead="48.14"),
        ],
        ["88.43", "111.29", "332.82", "197.66", "288.86"],
        ("509.54", "1019.06", "2038.12"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", BY_HAND)
def test_every_dollar_of_five_issues_is_the_one_recomputed_by_hand(state: str) -> None:
    lines, expected, total = BY_HAND[state]
    priced = BOOK.estimate_together(FIVE, case(state, "US"))
    assert [amounts(finding.cost) for finding in priced.findings] == lines
    assert [_expected(finding) for finding in priced.findings] == [*map(Decimal, expected)]
    assert priced.total is not None
    assert (priced.total.low, priced.total.expected, priced.total.high) == tuple(
        map(Decimal, total)
    )
    assert priced.total.region == state


def test_a_minimum_is_shared_once_by_the_issues_of_one_trade_in_one_visit() -> None:
    leaks = [issue("supply_leak", 1, hours=hours) for hours in (0.25, 0.5, 0.75)]
    priced = BOOK.estimate_together(leaks, case("CA"))
    visits = [
        sum(amount for kind, amount in amounts(leak.cost).items() if kind in VISIT)
        for leak in priced.findings
    ]
    assert visits == [Decimal(25), Decimal(50), Decimal(75)]  # 150 by hours 1 : 2 : 3


VISIT = ("labour", "burden", "rate", "minimum")

RATES = """\
type,condition,code,label,trade,unit,rate,currency,source,year,mark
wall_hole,,PL4,Patch plaster,plasterer,sq_m,38.50,GBP,Our schedule,2026,V
faucet_fixture,,PB1,Renew tap,plumber,each,96.00,GBP,Our schedule,2026,V
clog,,PB2,Clear drain,plumber,each,62.00,GBP,Our schedule,2026,V
caulk_grout_failure,,TL3,Renew sealant,tiler,lin_m,9.20,GBP,Our schedule,2026,V
door_damage,,JN1,Renew door,joiner,each,145.00,GBP,Our schedule,2026,V
door_damage,wear,JN2,Ease and repaint door,joiner,each,60.00,GBP,Our schedule,2026,V
"""


@pytest.fixture
def pounds(tmp_path: Path) -> CostBook:
    """All-in rates in pounds for square metres, made up for these tests; VAT is added."""
    path = tmp_path / "rates.csv"
    path.write_text(RATES, encoding="utf-8")
    return CostBook.from_csv(
        path,
        version="2026",
        country="GB",
        units="metric",
        tax={"label": "VAT", "rate": "0.20"},
        trades={"plumber": {"minimum": 200}},
    )


HOUSE = (
    issue("wall_hole", 20),  # 20 sq ft are 1.86 sq m: 71.61
    issue("faucet_fixture", 1),  # 96.00, and 25.52 of the 42.00 missing to the visit's 200
    issue("clog", 1),  # 62.00 and 16.48
    issue("caulk_grout_failure", 12),  # 12 ft are 3.66 m: 33.67
    issue("door_damage", 1, condition="wear"),  # 60.00
)


def test_all_in_rates_in_pounds_with_tax_come_to_the_penny(pounds: CostBook) -> None:
    priced = pounds.estimate_together(HOUSE, case(country="GB"))
    # VAT is 20 % of 365.28, so 73.06; two pence are left over, and the clog and the tap get them.
    assert [amounts(finding.cost) for finding in priced.findings] == [
        dec(rate="71.61", tax="14.32"),
        dec(rate="96.00", minimum="25.52", tax="24.31"),
        dec(rate="62.00", minimum="16.48", tax="15.70"),
        dec(rate="33.67", tax="6.73"),
        dec(rate="60.00", tax="12.00"),
    ]
    assert priced.total is not None
    assert priced.total.currency == "GBP"
    assert priced.total.expected == Decimal("438.34")
    door = priced.findings[-1].cost
    assert door is not None
    assert door.lines[0].label == "Ease and repaint door JN2"
    assert (door.lines[0].source, door.lines[0].mark) == ("Our schedule", "V")


def test_a_tax_that_the_rates_hold_is_told_and_not_added(pounds: CostBook) -> None:
    included = pounds.model_copy(
        update={"tax": Tax(label="VAT", rate=Decimal("0.2"), included=True)}
    )
    priced = included.estimate_together(HOUSE, case())
    assert priced.total is not None
    assert priced.total.expected == Decimal("365.28")
    assert "VAT of 20 % is included" in priced.total.notes


def test_two_trades_need_no_contractor_and_three_do() -> None:
    two, three = (
        BOOK.estimate_together(FIVE[:3], case("CA")),
        BOOK.estimate_together(FIVE[:4], case("CA")),
    )
    assert all("overhead" not in amounts(finding.cost) for finding in two.findings)
    assert all("overhead" in amounts(finding.cost) for finding in three.findings)


def test_what_the_book_cannot_price_has_no_cost_and_the_total_says_so() -> None:
    book = BOOK.model_copy(update={"fallback_type": None})
    unknown = issue("clog").model_copy(update={"type": "drafty_attic"})
    priced = book.estimate_together([unknown, issue("clog")], case("CA"))
    assert priced.findings[0].cost is None
    assert priced.total is not None
    assert "1 of 2 findings have no price in the book" in priced.total.notes
    nothing: PricedFindings[Issue] = book.estimate_together([unknown], case("CA"))
    assert nothing.total is None
    assert book.estimate_together([], case("CA")).total is None


def test_what_was_priced_before_is_priced_anew_and_not_added_up() -> None:
    once = BOOK.estimate_together(FIVE, case("CA"))
    assert BOOK.estimate_together(once.findings, case("CA")) == once


def test_a_currency_without_cents_is_rounded_to_whole_units() -> None:
    book = BOOK.model_copy(update={"currency": "JPY", "minor_digits": 0})
    priced = book.estimate_together(FIVE, case("CA"))
    assert priced.total is not None
    assert priced.total.expected == int(priced.total.expected)
    assert priced.total.expected == sum(_expected(finding) for finding in priced.findings)


numbers = st.floats(-1e3, 1e9) | st.sampled_from([float("nan"), float("inf"), 0.0])


@st.composite
def findings(draw: st.DrawFn) -> list[Issue]:
    kinds = [kind for kind in Taxonomy.default().types if kind.trade != "open"]  # which are priced
    types = st.sampled_from([kind.key for kind in kinds])
    made = []
    for number, type in enumerate(draw(st.lists(types, min_size=1, max_size=6))):
        finding = issue(
            type,
            draw(st.none() | st.floats(0, 500)),
            id=str(number),
            condition=draw(st.sampled_from(["wear", "damage", "unclear"])),
            review=draw(st.sampled_from([(), ("look",)])),
        )
        scope = finding.scope.model_copy(update={"hours": draw(st.none() | numbers)})
        made.append(finding.model_copy(update={"scope": scope}))
    return made


@settings(max_examples=60, deadline=None)
@given(findings(), st.sampled_from([None, "Elbonia", *STATES]), st.randoms(use_true_random=False))
def test_the_order_changes_nothing_and_parts_add_up_to_the_total(
    made: list[Issue], state: str | None, random: Random
) -> None:
    book = BOOK.model_copy(update={"tax": Tax(rate=Decimal("0.0725"))})
    priced = book.estimate_together(made, case(state))
    shuffled = random.sample(made, len(made))
    again = book.estimate_together(shuffled, case(state))
    assert {finding.id: finding.cost for finding in again.findings} == {
        finding.id: finding.cost for finding in priced.findings
    }
    assert again.total == priced.total
    total = priced.total
    assert total is not None
    costs = [finding.cost for finding in priced.findings if finding.cost is not None]
    for field in ("low", "expected", "high"):
        assert getattr(total, field) == sum(getattr(cost, field) for cost in costs)
    for cost in (*costs, total):
        assert cost.low <= cost.expected <= cost.high
        assert sum(line.amount for line in cost.lines) == cost.expected
        for line in cost.lines:
            assert line.source
            # The tax is rounded once, by half a cent; its shares are off by less than one besides.
            assert abs(line.amount - line.quantity * line.rate) < Decimal("0.015")


@settings(max_examples=60, deadline=None)
@given(findings(), st.sampled_from(STATES))
def test_a_trade_bills_its_work_or_its_minimum_and_never_both(
    made: list[Issue], state: str
) -> None:
    billed: dict[str, Decimal] = {}
    worked: dict[str, Decimal] = {}
    for finding in BOOK.estimate_together(made, case(state)).findings:
        assert finding.cost is not None
        assert finding.cost.trade is not None
        for line in finding.cost.lines:
            for kinds, sums in ((VISIT, billed), (VISIT[:3], worked)):
                if line.kind in kinds:
                    sums[finding.cost.trade] = (
                        sums.get(finding.cost.trade, Decimal(0)) + line.amount
                    )
    for trade, amount in billed.items():
        assert amount == max(worked[trade], BOOK.trades[trade].minimum)


def _expected(finding: Issue) -> Decimal:
    assert finding.cost is not None
    return finding.cost.expected
