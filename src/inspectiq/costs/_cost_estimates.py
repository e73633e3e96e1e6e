"""Costs of findings that are mended together, and of one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from typing import TYPE_CHECKING, Generic, TypeVar

from inspectiq.costs._book_parts import Source
from inspectiq.costs._priced_work import PricedWork, format_key, price_work
from inspectiq.costs._shares import split_amount
from inspectiq.domain._findings import Finding, sum_costs
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._property import CaseFacts

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["PricedFindings", "estimate_alone", "estimate_some_together", "estimate_together"]

FindingT = TypeVar("FindingT", bound=Finding)


@dataclass(frozen=True, slots=True)
class PricedFindings(Generic[FindingT]):
    """Findings with their final costs, in the order in which they were given.

    Attributes:
        findings: Each with its `cost`; None where the book cannot price it.
        total: The sum of their costs; None where nothing was priced.
    """

    findings: tuple[FindingT, ...]
    total: CostEstimate | None


def estimate_alone(book: CostBook, finding: Finding, case: CaseFacts) -> CostEstimate | None:
    """What a finding's own work costs, with its tax; None where the book cannot price it."""
    work = price_work(book, finding, case)
    if work is None:
        return None
    work.correct()
    _add_tax(book, [work], [""])
    return work.estimate()


def estimate_together(
    book: CostBook, findings: Sequence[FindingT], case: CaseFacts
) -> PricedFindings[FindingT]:
    """Prices the findings, then adds what they share: minimums, overhead, tax."""
    priced = [price_work(book, finding, case) for finding in findings]
    works = [work for work in priced if work is not None]
    # Coins that do not divide go by what a finding is, so that the order changes nothing.
    ties = [
        finding.model_dump_json(exclude={"cost"})
        for finding, work in zip(findings, priced, strict=True)
        if work is not None
    ]
    _add_minimums(book, works, ties)
    for work in works:
        work.correct()
    _add_overhead(book, works, ties)
    _add_tax(book, works, ties)
    settled = tuple(
        finding.model_copy(update={"cost": None if work is None else work.estimate()})
        for finding, work in zip(findings, priced, strict=True)
    )
    return PricedFindings(settled, sum_costs(settled))


def estimate_some_together(
    book: CostBook, findings: Sequence[FindingT], case: CaseFacts, chosen: Sequence[bool]
) -> tuple[FindingT, ...]:
    """The findings, those that are chosen settled together and the others as they are."""
    settled = iter(estimate_together(book, list(compress(findings, chosen)), case).findings)
    return tuple(
        next(settled) if own else finding for finding, own in zip(findings, chosen, strict=True)
    )


def _add_minimums(book: CostBook, works: Sequence[PricedWork], ties: Sequence[str]) -> None:
    """Tops up each trade's visit to its minimum, once, in proportion to the labour."""
    visits: dict[str, list[int]] = {}
    for place, work in enumerate(works):
        if work.visit:
            visits.setdefault(work.trade, []).append(place)
    for trade, places in visits.items():
        terms = book.trades.get(trade)
        weights = [works[place].visit for place in places]
        if terms is None or terms.minimum <= sum(weights):
            continue
        missing = book.round_amount(terms.minimum) - sum(weights, Decimal(0))
        parts = split_amount(missing, weights, [ties[place] for place in places], book.coin)
        label = f"Up to the visit minimum of {terms.minimum:f}, {format_key(trade)}"
        if len(places) > 1:
            label += f", shared by {len(places)}"
        for place, part in zip(places, parts, strict=True):
            if part:
                works[place].add("minimum", label, Decimal(1), "share", part, terms.source)


def _add_overhead(book: CostBook, works: Sequence[PricedWork], ties: Sequence[str]) -> None:
    terms = book.overhead
    trades = {work.trade for work in works}
    if terms.rate and len(trades) >= terms.from_trades:
        label = f"Overhead and profit, {len(trades)} trades"
        _share_out(works, ties, "overhead", label, terms.rate, terms.source)


def _add_tax(book: CostBook, works: Sequence[PricedWork], ties: Sequence[str]) -> None:
    tax = book.tax
    if tax is not None and not tax.included:
        _share_out(works, ties, "tax", tax.label, tax.rate, tax.source)


def _share_out(
    works: Sequence[PricedWork],
    ties: Sequence[str],
    kind: str,
    label: str,
    rate: Decimal,
    source: Source | None,
) -> None:
    """Adds a part of all costs, rounded once on the whole, so that a share may be a coin off."""
    if not works:
        return
    book = works[0].book
    amounts = [work.amount for work in works]
    whole = book.round_amount(sum(amounts, Decimal(0)) * rate)
    parts = split_amount(whole, amounts, ties, book.coin)
    for work, amount, part in zip(works, amounts, parts, strict=True):
        if part:
            work.add(kind, label, amount, book.currency, rate, source, amount=part)
