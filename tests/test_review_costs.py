"""What a person's decisions do to prices. What the scripted engine answers is made up."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    Inspection,
    InspectionAgent,
    Photo,
    Property,
    SeverityPolicy,
)
from inspectiq.domain import Quantity
from inspectiq.testing import FunctionTransport, make_answer, make_issue

Photos = Callable[..., tuple[Photo, ...]]
BY: dict[str, Any] = {"by": "Ana", "at": datetime(2026, 11, 25, tzinfo=UTC)}
BOOK = CostBook.default()


@pytest.fixture
def inspection(photos: Photos) -> Inspection:
    """Three small jobs for one painter, who is paid for a visit in any case."""
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue("trim_damage", 1, extent=4, severity="medium", confidence=0.4),
                make_issue("scuff_scratch", 1, extent=5, severity="low"),
                make_issue("ceiling_stain", 1, extent=3, severity="low"),
            ],
        )
    )
    place = Property(country="US", state="CA")
    return InspectionAgent(engine).inspect(photos(1), id="case-1", property=place)


def _id(inspection: Inspection, kind: str) -> str:
    return next(found.id for found in inspection.issues if found.type == kind)


def _total(inspection: Inspection) -> Decimal:
    assert inspection.cost is not None
    return inspection.cost.expected


def test_what_is_left_after_a_rejection_is_priced_as_if_it_had_been_alone(
    inspection: Inspection,
) -> None:
    left = inspection
    for kind in ("trim_damage", "ceiling_stain"):
        left = left.with_review(_id(left, kind), "rejected", cost_book=BOOK, **BY)
    (scuff,) = [found for found in left.issues if not found.is_rejected]
    assert scuff.cost == BOOK.estimate_together([scuff], left.case).findings[0].cost
    assert _total(left) >= BOOK.trades["painter"].minimum
    assert left.summary.rejected == 2


def test_an_edited_quantity_is_priced(inspection: Inspection) -> None:
    more = Quantity(amount=500, unit="sq_ft")
    scuff = _id(inspection, "scuff_scratch")
    kept = inspection.with_review(scuff, "edited", quantity=more, **BY)
    priced = inspection.with_review(scuff, "edited", quantity=more, cost_book=BOOK, **BY)
    assert _total(kept) == _total(inspection)
    assert _total(priced) > _total(inspection)


def test_a_price_that_a_person_set_stays(inspection: Inspection) -> None:
    scuff = next(found for found in inspection.issues if found.type == "scuff_scratch")
    assert scuff.cost is not None
    own = BOOK.estimate(scuff, inspection.case)
    first = inspection.with_review(scuff.id, "edited", cost=own, cost_book=BOOK, **BY)
    other = first.with_review(_id(first, "trim_damage"), "rejected", cost_book=BOOK, **BY)
    assert next(found for found in other.issues if found.id == scuff.id).cost == own


def test_a_book_that_did_not_price_it_is_an_error_that_says_what_to_do(
    inspection: Inspection,
) -> None:
    other = BOOK.model_copy(update={"version": "other"})
    with pytest.raises(ConfigError, match="regrade it by yours first"):
        inspection.with_review(inspection.issues[0].id, "accepted", cost_book=other, **BY)
    regraded = inspection.regrade(cost_book=other)
    seen = regraded.with_review(regraded.issues[0].id, "accepted", cost_book=other, **BY)
    assert _total(seen) == _total(regraded)


def test_a_doubt_ends_when_a_person_has_looked(inspection: Inspection) -> None:
    trim = inspection.issues[0]
    assert trim.severity.is_review
    seen = inspection.with_review(
        trim.id, "accepted", severity_policy=SeverityPolicy.default(), **BY
    )
    confirmed = next(found for found in seen.issues if found.id == trim.id)
    assert confirmed.severity.level == "medium"
    assert confirmed.original == trim
    assert seen.parent == inspection.id
    assert inspection.with_review(trim.id, "accepted", **BY).issues[0].severity.is_review
