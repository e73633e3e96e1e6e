"""`Reservation`: what a rate limiter or a budget sets aside for one call until it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic

from typing_extensions import TypeVar

__all__ = ["Reservation"]

AmountT = TypeVar("AmountT", float, Decimal, default=float)


@dataclass(frozen=True, slots=True)
class Reservation(Generic[AmountT]):
    """What was set aside for one call, which may be made now.

    Attributes:
        key: What it counts against: a limiter's key, or a budget's run, tenant or day.
        amounts: What was set aside, such as `{"requests": 1, "tokens": 5000}` by a limiter, or
            `{"usd": Decimal("0.012"), "calls": Decimal(1)}` by a budget, which counts in decimals.
        waited: Seconds that it took to get.
        handle: A note of the limiter or budget that gave it, to recognise it by.
    """

    key: str
    amounts: Mapping[str, AmountT]
    waited: float = 0.0
    handle: str = ""
