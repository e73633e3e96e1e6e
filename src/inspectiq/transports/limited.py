"""Waits for a call's turn within the rate limits."""

from __future__ import annotations

from inspectiq.errors import InspectIQError, TransportError
from inspectiq.events import RateWaited
from inspectiq.limits.rates import RateLimiter
from inspectiq.run import current_run
from inspectiq.transports.base import Transport, VisionRequest, VisionResponse, WrapperTransport
from inspectiq.transports.estimates import estimate

__all__ = ["Limited"]

NOTICEABLE = 0.05  # seconds; a shorter wait is not worth an event


class Limited(WrapperTransport):
    """Asks a rate limiter before each call, and tells it what the call took.

    Args:
        wrapped: The transport below.
        limiter: Ours or a host's; see `RateLimiter`.
        key: Which limits count; the engine's provider and model if not given.
    """

    def __init__(self, wrapped: Transport, limiter: RateLimiter, *, key: str | None = None) -> None:
        super().__init__(wrapped)
        self._limiter = limiter
        self._key = key or f"{self.profile.provider}:{self.profile.model}"

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        run = current_run()
        amounts = {"requests": 1.0, "tokens": float(estimate(request, self.profile).tokens)}
        reservation = await self._limiter.acquire(self._key, amounts, timeout=run.remaining())
        if reservation.waited >= NOTICEABLE:
            run.tell(
                RateWaited,
                photo_ids=request.photo_ids,
                key=self._key,
                seconds=reservation.waited,
            )
        try:
            response = await self.wrapped.send(request)
        except InspectIQError as error:
            await self._limiter.settle(reservation, _taken(error, amounts))
            if isinstance(error, TransportError):
                await self._limiter.observe(self._key, error.rate_headers, error.retry_after)
            raise
        usage = response.usage
        used = usage.input_tokens + usage.output_tokens
        actual = {"requests": 1.0, "tokens": float(used) if used else amounts["tokens"]}
        await self._limiter.settle(reservation, actual)
        await self._limiter.observe(self._key, response.rate_headers, None)
        return response


def _taken(error: InspectIQError, amounts: dict[str, float]) -> dict[str, float]:
    """What a failed call took of the limits; what is not known is taken to be all of it."""
    if error.usage is not None and error.usage.input_tokens:
        return {
            "requests": 1.0,
            "tokens": float(error.usage.input_tokens + error.usage.output_tokens),
        }
    if error.attempts == 0:
        return {"requests": 0.0, "tokens": 0.0}
    refused = isinstance(error, TransportError) and error.status_code is not None
    return {"requests": 1.0, "tokens": 0.0 if refused else amounts["tokens"]}
