"""Reserves what a call may cost before it is sent, and settles what it did cost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from inspectiq._log import WarnOnce
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.errors import BudgetExceeded, ConfigError, InspectIQError, TransportError
from inspectiq.events import BudgetRefused, BudgetReserved
from inspectiq.limits._budgets import Budget
from inspectiq.limits._models import describe_row
from inspectiq.limits._reservations import Reservation
from inspectiq.run import Run, get_current_run
from inspectiq.transports._base import (
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    get_profile,
)
from inspectiq.transports._estimates import estimate_tokens

__all__ = ["Budgeted"]

_NOTHING: FrozenMap[Decimal] = FrozenMap({"usd": Decimal(0), "calls": Decimal(0)})


class Budgeted(WrapperTransport):
    """Sends only what a budget allows.

    A call for which too little is left waits for the other calls of its run that are under way:
    each holds what it may cost at most, and gives back what it did not need. It is refused once
    none of them is left, or just before the run's deadline.

    Each reservation is settled once. A call that was cancelled, or whose answer was lost on the
    way, counts as held: it may have been billed. So does one whose engine does not say what it
    took. A budget that fails after the call is logged once; the answer stands, and so does the
    reservation.

    Args:
        wrapped: The transport below.
        budget: Ours or a host's; see `Budget`.

    Raises:
        ConfigError: `budget` is no budget, or counts dollars where the engine's price is not known.
    """

    def __init__(self, wrapped: Transport, budget: Budget) -> None:
        super().__init__(wrapped)
        if isinstance(budget, type) or not isinstance(budget, Budget):
            raise ConfigError(
                "a budget needs the methods reserve and settle, and needs_price; pass an object, "
                "such as LocalBudget(usd=5, per='day')"
            )
        profile = get_profile(wrapped)
        if budget.needs_price and profile.pricing is None:
            raise ConfigError(
                f"a budget in dollars is set, and the price of {profile.provider}:{profile.model} "
                f"is not known; give the engine pricing=Pricing(input=..., output=...), or "
                f"{describe_row(profile.model)}"
            )
        self._budget = budget
        self._under_way: dict[str, set[asyncio.Future[None]]] = {}  # by run
        self._say = WarnOnce(
            "inspectiq.transports", "a budget failed after a call, and what was held stays held"
        )

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Reserves what the call may cost, sends it, and settles what it cost."""
        run, profile = get_current_run(), self.profile
        usd = estimate_tokens(request, profile).compute_usd(profile)
        needed = {"calls": Decimal(1)} if usd is None else {"usd": usd, "calls": Decimal(1)}
        try:
            reservation = await self._reserve(run, needed)
        except BudgetExceeded as refused:
            run.tell(
                BudgetRefused,
                photo_ids=request.photo_ids,
                provider=profile.provider,
                model=profile.model,
                limit=refused.limit,
                spent=refused.spent,
                needed=refused.needed,
            )
            raise
        run.tell(BudgetReserved, photo_ids=request.photo_ids, usd=usd)
        with self._count_as_under_way(run):
            return await self._send(request, reservation)

    async def _reserve(self, run: Run, needed: Mapping[str, Decimal]) -> Reservation[Decimal]:
        while True:
            # Looked up first: one that settles while we ask is one to ask again for.
            others = tuple(self._under_way.get(run.id, ()))
            try:
                return await self._budget.reserve(run, needed)
            except BudgetExceeded:
                if not others:
                    raise
                done, _ = await asyncio.wait(
                    others, timeout=run.get_patience(), return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    raise

    @contextmanager
    def _count_as_under_way(self, run: Run) -> Iterator[None]:
        if not run.id:  # outside of any run there is nobody who would wait
            yield
            return
        settled = asyncio.get_running_loop().create_future()
        calls = self._under_way.setdefault(run.id, set())
        calls.add(settled)
        try:
            yield
        finally:
            settled.set_result(None)
            calls.discard(settled)
            if not calls:
                del self._under_way[run.id]

    async def _send(
        self, request: VisionRequest, reservation: Reservation[Decimal]
    ) -> VisionResponse:
        try:
            response = await self.wrapped.send(request)
        except InspectIQError as error:
            await self._settle(reservation, self._price_error(error))
            raise
        except asyncio.CancelledError as cancelled:
            never_sent = getattr(cancelled, "attempts", None) == 0
            await self._settle(reservation, _NOTHING if never_sent else {})
            raise
        except Exception:
            await self._settle(reservation, {})
            raise
        await self._settle(reservation, self._price_answer(response.usage))
        return response

    async def _settle(
        self, reservation: Reservation[Decimal], actual: Mapping[str, Decimal]
    ) -> None:
        try:
            await self._budget.settle(reservation, actual)
        except Exception as error:
            # What was paid for must not be lost to a budget that is down.
            self._say(error, budget=type(self._budget).__name__)

    def _price_answer(self, usage: Usage) -> Mapping[str, Decimal]:
        """Prices an answer in calls, and in dollars where its price is known."""
        if usage == Usage():
            return _NOTHING  # it came from a cache below
        calls = {"calls": Decimal(max(1, usage.requests))}
        usd = self.profile.price_usage(usage).usd
        return {"usd": usd, **calls} if usd else calls

    def _price_error(self, error: InspectIQError) -> Mapping[str, Decimal]:
        """Prices a failed call; nothing if it was never sent."""
        if error.attempts == 0:
            return _NOTHING
        cost = self._price_answer(error.usage or Usage(requests=error.attempts))
        if isinstance(error, TransportError) and error.status_code is not None:
            return {"usd": Decimal(0), **cost}  # a provider bills no error, unless it says so
        return cost
