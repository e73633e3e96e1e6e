"""Who prices a finding. What the scripted engine guesses is made up."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    CostEstimate,
    Inspection,
    InspectionAgent,
    Issue,
    Photo,
    Property,
)
from inspectiq.domain import CaseFacts
from inspectiq.testing import FunctionTransport, make_answer, make_issue

Photos = Callable[..., tuple[Photo, ...]]
GUESS = {"low": 100, "high": 300.5}


def _inspect(photos: tuple[Photo, ...], *issues: object, **options: object) -> Inspection:
    engine = FunctionTransport(lambda request: make_answer(request, issues))  # type: ignore[arg-type]
    agent = InspectionAgent(engine, **options)  # type: ignore[arg-type]
    return agent.inspect(photos, property=Property(country="US", state="CA"))


def test_the_book_prices_unless_somebody_says_otherwise(photos: Photos) -> None:
    engine = FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))
    inspection = InspectionAgent(engine).inspect(photos(1))
    assert "repair_cost" not in str(engine.requests[0])
    assert inspection.issues[0].cost is not None
    assert inspection.issues[0].cost.basis == "book"
    assert inspection.issues[0].observed.stated_cost is None


def test_an_engine_that_is_asked_for_money_is_told_the_currency(photos: Photos) -> None:
    pounds = CostBook(name="ours", version="1", currency="GBP")
    engine = FunctionTransport(lambda request: make_answer(request))
    InspectionAgent(engine, cost_mode="model", cost_book=pounds).inspect(photos(1))
    (request,) = engine.requests
    assert '"repair_cost"' in request.instructions
    assert "GBP" in request.instructions
    finding = request.schema.to_dict()["$defs"]["finding"]
    assert "repair_cost" in finding["required"]


def test_what_an_engine_guesses_is_marked_as_its_guess_and_no_book_is_named(
    photos: Photos,
) -> None:
    inspection = _inspect(photos(1), make_issue("clog", 1, repair_cost=GUESS), cost_mode="model")
    (found,) = inspection.issues
    assert found.cost is not None
    assert (found.cost.low, found.cost.high) == (Decimal("100.00"), Decimal("300.50"))
    assert found.cost.basis == "stated"
    assert found.cost.lines[0].source == "scripted scripted"
    assert found.extra == {}
    assert inspection.cost is not None
    assert inspection.cost.basis == "stated"
    assert inspection.provenance.cost_book is None
    assert "stated by scripted scripted and not a quote" in inspection.to_markdown()
    assert Inspection.model_validate_json(inspection.to_json()) == inspection


def test_amounts_in_the_wrong_order_are_put_right(photos: Photos) -> None:
    turned = {"low": 300, "high": 100}
    (found,) = _inspect(
        photos(1), make_issue("clog", 1, repair_cost=turned), cost_mode="model"
    ).issues
    assert found.cost is not None
    assert found.cost.low < found.cost.high


def test_no_guess_is_no_price_and_is_said(photos: Photos) -> None:
    inspection = _inspect(
        photos(1),
        make_issue("clog", 1),
        make_issue("wall_hole", 1, repair_cost=GUESS),
        cost_mode="model",
    )
    costs = {found.type: found.cost for found in inspection.issues}
    assert costs["clog"] is None
    assert inspection.cost is not None
    assert any("1 of 2 findings" in note for note in inspection.cost.notes)
    assert "Cost: not estimated" in inspection.to_markdown()


def test_an_absurd_guess_is_not_believed(photos: Photos) -> None:
    absurd = {"low": 1, "high": 1e12}
    inspection = _inspect(photos(1), make_issue("clog", 1, repair_cost=absurd), cost_mode="model")
    assert not inspection.issues
    assert inspection.photos[0].status == "failed"


def test_a_book_takes_the_place_of_guesses_but_not_of_a_hosts_own_estimate(
    photos: Photos,
) -> None:
    own = CostEstimate.stated_range("10", "20", "USD", "our surveyor")

    class Ours(InspectionAgent):
        def estimate(self, finding: Issue, case: CaseFacts) -> CostEstimate | None:
            return own if finding.type == "clog" else super().estimate(finding, case)

    engine = FunctionTransport(
        lambda request: make_answer(
            request, [make_issue("clog", 1), make_issue("wall_hole", 1, repair_cost=GUESS)]
        )
    )
    guessed = Ours(engine, cost_mode="model").inspect(photos(1))
    priced = guessed.regrade(cost_book=CostBook.default())
    costs = {found.type: found.cost for found in priced.issues}
    assert costs["clog"] == own
    assert costs["wall_hole"] is not None
    assert costs["wall_hole"].basis == "book"
    assert priced.provenance.cost_book == CostBook.default().label


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="'book' or 'model'"):
        InspectionAgent("offline", cost_mode="guess")  # type: ignore[arg-type]
