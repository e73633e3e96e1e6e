"""`Budget`: the hook for budgets, which reserve before a call and settle after it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol, runtime_checkable

from inspectiq.limits._reservations import Reservation
from inspectiq.run import Run

__all__ = ["Budget"]


@runtime_checkable
class Budget(Protocol):
    """Implement it to bring budgets of your own, such as ones kept in your database.

    Attributes:
        needs_price: Whether it counts dollars, so that a call of unknown price is refused.
    """

    @property
    def needs_price(self) -> bool:
        """Whether it counts dollars, so that a call of unknown price is refused."""

    async def reserve(self, run: Run, amounts: Mapping[str, Decimal], /) -> Reservation[Decimal]:
        """Sets aside what a call may cost at most.

        Raises:
            BudgetExceeded: There is not so much left.
        """
        ...

    async def settle(
        self, reservation: Reservation[Decimal], actual: Mapping[str, Decimal], /
    ) -> None:
        """Replaces what was reserved by what it cost; what `actual` leaves out stays reserved."""
        ...
