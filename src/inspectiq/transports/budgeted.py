"""Holds what a call may cost before it is sent, and settles what it did cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from inspectiq.domain.usage import Usage
from inspectiq.errors import BudgetExceeded, ConfigError, InspectIQError, TransportError
from inspectiq.events import BudgetHeld, BudgetRefused
from inspectiq.limits.budgets import Budget, Hold
from inspectiq.run import current_run
from inspectiq.transports.base import (
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    profile_of,
)
from inspectiq.transports.estimates import estimate

__all__ = ["Budgeted"]


class Budgeted(WrapperTransport):
    """Sends only what a budget allows.

    A call that was cancelled, or whose answer was lost on the way, stays held: it may have been
    billed.

    Args:
        wrapped: The transport below.
        budget: Ours or a host's; see `Budget`.

    Raises:
        ConfigError: The budget counts dollars and the engine's price is not known.
    """

    def __init__(self, wrapped: Transport, budget: Budget) -> None:
        super().__init__(wrapped)
        profile = profile_of(wrapped)
        if budget.needs_price and profile.pricing is None:
            raise ConfigError(
                f"a budget in dollars is set, and the price of {profile.provider}:{profile.model} "
                "is not known; give pricing=Pricing(...), or add the model to the table"
            )
        self._budget = budget

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        run = current_run()
        usd = estimate(request, self.profile).usd(self.profile)
        needed = _amounts(usd)
        try:
            hold = await self._budget.hold(run, needed)
        except BudgetExceeded as refused:
            run.tell(
                BudgetRefused,
                photo_ids=request.photo_ids,
                provider=self.profile.provider,
                model=self.profile.model,
                limit=refused.limit,
                spent=refused.spent,
                needed=refused.needed,
            )
            raise
        run.tell(BudgetHeld, photo_ids=request.photo_ids, usd=usd)
        try:
            response = await self.wrapped.send(request)
        except InspectIQError as error:
            await self._budget.settle(hold, _paid(error, hold))
            raise
        await self._budget.settle(hold, _spent(response.usage, hold))
        return response


def _amounts(usd: Decimal | None) -> dict[str, Decimal]:
    calls = {"calls": Decimal(1)}
    return calls if usd is None else {"usd": usd, **calls}


def _spent(usage: Usage, hold: Hold) -> Mapping[str, Decimal]:
    return hold.amounts if usage.usd is None else {**hold.amounts, "usd": usage.usd}


def _paid(error: InspectIQError, hold: Hold) -> Mapping[str, Decimal]:
    """What a failed call cost: as far as is known; else what was held."""
    if error.attempts == 0:
        return dict.fromkeys(hold.amounts, Decimal(0))
    if error.usage is not None:
        return _spent(error.usage, hold)
    if isinstance(error, TransportError) and error.status_code is not None:
        return {**hold.amounts, "usd": Decimal(0)}  # a provider bills no error
    return hold.amounts
