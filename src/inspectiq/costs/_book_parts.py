"""The parts of a cost book besides the work: wages, price levels, minimums, ranges, taxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from inspectiq._taking import require
from inspectiq._values import FROZEN, FrozenMap, Value
from inspectiq.domain._sourced import Mark

__all__ = [
    "Bounds",
    "Burden",
    "Correction",
    "Factor",
    "Figure",
    "FoundFigure",
    "Overhead",
    "Parity",
    "Source",
    "Spread",
    "Tax",
    "Trade",
    "Wages",
    "limit",
]


_EXACT = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


def _refuse_inexact(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("a float is not exact; write it as text or a Decimal, such as '12.50'")
    if isinstance(value, bool) or (isinstance(value, str) and not _EXACT.fullmatch(value)):
        raise ValueError("this is no number; write digits alone, such as '1200.50'")
    return value


Figure = Annotated[Decimal, BeforeValidator(_refuse_inexact), Field(ge=0, le=1_000_000_000)]
"""Money or a measure: exact, finite, not negative; the upper bound is ours, against overflow."""

Factor = Annotated[Decimal, BeforeValidator(_refuse_inexact), Field(gt=0, le=1000)]
"""What something is multiplied by."""


def limit(least: int, most: int, cure: str) -> AfterValidator:
    """Limits a figure to what is not likely a percentage; the bounds are our assumption.

    Args:
        least: The least that is taken.
        most: The most that is taken.
        cure: What to write instead, such as `write 0.15 for 15 %`.
    """

    def check(value: Decimal) -> Decimal:
        if not least <= value <= most:
            raise ValueError(f"this is to be from {least} to {most}; {cure}")
        return value

    return AfterValidator(check)


Share = Annotated[Figure, limit(0, 1, "write 0.15 for 15 %")]
"""A part of all costs, 1 for as much again; the upper bound is ours, against percentages."""

Level = Annotated[Factor, limit(10, 1000, "write 95 for 95 % of the usual prices")]
"""A price level, 100 for the usual one."""

ByTrade = Annotated[Mapping[str, Figure], FROZEN]
"""Money by trade."""


class Source(Value):
    """Where a figure comes from.

    Attributes:
        name: Who published it.
        year: Of which year it is; None where that is not known.
        mark: `V` seen at the source, `S` in secondary sources only, `A` an assumption.
    """

    name: Annotated[str, Field(min_length=1)]
    year: int | None = None
    mark: Mark = "A"

    @property
    def cite(self) -> str:
        """The name with its mark, such as `Our payroll [V]`."""
        return f"{self.name} [{self.mark}]"


class FoundFigure(NamedTuple):
    """A figure that was found in a book, its source, and whether it is the region's own."""

    figure: Decimal
    source: Source | None
    regional: bool


class Wages(Value):
    """Wages for an hour by trade and region, before any burden.

    Attributes:
        national: By trade; of a book that was merged over another, its own alone. `find` looks
            through all, `list_trades` lists all.
        regions: By region, then by trade; what is missing falls back to the national wage.
        below: Wages of the book that this one was merged over, with their own source.
    """

    national: ByTrade = FrozenMap()
    regions: Annotated[Mapping[str, ByTrade], FROZEN] = FrozenMap()
    source: Source | None = None
    below: Wages | None = None

    def find(self, trade: str, region: str | None) -> FoundFigure | None:
        """Finds the wage of the region, else the national one; None if neither is known."""
        require(trade, str, "trade", "give the key of a trade")
        require(region, (str, NoneType), "region", "give the code of a region, or None")
        return _find_first(
            self.list_layers(),
            lambda layer: layer.regions.get(region or "", _NOTHING).get(trade),
            lambda layer: layer.national.get(trade),
        )

    def list_layers(self) -> Iterator[Wages]:
        """Lists these wages, then those of the books that they were merged over."""
        yield self
        if self.below is not None:
            yield from self.below.list_layers()

    def list_trades(self) -> set[str]:
        """Lists all trades that have a wage anywhere."""
        return {
            trade
            for table in self.list_layers()
            for wages in (table.national, *table.regions.values())
            for trade in wages
        }


class Burden(Value):
    """The factor from a wage to what is billed for it.

    It holds taxes, insurance, travel, tools, idle time and profit.

    Attributes:
        factor: From 1, which adds nothing, to 10, which is our assumption.
        source: Where it comes from; the book itself if not given.
    """

    factor: Annotated[Factor, limit(1, 10, "write 2.5 for 250 % of the wage")] = Decimal(1)
    source: Source | None = None


class Parity(Value):
    """The price level of goods by region; the book's unit prices are those of 100.

    Attributes:
        national: Where no region is given, or it has none of its own; None for 100. All are from
            10 to 1000, which is our assumption.
        regions: By region.
        below: Price levels of the book that this one was merged over, with their own source.
    """

    national: Level | None = None
    regions: Annotated[Mapping[str, Level], FROZEN] = FrozenMap()
    source: Source | None = None
    below: Parity | None = None

    def find(self, region: str | None) -> FoundFigure | None:
        """Finds the price level of the region, else the national one; None if neither is known."""
        require(region, (str, NoneType), "region", "give the code of a region, or None")
        return _find_first(
            self.list_layers(),
            lambda layer: layer.regions.get(region or ""),
            lambda layer: layer.national,
        )

    def list_layers(self) -> Iterator[Parity]:
        """Lists these price levels, then those of the books that they were merged over."""
        yield self
        if self.below is not None:
            yield from self.below.list_layers()


_NOTHING = FrozenMap[Decimal]()
LayerT = TypeVar("LayerT", Wages, Parity)
_Read = Callable[[LayerT], Decimal | None]


def _find_first(
    layers: Iterable[LayerT], read_regional: _Read[LayerT], read_national: _Read[LayerT]
) -> FoundFigure | None:
    """Finds the first figure of a region in any layer, else the first national one."""
    listed = tuple(layers)
    for read, regional in ((read_regional, True), (read_national, False)):
        for layer in listed:
            figure = read(layer)
            if figure is not None:
                return FoundFigure(figure, layer.source, regional)
    return None


class Trade(Value):
    """The least that a trade bills for the labour of one visit.

    Attributes:
        minimum: In the book's currency.
        source: Where it comes from; the book itself if not given.
    """

    minimum: Figure = Decimal(0)
    source: Source | None = None


class Overhead(Value):
    """Overhead and profit, added where one contractor brings several trades together.

    Attributes:
        rate: Share of all other costs, tax apart: 0.15 for 15 %, at most 1, our assumption.
        from_trades: How many trades it takes.
    """

    rate: Share = Decimal(0)
    from_trades: Annotated[int, Field(ge=1)] = 3
    source: Source | None = None


class Spread(Value):
    """The range around the expected cost, as multiples of it.

    The defaults are those of AACE International's generic class 5.

    Attributes:
        low: The low end of the range; 0.5 is half the expected cost.
        high: The high end of the range; 2 is twice the expected cost. At most 99, our assumption.
        estimate_class: AACE's generic class, 5 the roughest.
    """

    low: Factor = Decimal("0.5")
    high: Annotated[Factor, limit(1, 99, "write 2 for 200 %")] = Decimal(2)
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
    """A tax on all costs.

    Attributes:
        label: Such as `VAT`.
        rate: 0.2 for 20 %, at most 1.
        included: Whether the book's figures hold it already; then no line is added.
    """

    label: str = "Tax"
    rate: Share
    included: bool = False
    source: Source | None = None


class Correction(Value):
    """The factor that a trade's estimates are multiplied by, learnt from its invoices.

    Attributes:
        factor: 1 changes nothing.
        source: The invoices.
    """

    factor: Factor
    source: Source


class Bounds(Value):
    """The largest hours and quantities that are accepted from an engine.

    Beyond them the book's own figure is used. All of them are our assumption. Quantities are in
    the taxonomy's units.

    Attributes:
        hours: Most hours of work on a finding.
        each: Most pieces.
        sq_ft: Most square feet.
        lin_ft: Most feet of length.
        source: Where they come from; the book itself if not given.
    """

    hours: Figure = Decimal(200)
    each: Figure = Decimal(100)
    sq_ft: Figure = Decimal(10_000)
    lin_ft: Figure = Decimal(1_000)
    source: Source | None = None
