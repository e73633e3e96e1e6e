"""What a cost book is made of, besides the work: wages, prices, minimums, ranges, taxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from inspectiq._values import FROZEN, FrozenMap, Value

__all__ = [
    "Bounds",
    "Burden",
    "Correction",
    "Factor",
    "Figure",
    "FoundFigure",
    "Mark",
    "Overhead",
    "Parity",
    "Source",
    "Spread",
    "Tax",
    "Trade",
    "Wages",
]


def _refuse_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("a float is not exact; write it as text or a Decimal, such as '12.50'")
    return value


Figure = Annotated[Decimal, BeforeValidator(_refuse_float), Field(ge=0, le=1_000_000_000)]
"""Money or a measure: exact, finite, not negative; the upper bound is ours, against overflow."""

Factor = Annotated[Decimal, BeforeValidator(_refuse_float), Field(gt=0, le=1000)]
"""What something is multiplied by."""

ByTrade = Annotated[Mapping[str, Figure], FROZEN]
"""Money by trade."""

Mark = Literal["V", "S", "A"]
"""`V` seen at the source, `S` seen in secondary sources only, `A` an assumption."""


class Source(Value):
    """Where a figure comes from."""

    name: Annotated[str, Field(min_length=1)]
    year: int | None = None
    mark: Mark = "A"


class FoundFigure(NamedTuple):
    """A figure that was looked up, and whether it is the region's own."""

    figure: Decimal
    source: Source | None
    regional: bool


class Wages(Value):
    """Wages for an hour, before any burden.

    Attributes:
        national: By trade.
        regions: By region, then by trade; what is missing falls back to the national wage.
        below: Wages of the book that this one was merged over, with their own source.
    """

    national: ByTrade = FrozenMap()
    regions: Annotated[Mapping[str, ByTrade], FROZEN] = FrozenMap()
    source: Source | None = None
    below: Wages | None = None

    def find(self, trade: str, region: str | None) -> FoundFigure | None:
        """The wage of the region, else the national one; None if neither is known."""
        for table in self.list_layers():
            wages = table.regions.get(region or "")
            if wages is not None and trade in wages:
                return FoundFigure(wages[trade], table.source, regional=True)
        for table in self.list_layers():
            if trade in table.national:
                return FoundFigure(table.national[trade], table.source, regional=False)
        return None

    def list_layers(self) -> Iterator[Wages]:
        """These wages, then those below."""
        yield self
        if self.below is not None:
            yield from self.below.list_layers()

    def list_trades(self) -> set[str]:
        """All trades that have a wage anywhere."""
        return {
            trade
            for table in self.list_layers()
            for wages in (table.national, *table.regions.values())
            for trade in wages
        }


class Burden(Value):
    """What is billed for one unit of wage: taxes, insurance, travel, tools, idle time, profit."""

    factor: Annotated[Factor, Field(ge=1)] = Decimal(1)
    source: Source | None = None


class Parity(Value):
    """The price level of goods, where the unit prices are those of 100.

    Attributes:
        national: Where no region is given, or it has none of its own; None for 100.
        regions: By region.
        below: Price levels of the book that this one was merged over, with their own source.
    """

    national: Factor | None = None
    regions: Annotated[Mapping[str, Factor], FROZEN] = FrozenMap()
    source: Source | None = None
    below: Parity | None = None

    def find(self, region: str | None) -> FoundFigure | None:
        """The price level of the region, else the national one; None if neither is known."""
        for table in self.list_layers():
            level = table.regions.get(region or "")
            if level is not None:
                return FoundFigure(level, table.source, regional=True)
        for table in self.list_layers():
            if table.national is not None:
                return FoundFigure(table.national, table.source, regional=False)
        return None

    def list_layers(self) -> Iterator[Parity]:
        """These price levels, then those below."""
        yield self
        if self.below is not None:
            yield from self.below.list_layers()


class Trade(Value):
    """A trade: the least that it bills for the labour of one visit."""

    minimum: Figure = Decimal(0)
    source: Source | None = None


class Overhead(Value):
    """What is added where one contractor brings several trades together.

    Attributes:
        rate: Share of all other costs, tax apart.
        from_trades: How many trades it takes.
    """

    rate: Figure = Decimal(0)
    from_trades: Annotated[int, Field(ge=1)] = 3
    source: Source | None = None


class Spread(Value):
    """How far the cost may lie from what is expected, as multiples of it.

    The defaults are those of AACE International's generic class 5.

    Attributes:
        estimate_class: AACE's generic class, 5 the roughest.
    """

    low: Factor = Decimal("0.5")
    high: Factor = Decimal(2)
    estimate_class: Annotated[int, Field(ge=1, le=5)] = 5
    source: Source | None = Field(
        default_factory=lambda: Source(
            name="AACE International, generic class 5 of cost estimates, -50 % to +100 %", mark="S"
        )
    )

    @model_validator(mode="after")
    def _check_around_one(self) -> Spread:
        if not self.low <= 1 <= self.high:
            raise ValueError("low must be at most 1 and high at least 1, as multiples")
        return self


class Tax(Value):
    """A tax on all of it.

    Attributes:
        label: Such as `VAT`.
        rate: 0.2 for 20 %.
        included: Whether the book's figures hold it already; then no line is added.
    """

    label: str = "Tax"
    rate: Annotated[Figure, Field(le=1)]
    included: bool = False
    source: Source | None = None


class Correction(Value):
    """What a trade's estimates are multiplied by, as learnt from invoices."""

    factor: Factor
    source: Source


class Bounds(Value):
    """The most that is believed of an engine; beyond it the book's own figure is used.

    All of them are our assumption. Quantities are in the taxonomy's units.
    """

    hours: Figure = Decimal(200)
    each: Figure = Decimal(100)
    sq_ft: Figure = Decimal(10_000)
    lin_ft: Figure = Decimal(1_000)
    source: Source | None = None
