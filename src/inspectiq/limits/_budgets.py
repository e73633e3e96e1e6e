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
    """The hook for budgets: implement it for your own, such as ones kept in your database.

    Attributes:
        needs_price: Whether it counts dollars, so that a call of unknown price is refused.
    """

    @property
    def needs_price(self) -> bool:
        """Whether it counts dollars, so that a call of unknown price is refused."""

    async def reserve(self, run: Run, amounts: Mapping[str, Decimal], /) -> Reservation[Decimal]:
        """Sets aside the most that a call may cost.

        Raises:
            BudgetExceeded: There is not so much left.
        """
        ...

    async def settle(
        self, reservation: Reservation[Decimal], actual: Mapping[str, Decimal], /
    ) -> None:
        """Replaces a reservation by the real cost; units that `actual` leaves out stay reserved."""
        ...
