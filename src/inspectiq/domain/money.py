"""Money: an estimate that can be taken apart. Amounts are Decimal, in one currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspectiq.domain.base import Value

__all__ = ["CostEstimate", "CostLine"]

Amount = Annotated[Decimal, Field(ge=0)]


class CostLine(Value):
    """One line of an estimate: `amount = quantity × rate`, and where the rate comes from.

    Attributes:
        kind: Such as `labour`, `materials`, `minimum`, `parity`, `overhead`, `disposal`, `permit`.
        label: Plain words.
        quantity: In `unit`.
        unit: Such as `hour` or `sq_ft`.
        rate: Money for one unit.
        amount: Money for the line.
        source: Who published the rate, or `assumption`.
        year: Year that the rate is of.
        mark: `V` seen at the source, `S` seen in secondary sources only, `A` our assumption.
    """

    kind: str
    label: str
    quantity: Decimal
    unit: str
    rate: Decimal
    amount: Decimal
    source: str
    year: int | None = None
    mark: Literal["V", "S", "A"]


class CostEstimate(Value):
    """A range of money with its lines. Not a quote.

    Attributes:
        low, expected, high: `low <= expected <= high`, in `currency`.
        currency: ISO 4217.
        estimate_class: AACE's generic class; 5 for an estimate from photos.
        region: State or country whose figures were used; None for national ones.
        book: Name and version of the cost book.
        book_sha256: Content hash of the cost book.
        notes: What was missing or fell back.
    """

    low: Amount
    expected: Amount
    high: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    lines: tuple[CostLine, ...] = ()
    estimate_class: int = 5
    region: str | None = None
    book: str
    book_sha256: str | None = None
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> CostEstimate:
        if not self.low <= self.expected <= self.high:
            raise ValueError("an estimate needs low <= expected <= high")
        return self
