"""Holds each request back until the rate limits allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from inspectiq._log import WarnOnce
from inspectiq.errors import ConfigError, InspectIQError, TransportError
from inspectiq.events import RateWaited
from inspectiq.limits._rate_limits import RateLimiter
from inspectiq.limits._reservations import Reservation
from inspectiq.run import get_current_run
from inspectiq.transports._base import Transport, VisionRequest, VisionResponse, WrapperTransport
from inspectiq.transports._estimates import estimate_tokens

__all__ = ["Limited"]

NOTICEABLE = 0.05  # seconds; a shorter wait is not worth an event


class Limited(WrapperTransport):
    """Asks a rate limiter before each call, and tells it what the call took.

    A call stops waiting for its turn just before the run's deadline: so the limiter can say why,
    and it is plain that nothing was sent. Each reservation is settled once. A call that was
    cancelled, or whose answer was lost on the way, counts as reserved: it may have been sent. A
    limiter that fails after the call is logged once; the answer stands.

    Args:
        wrapped: The transport below.
        limiter: Ours or a host's; see `RateLimiter`.
        key: Which limits count; the engine's provider and model if not given.

    Raises:
        ConfigError: `limiter` is no rate limiter.
    """

    def __init__(self, wrapped: Transport, limiter: RateLimiter, *, key: str | None = None) -> None:
        super().__init__(wrapped)
        if isinstance(limiter, type) or not isinstance(limiter, RateLimiter):
            raise ConfigError(
                "a rate limiter needs the methods acquire, settle and observe; pass an object, "
                "such as LocalRateLimiter(rpm=500)"
            )
        self._limiter = limiter
        self._key = key or f"{self.profile.provider}:{self.profile.model}"
        self._say = WarnOnce("inspectiq.transports", "a rate limiter failed after a call")

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Waits for the rate limiter, then sends the request."""
        run = get_current_run()
        amounts = {"requests": 1.0, "tokens": float(estimate_tokens(request, self.profile).tokens)}
        try:
            reservation = await self._limiter.acquire(
                self._key, amounts, timeout=run.get_patience()
            )
        except asyncio.CancelledError as cancelled:
            cancelled.attempts = 0  # type: ignore[attr-defined] # as on our errors: never sent
            raise
        if reservation.waited >= NOTICEABLE:
            run.tell(
                RateWaited,
                photo_ids=request.photo_ids,
                key=self._key,
                seconds=reservation.waited,
            )
        try:
            response = await self.wrapped.send(request)
        except TransportError as error:
            taken = _count_taken(error, amounts)
            await self._report(reservation, taken, error.rate_headers, error.retry_after)
            raise
        except InspectIQError as error:
            await self._report(reservation, _count_taken(error, amounts))
            raise
        except (Exception, asyncio.CancelledError):
            await self._report(reservation, {})
            raise
        usage = response.usage
        used = usage.input_tokens + usage.output_tokens
        actual = {"requests": 1.0, "tokens": float(used) if used else amounts["tokens"]}
        await self._report(reservation, actual, response.rate_headers)
        return response

    async def _report(
        self,
        reservation: Reservation,
        taken: Mapping[str, float],
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Settles a reservation, and passes the provider's rate headers on to the limiter."""
        try:
            await self._limiter.settle(reservation, taken)
            if headers is not None:
                await self._limiter.observe(self._key, headers, retry_after)
        except Exception as error:
            # What was paid for must not be lost to a limiter that is down.
            self._say(error, limiter=type(self._limiter).__name__)


def _count_taken(error: InspectIQError, amounts: Mapping[str, float]) -> dict[str, float]:
    """Counts what a failed call took of the limits; what is not known is taken to be all of it."""
    if error.usage is not None and error.usage.input_tokens:
        return {
            "requests": 1.0,
            "tokens": float(error.usage.input_tokens + error.usage.output_tokens),
        }
    if error.attempts == 0:
        return {"requests": 0.0, "tokens": 0.0}
    refused = isinstance(error, TransportError) and error.status_code is not None
    return {"requests": 1.0, "tokens": 0.0 if refused else amounts["tokens"]}
