"""Tests that every rate limiter and every budget must pass; subclass them with your own."""

from __future__ import annotations

import asyncio
import uuid
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from inspectiq.errors import BudgetExceeded, RateLimited
from inspectiq.limits._budgets import Budget
from inspectiq.limits._rate_limits import RateLimiter
from inspectiq.limits._reservations import Reservation
from inspectiq.run import Run

__all__ = ["BudgetContract", "RateLimiterContract"]

CALL = {"requests": 1.0, "tokens": 10.0}


class RateLimiterContract:
    """Tests of a rate limiter.

        class TestMine(RateLimiterContract):
            def make_limiter(self):
                return MyRateLimiter(...)

    Each test uses keys that were never used before.
    """

    @abstractmethod
    def make_limiter(self) -> RateLimiter:
        """Makes a new limiter that lets 40 calls of 10 tokens go at once."""

    @pytest.fixture
    def key(self) -> str:
        return f"contract-{uuid.uuid4().hex}"

    def test_it_has_the_methods_of_one(self) -> None:
        assert isinstance(self.make_limiter(), RateLimiter)

    def test_a_reservation_says_what_it_is_for(self, key: str) -> None:
        reservation = asyncio.run(self._acquire(self.make_limiter(), key))
        assert (reservation.key, dict(reservation.amounts)) == (key, CALL)
        assert reservation.waited >= 0

    def test_it_settles_calls_that_took_less_more_or_nothing(self, key: str) -> None:
        limiter = self.make_limiter()

        async def go() -> None:
            for actual in ({"tokens": 1.0}, {"requests": 1.0, "tokens": 20.0}, {"requests": 0.0}):
                await limiter.settle(await self._acquire(limiter, key), actual)

        asyncio.run(go())

    def test_headers_that_cannot_be_read_do_no_harm(self, key: str) -> None:
        limiter = self.make_limiter()
        garbage = {f"x-ratelimit-{n}-tokens": "soon" for n in ("limit", "remaining", "reset")}

        async def go() -> Reservation:
            await limiter.observe(key, {}, None)
            await limiter.observe(key, garbage, None)
            return await self._acquire(limiter, key)

        assert asyncio.run(go()).key == key

    def test_a_wait_that_the_provider_asks_for_is_kept(self, key: str) -> None:
        limiter = self.make_limiter()

        async def go() -> None:
            await limiter.observe(key, {}, 3600.0)
            with pytest.raises(RateLimited) as caught:
                await limiter.acquire(key, CALL, timeout=0.01)
            assert caught.value.attempts == 0
            assert caught.value.retry_after is None or caught.value.retry_after > 0

        asyncio.run(go())

    def test_a_wait_holds_up_its_own_key_only(self, key: str) -> None:
        limiter = self.make_limiter()

        async def go() -> Reservation:
            await limiter.observe(key, {}, 3600.0)
            return await self._acquire(limiter, f"{key}-other")

        assert asyncio.run(go()).key == f"{key}-other"

    def test_a_cancelled_wait_ends_at_once_and_leaves_it_usable(self, key: str) -> None:
        limiter = self.make_limiter()

        async def go() -> None:
            await limiter.observe(key, {}, 3600.0)
            waits = [asyncio.ensure_future(limiter.acquire(key, CALL)) for _ in range(3)]
            await asyncio.sleep(0.01)
            for wait in waits:
                wait.cancel()
            done = await asyncio.gather(*waits, return_exceptions=True)
            assert [type(error) for error in done] == [asyncio.CancelledError] * 3
            with pytest.raises(RateLimited):
                await limiter.acquire(key, CALL, timeout=0.01)

        asyncio.run(go())

    def test_one_limiter_serves_one_loop_after_another(self, key: str) -> None:
        limiter = self.make_limiter()
        assert asyncio.run(self._acquire(limiter, key)).key == key
        assert asyncio.run(self._acquire(limiter, key)).key == key

    def test_one_limiter_serves_many_loops_at_once(self, key: str) -> None:
        limiter = self.make_limiter()

        async def go() -> int:
            return len(await asyncio.gather(*(self._acquire(limiter, key) for _ in range(10))))

        assert _run_on_threads(4, go) == [10] * 4

    async def _acquire(self, limiter: RateLimiter, key: str) -> Reservation:
        return await limiter.acquire(key, CALL, timeout=10)


class BudgetContract:
    """Tests of a budget.

        class TestMine(BudgetContract):
            def make_budget(self, usd, calls):
                return MyBudget(usd=usd, calls=calls)

    Each test uses a run that was never used before.
    """

    @abstractmethod
    def make_budget(self, usd: Decimal | None, calls: int | None) -> Budget:
        """Makes a new budget of so many dollars and calls for a run; None for no limit."""

    @pytest.fixture
    def run(self) -> Run:
        return Run(id=uuid.uuid4().hex, case_id="contract")

    def test_it_has_the_methods_of_one(self) -> None:
        assert isinstance(self.make_budget(Decimal(1), None), Budget)

    def test_it_needs_a_price_where_it_counts_dollars(self) -> None:
        assert self.make_budget(Decimal(1), None).needs_price
        assert not self.make_budget(None, 1).needs_price

    def test_a_reservation_says_what_was_set_aside(self, run: Run) -> None:
        reservation = asyncio.run(self.make_budget(Decimal(1), 1).reserve(run, _make_call("0.25")))
        assert {unit: reservation.amounts[unit] for unit in ("usd", "calls")} == _make_call("0.25")

    def test_it_can_be_spent_to_the_last_cent_and_no_further(self, run: Run) -> None:
        budget = self.make_budget(Decimal("0.30"), None)

        async def go() -> None:
            for _ in range(3):
                await budget.reserve(run, _make_call("0.1"))
            with pytest.raises(BudgetExceeded) as caught:
                await budget.reserve(run, _make_call("0.01"))
            error = caught.value
            assert (error.limit, error.spent, error.needed) == (
                Decimal("0.3"),
                Decimal("0.3"),
                Decimal("0.01"),
            )

        asyncio.run(go())

    def test_what_was_reserved_and_not_spent_is_there_again(self, run: Run) -> None:
        budget = self.make_budget(Decimal(1), None)

        async def go() -> Reservation[Decimal]:
            await budget.settle(await budget.reserve(run, _make_call(1)), _make_call("0.25"))
            return await budget.reserve(run, _make_call("0.75"))

        assert asyncio.run(go()).amounts["usd"] == Decimal("0.75")

    def test_what_was_spent_beyond_the_reservation_counts(self, run: Run) -> None:
        budget = self.make_budget(Decimal(1), None)

        async def go() -> None:
            await budget.settle(await budget.reserve(run, _make_call("0.5")), _make_call("1.5"))
            with pytest.raises(BudgetExceeded):
                await budget.reserve(run, _make_call("0.01"))

        asyncio.run(go())

    def test_settling_twice_changes_nothing(self, run: Run) -> None:
        budget = self.make_budget(Decimal(1), None)

        async def go() -> None:
            await budget.reserve(run, _make_call("0.5"))
            reservation = await budget.reserve(run, _make_call("0.5"))
            for _ in range(2):
                await budget.settle(reservation, _make_call(0))
            with pytest.raises(BudgetExceeded):
                await budget.reserve(run, _make_call("0.6"))

        asyncio.run(go())

    def test_a_refused_call_takes_nothing_of_either_limit(self, run: Run) -> None:
        budget = self.make_budget(Decimal(1), 1)

        async def go() -> Reservation[Decimal]:
            with pytest.raises(BudgetExceeded):
                await budget.reserve(run, _make_call("1.5"))
            await budget.settle(await budget.reserve(run, _make_call("0.5")), {"calls": Decimal(0)})
            first = await budget.reserve(run, _make_call("0.25"))
            with pytest.raises(BudgetExceeded):
                await budget.reserve(run, _make_call("0.25"))
            await budget.settle(first, {"calls": Decimal(0), "usd": Decimal(0)})
            return await budget.reserve(run, _make_call("0.5"))

        assert asyncio.run(go()).amounts["usd"] == Decimal("0.5")

    def test_however_many_ask_at_once_no_more_is_reserved_than_there_is(self, run: Run) -> None:
        budget = self.make_budget(Decimal(1), None)

        async def ask() -> bool:
            try:
                await budget.reserve(run, _make_call("0.1"))
            except BudgetExceeded:
                return False
            return True

        async def go() -> int:
            return sum(await asyncio.gather(*(ask() for _ in range(25))))

        assert sum(_run_on_threads(4, go)) == 10


def _make_call(usd: float | str) -> dict[str, Decimal]:
    return {"usd": Decimal(str(usd)), "calls": Decimal(1)}


def _run_on_threads(threads: int, go: Callable[[], Coroutine[Any, Any, int]]) -> list[int]:
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(asyncio.run, go()) for _ in range(threads)]
        return [future.result(30) for future in running]
