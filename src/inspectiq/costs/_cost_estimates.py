"""Estimates what findings cost, repaired together or alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from typing import TYPE_CHECKING, Generic, TypeVar

from inspectiq.costs._book_parts import Overhead, Tax, Trade
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
    """Estimates a finding's own work, with its tax; None where the book cannot price it."""
    work = price_work(book, finding, case)
    if work is None:
        return None
    work.apply_correction()
    _add_tax(book, [work])
    return work.to_estimate()


def estimate_together(
    book: CostBook, findings: Sequence[FindingT], case: CaseFacts
) -> PricedFindings[FindingT]:
    """Prices findings, then adds the costs that they share: visit minimums, overhead, tax."""
    priced = [price_work(book, finding, case) for finding in findings]
    works: list[PricedWork] = []
    for finding, work in zip(findings, priced, strict=True):
        if work is not None:
            work.tie = finding.model_dump_json(exclude={"cost"})
            works.append(work)
    _add_minimums(book, works)
    for work in works:
        work.apply_correction()
    _add_overhead(book, works)
    _add_tax(book, works)
    estimated = tuple(
        finding.model_copy(update={"cost": None if work is None else work.to_estimate()})
        for finding, work in zip(findings, priced, strict=True)
    )
    return PricedFindings(estimated, sum_costs(estimated))


def estimate_some_together(
    book: CostBook, findings: Sequence[FindingT], case: CaseFacts, chosen: Sequence[bool]
) -> tuple[FindingT, ...]:
    """Estimates the chosen findings together, and leaves the others as they are."""
    estimated = iter(estimate_together(book, list(compress(findings, chosen)), case).findings)
    return tuple(
        next(estimated) if own else finding for finding, own in zip(findings, chosen, strict=True)
    )


def _add_minimums(book: CostBook, works: Sequence[PricedWork]) -> None:
    """Tops up each trade's visit to its minimum, once, in proportion to the labour."""
    visits: defaultdict[str, list[PricedWork]] = defaultdict(list)
    for work in works:
        if work.visit:
            visits[work.trade].append(work)
    for trade, sharing in visits.items():
        if trade in book.trades:
            _top_up(book, book.trades[trade], sharing)


def _top_up(book: CostBook, terms: Trade, sharing: Sequence[PricedWork]) -> None:
    weights = [work.visit for work in sharing]
    if terms.minimum <= sum(weights):
        return
    missing = book.round_amount(terms.minimum) - sum(weights, Decimal(0))
    label = f"Up to the visit minimum of {terms.minimum:f}, {format_key(sharing[0].trade)}"
    if len(sharing) > 1:
        label += f", shared by {len(sharing)}"
    parts = split_amount(missing, weights, [work.tie for work in sharing], book.coin)
    for work, part in zip(sharing, parts, strict=True):
        if part:
            work.add_line("minimum", label, Decimal(1), "share", part, terms.source)


def _add_overhead(book: CostBook, works: Sequence[PricedWork]) -> None:
    terms = book.overhead
    trades = {work.trade for work in works}
    if terms.rate and len(trades) >= terms.from_trades:
        label = f"Overhead and profit, {len(trades)} trades"
        _share_out(book, works, "overhead", label, terms)


def _add_tax(book: CostBook, works: Sequence[PricedWork]) -> None:
    tax = book.tax
    if tax is not None and not tax.included:
        _share_out(book, works, "tax", tax.label, tax)


def _share_out(
    book: CostBook, works: Sequence[PricedWork], kind: str, label: str, terms: Overhead | Tax
) -> None:
    """Adds to each finding its share of a rate on all costs, such as overhead or tax.

    The whole is rounded once, so that a share may be a coin off.
    """
    amounts = [work.amount for work in works]
    whole = book.round_amount(sum(amounts, Decimal(0)) * terms.rate)
    parts = split_amount(whole, amounts, [work.tie for work in works], book.coin)
    for work, amount, part in zip(works, amounts, parts, strict=True):
        if part:
            work.add_line(kind, label, amount, book.currency, terms.rate, terms.source, amount=part)
