"""Retries requests whose errors may pass. The only place where anything is sent twice."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from inspectiq._fork import ForkLock
from inspectiq._short_reasons import name_reason
from inspectiq._taking import require_number
from inspectiq._usage import Usage
from inspectiq.errors import (
    InspectIQError,
    RateLimited,
    TransportError,
)
from inspectiq.events import AttemptFailed, AttemptStarted
from inspectiq.run import Run, get_current_run
from inspectiq.transports._base import Transport, VisionRequest, VisionResponse, WrapperTransport

if TYPE_CHECKING:
    from tenacity import RetryCallState

__all__ = ["Retry", "RetryBudget", "RetryDecision", "add_spent_usage"]

ErrorT = TypeVar("ErrorT", bound=InspectIQError)


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What to do after an error: give up, retry after a wait, or await the rate limit.

    Attributes:
        kind: `no`, `transient` (back off and try again) or `rate_limit` (wait for one's turn).
        after: Seconds that the provider asked to wait.
    """

    kind: Literal["no", "transient", "rate_limit"]
    after: float | None = None

    @classmethod
    def from_error(cls, error: InspectIQError) -> Self:
        """Decides as by default: retries errors that may pass, never an answer that came.

        Quota, authentication, bad requests, refusals, filters, and answers that cannot be used are
        not retried: the same request would be paid for twice, and the agent asks in another way.
        """
        if isinstance(error, RateLimited) and error.attempts:
            return cls.rate_limit(error.retry_after)
        if isinstance(error, TransportError) and error.retryable and error.attempts:
            return cls.transient(error.retry_after)
        return cls.no()

    @classmethod
    def no(cls) -> Self:
        """Does not retry: it would fail again."""
        return cls("no")

    @classmethod
    def transient(cls, after: float | None = None) -> Self:
        """Retries after a growing wait: the error may pass."""
        return cls("transient", after)

    @classmethod
    def rate_limit(cls, after: float | None = None) -> Self:
        """Retries once the rate limit allows it."""
        return cls("rate_limit", after)


class RetryBudget:
    """Keeps retries from multiplying an outage: each takes one, each success gives some back.

    A call that works in the end gives back what its own retries took, so that a server which fails
    each call once is no outage. Shared by threads and loops. The figures are our assumption: a
    thousand calls of which none succeeds are sent 1,050 times, and one call in ten may fail for
    good without running dry.

    Args:
        capacity: Retries that a full budget allows.
        refund: What a success at the first attempt gives back.
    """

    def __init__(self, capacity: float = 50.0, refund: float = 0.1) -> None:
        require_number(capacity, "capacity", least=0)
        require_number(refund, "refund", least=0)
        self._capacity = self._left = capacity
        self._refund = refund

    def take(self) -> bool:
        """Takes one retry; False where none is left."""
        with _lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def give_back(self, taken: int = 0) -> None:
        """Gives back the retries of a call that succeeded; `refund` if it took none."""
        require_number(taken, "taken", least=0)
        with _lock:
            self._left = min(self._capacity, self._left + (taken or self._refund))


# Held for a few steps only, so one serves all budgets.
_lock = ForkLock()


class Retry(WrapperTransport):
    """Sends a request until it works or trying again would not help; the run's deadline bounds all.

    Waits with full jitter, and never shorter than a provider asks for in Retry-After; where that is
    longer than `longest_wait`, it gives up.

    Args:
        wrapped: The transport below.
        attempts: Most attempts for what is transient.
        turns: Most attempts for what is rate limited.
        base: Seconds that the first wait has at most; it doubles each time.
        longest_wait: Seconds that any wait has at most.
        decide: Which errors to try again, and when.
        budget: Bounds retries over all calls; one of its own if not given.
        sleep: Waits, in place of asyncio; for tests.
        uniform: Draws a random number between two, in place of `random`; for tests.
    """

    def __init__(
        self,
        wrapped: Transport,
        *,
        attempts: int = 4,
        turns: int = 8,
        base: float = 0.5,
        longest_wait: float = 60.0,
        decide: Callable[[InspectIQError], RetryDecision] = RetryDecision.from_error,
        budget: RetryBudget | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        for name, count in (("attempts", attempts), ("turns", turns)):
            require_number(count, name, least=1, whole=True)
        for name, seconds in (("base", base), ("longest_wait", longest_wait)):
            require_number(seconds, name, least=0)
        super().__init__(wrapped)
        self._attempts, self._turns = attempts, turns
        self._base, self._longest_wait = base, longest_wait
        self._decide = decide
        self._budget = RetryBudget() if budget is None else budget
        self._sleep, self._uniform = sleep, uniform

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Sends the request, and again after errors that may pass."""
        from tenacity import AsyncRetrying, retry_if_exception_type

        tried = _RetriedRequest(
            request, self.profile.provider, self.profile.model, get_current_run()
        )

        def wait(state: RetryCallState) -> float:
            assert state.outcome is not None
            error = state.outcome.exception()
            assert isinstance(error, InspectIQError)
            tried.wait = self._choose_wait(tried, self._decide(error))
            tried.end(error)
            return tried.wait or 0.0

        trying = AsyncRetrying(
            retry=retry_if_exception_type(InspectIQError),
            wait=wait,
            stop=lambda _: tried.wait is None,  # asked after `wait`
            sleep=self._sleep,
            reraise=True,
        )
        try:
            response: VisionResponse = await trying(self._attempt, tried)
        except InspectIQError as error:
            raise add_spent_usage(error, tried.spent, tried.sent) from error.__cause__
        self._budget.give_back(tried.taken)
        if tried.failed == Usage():
            return response
        return response.model_copy(update={"usage": tried.failed + response.usage})

    async def _attempt(self, tried: _RetriedRequest) -> VisionResponse:
        remaining = tried.run.get_remaining()
        if remaining == 0:
            raise tried.run.make_timeout(tried.provider, attempts=0)
        tried.begin()
        within = tried.run.limits
        transport = self.wrapped if within is None else within.keep(self.wrapped)
        try:
            async with asyncio.timeout(remaining) as clock:
                return await transport.send(tried.request)
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise tried.run.make_timeout(tried.provider, attempts=1) from error

    def _choose_wait(self, tried: _RetriedRequest, decision: RetryDecision) -> float | None:
        """Chooses the seconds to wait for the next attempt; None to give up."""
        most = {"no": 0, "transient": self._attempts, "rate_limit": self._turns}[decision.kind]
        if tried.number >= most:
            return None
        if decision.after is not None and decision.after > self._longest_wait:
            return None
        wait = self._draw_wait(tried.number, decision.after)
        remaining = tried.run.get_remaining()
        if remaining is not None and wait >= remaining:
            return None
        # One's turn comes when it comes; only what is broken must not be hammered.
        if decision.kind == "transient":
            if not self._budget.take():
                return None
            tried.taken += 1
        return wait

    def _draw_wait(self, number: int, after: float | None) -> float:
        """Draws the seconds to wait after so many attempts, at least those the provider named."""
        wait = self._uniform(0, min(self._longest_wait, self._base * 2 ** (number - 1)))
        if after is None:
            return wait
        asked = after + self._uniform(0, self._base)  # not all at the same moment
        return min(max(wait, asked), self._longest_wait)


class _RetriedRequest:
    """A request on its way through its attempts, with what they cost."""

    def __init__(self, request: VisionRequest, provider: str, model: str, run: Run) -> None:
        self.request, self.provider, self.model, self.run = request, provider, model, run
        self.number = 0
        self.sent = 0
        self.taken = 0  # of the budget
        self.failed = Usage()
        self.wait: float | None = None
        self._under_way = False
        self._known = False

    def begin(self) -> None:
        """Begins an attempt, and tells of it."""
        self.number += 1
        self._under_way = True
        self.run.tell(
            AttemptStarted,
            photo_ids=self.request.photo_ids,
            provider=self.provider,
            model=self.model,
            attempt=self.number,
        )

    def end(self, error: InspectIQError) -> None:
        """Ends an attempt that failed: adds what it cost, and tells of it."""
        self.sent += error.attempts
        self.failed += error.usage or Usage(requests=error.attempts)
        self._known = self._known or error.usage is not None
        if not self._under_way:
            return  # the deadline had passed before it began
        self._under_way = False
        self.run.tell(
            AttemptFailed,
            photo_ids=self.request.photo_ids,
            provider=self.provider,
            model=self.model,
            attempt=self.number,
            error=type(error).__name__,
            reason=name_reason(error),
            status_code=getattr(error, "status_code", None),
            wait=self.wait,
        )

    @property
    def spent(self) -> Usage | None:
        """What the failed attempts cost; None where nothing is known of it."""
        return self.failed if self._known else None


def add_spent_usage(error: ErrorT, usage: Usage | None, attempts: int) -> ErrorT:
    """Returns the error with all that was spent until it came.

    A copy, since a transport may raise one and the same error at every call.
    """
    whole = copy.copy(error).with_traceback(error.__traceback__)
    whole.usage, whole.attempts = usage, attempts
    return whole
