"""Chooses the quantity and hours of work: the stated ones where they are plausible."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from inspectiq.costs._book_parts import Bounds
from inspectiq.costs._work import Work, WorkItem, convert_unit
from inspectiq.domain._findings import Finding, Quantity

__all__ = ["choose_hours", "choose_quantity", "round_quantity"]


def choose_quantity(finding: Finding, item: WorkItem, bounds: Bounds, notes: list[str]) -> Decimal:
    """Chooses the quantity in the work's unit: the stated one, else the book's usual one.

    Args:
        finding: The finding, with its stated quantity if it has one.
        item: The work, with its unit and usual quantity.
        bounds: The most that is accepted.
        notes: Gets the reason where the usual one is used.
    """
    usual = f"the book's usual {item.quantity:f} {item.unit} is used"
    stated: Quantity | None = getattr(finding, "quantity", None)
    if finding.review:
        notes.append(f"a person must look at it first: {usual}, and the book's hours")
        return item.quantity
    if stated is None:
        notes.append(f"no quantity was given: {usual}")
        return item.quantity
    most: Decimal = getattr(bounds, stated.unit)
    if not _is_believable(stated.amount, most):
        notes.append(f"the quantity was refused, not within 0 to {most:,f} {stated.unit}: {usual}")
        return item.quantity
    amount = convert_unit(Decimal(str(stated.amount)), stated.unit, item.unit)
    if amount is None:
        notes.append(f"the quantity is in {stated.unit}, the work in {item.unit}: {usual}")
        return item.quantity
    return round_quantity(amount)


def choose_hours(
    finding: Finding, work: Work, amount: Decimal, bounds: Bounds, notes: list[str]
) -> Decimal:
    """Chooses the hours of work: the stated ones, else the book's for this amount.

    Args:
        finding: The finding, with its stated hours if it has any.
        work: Hours for one unit.
        amount: How many units.
        bounds: The most that is accepted.
        notes: Gets a note on which hours are used, where any were stated.
    """
    usual = round_quantity(amount * work.hours)
    stated = finding.scope.hours
    if stated is None or finding.review:
        return usual
    if not _is_believable(stated, bounds.hours):
        most = f"{bounds.hours:,f}"
        notes.append(f"the stated hours were refused, not within 0 to {most}: {usual:f} are used")
        return usual
    notes.append(f"the hours are the stated ones, not the book's {usual:f}")
    return round_quantity(Decimal(str(stated)))


def round_quantity(amount: Decimal) -> Decimal:
    """Rounds to the hundredth, so that a line can be checked with what it shows.

    What is above 0 stays at one hundredth at least.
    """
    if not amount:
        return amount
    return max(amount.quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal("0.01"))


def _is_believable(value: float, most: Decimal) -> bool:
    return math.isfinite(value) and 0 < value <= most
