"""Builds the default stack around an engine: cache, retry, budget, rate limit, check."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from inspectiq._taking import require, require_all
from inspectiq.errors import ConfigError
from inspectiq.limits._budgets import Budget
from inspectiq.limits._limits import Limits
from inspectiq.limits._local_budgets import LocalBudget
from inspectiq.limits._local_rate_limits import LocalRateLimiter
from inspectiq.limits._rate_limits import RateLimiter
from inspectiq.transports._base import Transport, get_profile
from inspectiq.transports._budgeted import Budgeted
from inspectiq.transports._checking import Checked
from inspectiq.transports._limited import Limited
from inspectiq.transports._retry import Retry

if TYPE_CHECKING:
    from inspectiq.transports._caching import CacheMode
    from inspectiq.transports._stores import Cache

__all__ = ["StackBuilder", "stack"]


def stack(
    engine: Transport,
    *,
    limits: Limits | None = None,
    limiter: RateLimiter | None = None,
    budgets: Iterable[Budget] = (),
    cache: Cache | None = None,
    cache_mode: CacheMode = "use",
) -> Transport:
    """Stacks the default wrappers around an engine; compose them by hand for another order.

    Args:
        engine: The engine.
        limits: Requests and tokens a minute; dollars and calls for each run.
        limiter: A rate limiter to use instead, such as one that several stacks share.
        budgets: Besides those of `limits`, such as one for each tenant and day.
        cache: Where answers are kept.
        cache_mode: `use`; `only` to never pay; `refresh` to ask anew and keep the new answer.

    Raises:
        ConfigError: A budget counts dollars and the engine's price is not known, or there is a
            `cache_mode` and no cache.
    """
    return StackBuilder(limits, limiter, budgets, cache, cache_mode).build(engine)


class StackBuilder:
    """Builds stacks that share their limiter, budgets and cache; see `stack`."""

    def __init__(
        self,
        limits: Limits | None = None,
        limiter: RateLimiter | None = None,
        budgets: Iterable[Budget] = (),
        cache: Cache | None = None,
        cache_mode: CacheMode = "use",
    ) -> None:
        if cache is None and cache_mode != "use":
            raise ConfigError(
                f"cache_mode is {cache_mode!r} and there is no cache; give one, such as "
                "cache=SQLiteCache(path)"
            )
        limits = Limits() if limits is None else limits
        require(limits, Limits, "limits", "give Limits(usd=..., rpm=...)")
        if limiter is None:
            limiter = LocalRateLimiter(
                rpm=limits.rpm, tpm=limits.tpm, burst_seconds=limits.burst_seconds
            )
        self._limiter = limiter
        self._budgets = [*require_all(budgets, "budgets", "give a list of Budget")]
        if limits.usd is not None or limits.calls is not None:
            self._budgets.append(LocalBudget(usd=limits.usd, calls=limits.calls, per="run"))
        self._cache, self._cache_mode = cache, cache_mode

    def build(self, engine: Transport) -> Transport:
        """Builds the stack around an engine."""
        transport: Transport = Checked(engine)
        if get_profile(engine).metered:
            transport = Limited(transport, self._limiter)
            for budget in self._budgets:
                transport = Budgeted(transport, budget)
        transport = Retry(transport)
        if self._cache is not None:
            from inspectiq.transports._caching import Cached

            transport = Cached(transport, self._cache, mode=self._cache_mode)
        return transport
