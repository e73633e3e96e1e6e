"""Keeps the limits that are given for one call of an agent, besides the agent's own."""

from __future__ import annotations

from collections.abc import Iterator

from inspectiq._gate import Gate
from inspectiq.errors import ConfigError
from inspectiq.limits._limits import Limits
from inspectiq.limits._local_budgets import LocalBudget
from inspectiq.limits._local_rate_limits import LocalRateLimiter
from inspectiq.transports._base import Transport, WrapperTransport, get_profile
from inspectiq.transports._budgeted import Budgeted
from inspectiq.transports._fallback import Fallback
from inspectiq.transports._limited import Limited
from inspectiq.transports._retry import Retry

__all__ = ["CallLimits"]


class CallLimits:
    """The limits of one call. They only tighten: a request must fit the agent's own as well.

    `Retry` asks for them at each attempt, so that all attempts count. An engine that nobody meters
    passes them by.

    Args:
        limits: What was given for the call.
        transports: The stacks that will be called.
        shared: Whether they are for many runs together, and not for each of them.

    Attributes:
        gate: Bounds the call's requests in flight; None where that was not given.

    Raises:
        ConfigError: The stack makes no attempts that could be counted, or dollars are limited and
            an engine's price is not known.
    """

    def __init__(self, limits: Limits, *transports: Transport, shared: bool = False) -> None:
        given = limits.model_fields_set
        self.gate: Gate | None = Gate(limits.concurrency) if "concurrency" in given else None
        self._budget = self._limiter = None
        per = "total" if shared else "run"
        if limits.usd is not None or limits.calls is not None:
            self._budget = LocalBudget(usd=limits.usd, calls=limits.calls, per=per)
        if limits.rpm is not None or limits.tpm is not None:
            self._limiter = LocalRateLimiter(
                rpm=limits.rpm, tpm=limits.tpm, burst_seconds=limits.burst_seconds
            )
        self._kept: dict[int, Transport] = {}  # by the transport below, which its value holds
        if self._budget is not None or self._limiter is not None:
            for transport in transports:
                _check(transport, prices=limits.usd is not None)

    def keep(self, transport: Transport) -> Transport:
        """Returns what sends one attempt within these limits; the same one at each attempt."""
        key = id(transport)
        if key not in self._kept:
            self._kept[key] = self._wrap(transport)
        return self._kept[key]

    def _wrap(self, transport: Transport) -> Transport:
        if all(retried for _, retried in _list_metered(transport)):
            return transport  # its attempts are made, and counted, further down
        if self._limiter is not None:
            transport = Limited(transport, self._limiter)
        if self._budget is not None:
            transport = Budgeted(transport, self._budget)
        return transport


def _check(transport: Transport, *, prices: bool) -> None:
    for engine, retried in _list_metered(transport):
        profile = get_profile(engine)
        if not retried:
            raise ConfigError(
                "usd, calls, rpm and tpm of one call are counted by `Retry`, and the engine is a "
                "stack of your own without one; make it with stack(...), or put Retry(...) in it"
            )
        if prices and profile.pricing is None:
            raise ConfigError(
                f"usd is limited for this call, and the price of {profile.provider}:"
                f"{profile.model} is not known; give pricing=Pricing(...), or limit calls"
            )


def _list_metered(transport: Transport, retried: bool = False) -> Iterator[tuple[Transport, bool]]:
    """Lists the metered engines of a stack, and whether a `Retry` stands above each."""
    if isinstance(transport, Fallback):
        for engine in transport.engines:
            yield from _list_metered(engine, retried)
    elif isinstance(transport, WrapperTransport):
        yield from _list_metered(transport.wrapped, retried or isinstance(transport, Retry))
    elif get_profile(transport).metered:
        yield transport, retried
