"""Prices one finding's own work, line by line."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from inspectiq.costs._book_parts import FoundFigure, Source
from inspectiq.costs._quantities import choose_hours, choose_quantity, round_quantity
from inspectiq.costs._work import Work, WorkItem
from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate, CostLine
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._taxonomy import OPEN_TRADE

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["PricedWork", "format_key", "format_percent", "price_work"]


@dataclass(slots=True)
class PricedWork:
    """A finding's work, priced line by line on its way to an estimate.

    Attributes:
        book: Whose figures are used.
        trade: Who does it.
        region: Whose wages and prices are used; None for national ones.
        lines: So far.
        visit: Money of `lines` that counts towards the trade's minimum for a visit.
        notes: What was missing or fell back.
        tie: The finding as text. Coins that do not divide go by it, so that the order of
            findings changes nothing.
    """

    book: CostBook
    trade: str
    region: str | None
    lines: list[CostLine] = field(default_factory=list)
    visit: Decimal = Decimal(0)
    notes: list[str] = field(default_factory=list)
    tie: str = ""

    @property
    def amount(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))

    def add_line(
        self,
        kind: str,
        label: str,
        quantity: Decimal,
        unit: str,
        rate: Decimal,
        source: Source | None,
        *,
        amount: Decimal | None = None,
    ) -> Decimal:
        """Adds a line and returns its amount: quantity × rate, rounded, if it is not given."""
        origin = self.book.get_source(source)
        if amount is None:
            amount = self.book.round_amount(quantity * rate)
        self.lines.append(
            CostLine(
                kind=kind,
                label=label,
                quantity=quantity,
                unit=unit,
                rate=rate,
                amount=amount,
                source=origin.name,
                year=origin.year,
                mark=origin.mark,
            )
        )
        return amount

    def apply_correction(self) -> None:
        """Adds a line for the correction learnt from the trade's invoices, if there is one."""
        learnt = self.book.corrections.get(self.trade)
        if learnt is not None:
            label = f"Correction, {format_key(self.trade)}"
            rate = learnt.factor - 1
            self.add_line("correction", label, self.amount, self.book.currency, rate, learnt.source)

    def to_estimate(self) -> CostEstimate:
        """Makes the estimate: the lines, and the range around their sum."""
        book = self.book
        expected = book.round_amount(self.amount)
        notes = list(self.notes)
        if book.tax is not None and book.tax.included:
            notes.append(f"{book.tax.label} of {format_percent(book.tax.rate)} is included")
        return CostEstimate(
            low=book.round_amount(expected * book.spread.low),
            expected=expected,
            high=book.round_amount(expected * book.spread.high),
            currency=book.currency,
            lines=tuple(self.lines),
            estimate_class=book.spread.estimate_class,
            region=self.region,
            book=book.label,
            book_sha256=book.sha256,
            notes=tuple(notes),
            trade=self.trade,
            range_source=book.get_source(book.spread.source).cite,
        )


def price_work(book: CostBook, finding: Finding, case: CaseFacts) -> PricedWork | None:
    """Prices a finding's work: labour, materials, disposal, permit, or one all-in rate.

    Returns:
        None where the book has no work for its type, or no wage for who does it. What is priced
        as another type has a trade: where that is open, so is what the repair takes.
    """
    notes: list[str] = []
    region = _find_region(book, case, notes)
    item = _find_item(book, finding, notes)
    if item is None:
        return None
    work = item.choose_work(getattr(finding, "condition", "unclear"))
    if work is not item:
        notes.append("priced as wear, not as damage")
    if finding.scope.diy:
        notes.append("priced as hired work, though a handy occupant could do it")
    source = work.source or item.source
    amount = choose_quantity(finding, item, book.bounds, notes)
    priced = PricedWork(book, item.trade or finding.scope.trade, region, notes=notes)
    if work.rate is not None:
        label = " ".join(filter(None, (work.label or "All-in rate", work.code)))
        priced.add_line("rate", label, amount, item.unit, work.rate, source)
    elif not _price_hours(priced, choose_hours(finding, work, amount, book.bounds, notes)):
        return None
    priced.visit = priced.amount
    _price_materials(priced, work, amount, source)
    _price_fees(priced, work, amount, item.unit, source)
    return priced


def _price_fees(
    priced: PricedWork, work: Work, amount: Decimal, unit: str, source: Source | None
) -> None:
    if work.disposal:
        priced.add_line("disposal", "Disposal", amount, unit, work.disposal, source)
    if work.permit:
        priced.add_line("permit", "Permit", Decimal(1), "each", work.permit, source)


def _find_region(book: CostBook, case: CaseFacts, notes: list[str]) -> str | None:
    place = case.property
    if book.country and place.country and place.country != book.country:
        notes.append(f"the figures are of {book.country}, the property is in {place.country}")
        return None
    if not book.regional:
        return None
    if not place.state:
        notes.append("no state was given: national wages and prices are used")
        return None
    region = book.find_region(place.state)
    if region is None:
        notes.append("the book does not know the state: national wages and prices are used")
    return region


def _find_item(book: CostBook, finding: Finding, notes: list[str]) -> WorkItem | None:
    item = book.items.get(finding.type)
    if item is None and book.fallback_type is not None and finding.scope.trade != OPEN_TRADE:
        item = book.items.get(book.fallback_type)
        notes.append(f"the book has no work for {finding.type}; priced as `{book.fallback_type}`")
    return item


def _find_wage(priced: PricedWork) -> FoundFigure | None:
    book, trade, region = priced.book, priced.trade, priced.region
    wage = book.wages.find(trade, region)
    if wage is None and book.fallback_trade is not None:
        priced.notes.append(
            f"the book has no wage for {trade}; that of `{book.fallback_trade}` is used"
        )
        priced.trade = trade = book.fallback_trade
        wage = book.wages.find(trade, region)
    if wage is not None and region is not None and not wage.regional:
        priced.notes.append(f"no wage of {trade} is known for {region}; the national one is used")
    return wage


def _price_hours(priced: PricedWork, hours: Decimal) -> bool:
    """Adds labour and the burden on it; False where the trade has no wage."""
    if not hours:
        return True
    wage = _find_wage(priced)
    if wage is None:
        return False
    label = f"Labour, {format_key(priced.trade)}"
    labour = priced.add_line("labour", label, hours, "hour", wage.figure, wage.source)
    burden, currency = priced.book.burden, priced.book.currency
    if burden.factor > 1:
        label, rate = "On top of wages (insurance, travel, profit)", burden.factor - 1
        priced.add_line("burden", label, labour, currency, rate, burden.source)
    return True


def _price_materials(
    priced: PricedWork, work: Work, amount: Decimal, source: Source | None
) -> None:
    bought = Decimal(0)
    for material in work.materials:
        label = material.label
        if material.waste > 1:
            label += f", {format_percent(material.waste - 1)} waste"
        quantity = round_quantity(amount * material.quantity * material.waste)
        bought += priced.add_line("materials", label, quantity, "unit", material.price, source)
    if bought:
        _apply_price_level(priced, bought)


def _apply_price_level(priced: PricedWork, bought: Decimal) -> None:
    level = priced.book.parity.find(priced.region)
    if level is None:
        return
    if priced.region is not None and not level.regional:
        priced.notes.append(
            f"no price level is known for {priced.region}; the national one is used"
        )
    if level.figure != 100:
        label, rate = f"Price level of goods, {level.figure:f} of 100", level.figure / 100 - 1
        priced.add_line("parity", label, bought, priced.book.currency, rate, level.source)


def format_percent(rate: Decimal) -> str:
    """Writes a share as a percentage, such as `12.5 %`."""
    return f"{(rate * 100).normalize():f} %"


def format_key(key: str) -> str:
    """Writes a key as plain words, such as `flat paint`."""
    return key.replace("_", " ")
