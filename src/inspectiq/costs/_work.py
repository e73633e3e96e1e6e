"""The work that a type of issue needs: hours and materials, or one all-in rate."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspectiq._values import Value
from inspectiq.costs._book_parts import Factor, Figure, Source, limit
from inspectiq.domain._taxonomy import Unit

__all__ = [
    "METRIC_UNITS",
    "UNITS",
    "Material",
    "Work",
    "WorkItem",
    "WorkUnit",
    "convert_unit",
    "is_priced",
]

WorkUnit = Literal["each", "sq_ft", "lin_ft", "sq_m", "lin_m"]

UNITS: dict[str, tuple[WorkUnit, ...]] = {
    "imperial": ("each", "sq_ft", "lin_ft"),
    "metric": ("each", "sq_m", "lin_m"),
}
"""What a book counts in, by its `units`."""

# One foot is 0.3048 m exactly (international yard and pound agreement, 1959).
_METRIC: dict[tuple[str, str], Decimal] = {
    ("sq_ft", "sq_m"): Decimal("0.09290304"),
    ("lin_ft", "lin_m"): Decimal("0.3048"),
}

METRIC_UNITS = dict(_METRIC.keys())
"""The metric unit that stands in place of an imperial one."""


class Material(Value):
    """A material that work uses up, and its price.

    Attributes:
        label: Plain words.
        price: Money for one unit of it.
        quantity: How much of it one unit of the work takes.
        waste: What is bought for what is used, 1.1 for a tenth more; at most 3, our assumption.
    """

    label: Annotated[str, Field(min_length=1)] = "Materials"
    price: Figure
    quantity: Figure = Decimal(1)
    waste: Annotated[Factor, limit(1, 3, "write 1.1 for a tenth more")] = Decimal(1)


class Work(Value):
    """One kind of work: its hours, materials or all-in rate, for one unit unless noted.

    Attributes:
        label: What is done, in plain words.
        code: The code of an all-in rate in a schedule of rates.
        rate: Money for one unit, all in; then there are no hours and no materials.
        hours: Hours of one person.
        materials: What is used up.
        disposal: Money for taking away what is left.
        permit: Money for a permit, once for a finding.
        source: Where these figures come from; None for the book itself.
    """

    label: str = ""
    code: str | None = None
    rate: Figure | None = None
    hours: Figure = Decimal(0)
    materials: tuple[Material, ...] = ()
    disposal: Figure = Decimal(0)
    permit: Figure = Decimal(0)
    source: Source | None = None

    @model_validator(mode="after")
    def _check_one_way(self) -> Work:
        if self.rate is not None and (self.hours or self.materials):
            raise ValueError("a rate is all in; take out hours and materials, or the rate")
        return self


class WorkItem(Work):
    """The work for a type of issue: its unit, usual quantity and trade.

    Attributes:
        unit: What a quantity counts.
        quantity: How much there usually is; used where nobody said how much.
        trade: Who does it, if not whom the finding names.
        wear: The work where it is wear and not damage; None for the same.
    """

    unit: WorkUnit = "each"
    quantity: Annotated[Figure, Field(gt=0)] = Decimal(1)
    trade: str | None = None
    wear: Work | None = None

    def choose_work(self, condition: str) -> Work:
        """Chooses the work for a condition: that for wear where there is one, else this."""
        return self.wear if condition == "wear" and self.wear is not None else self


def is_priced(work: Work) -> bool:
    """Tells whether work has a price at all: a rate, hours, or materials that cost something."""
    return (
        work.rate is not None
        or work.hours > 0
        or any(material.price * material.quantity > 0 for material in work.materials)
    )


def convert_unit(amount: Decimal, given: Unit, wanted: WorkUnit) -> Decimal | None:
    """Converts an amount to another unit; None where one does not turn into the other."""
    if given == wanted:
        return amount
    factor = _METRIC.get((given, wanted))
    return None if factor is None else amount * factor
