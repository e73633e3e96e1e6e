"""The hook for budgets: hold before a call, settle after it, so that none is ever overspent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from inspectiq.run import Run

__all__ = ["Budget", "Hold"]


@dataclass(frozen=True, slots=True)
class Hold:
    """What a budget set aside for one call.

    Attributes:
        amounts: Such as `{"usd": Decimal("0.012"), "calls": Decimal(1)}`.
        scope: What it counts against, such as a run or a tenant and a day.
        handle: The budget's own note.
    """

    amounts: Mapping[str, Decimal]
    scope: str = ""
    handle: str = ""


@runtime_checkable
class Budget(Protocol):
    """What a host implements to bring budgets of its own, such as ones kept in its database.

    Attributes:
        needs_price: Whether it counts dollars, so that a call of unknown price is refused.
    """

    @property
    def needs_price(self) -> bool: ...

    async def hold(self, run: Run, amounts: Mapping[str, Decimal], /) -> Hold:
        """Sets aside what a call may cost at most.

        Raises:
            BudgetExceeded: There is not so much left.
        """
        ...

    async def settle(self, hold: Hold, actual: Mapping[str, Decimal], /) -> None:
        """Replaces what was held by what it cost; what `actual` does not name stays as held."""
        ...
