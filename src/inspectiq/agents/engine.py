"""From what an agent was given to the transport that it uses."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from inspectiq.errors import ConfigError
from inspectiq.limits.budgets import Budget
from inspectiq.limits.limits import Limits
from inspectiq.limits.rates import RateLimiter
from inspectiq.settings import Settings
from inspectiq.transports.base import EngineProfile, Transport, WrapperTransport
from inspectiq.transports.engines import Engine, resolve
from inspectiq.transports.stacking import Stacking

if TYPE_CHECKING:
    from inspectiq.transports.caching import CacheMode
    from inspectiq.transports.stores import Cache

__all__ = ["cache_of", "limits_of", "photos_a_request", "transport_of"]

# Our assumptions, by which a request is filled where requests a minute are what binds.
MOST_PHOTOS = 10
TEXT_TOKENS = 1500  # instructions and schema, in every request
PHOTO_TOKENS = 1800  # a picture and the room for what is said about it


def limits_of(settings: Settings) -> Limits:
    """Limits as the environment gives them."""
    names = ("rpm", "tpm", "usd", "calls", "concurrency", "deadline")
    given = {name: getattr(settings, name) for name in names}
    return Limits(**{name: value for name, value in given.items() if value is not None})


def cache_of(
    given: Cache | Path | str | None, engine: Engine | None, settings: Settings
) -> tuple[Cache | None, bool]:
    """The cache, and whether it was made here, from a path."""
    if given is None and not isinstance(engine, WrapperTransport):
        given = settings.cache
    if not isinstance(given, Path | str):
        return given, False
    from inspectiq.transports.stores import SQLiteCache

    return SQLiteCache(given), True


def transport_of(
    engine: Engine | None,
    settings: Settings,
    *,
    limits: Limits | None,
    limiter: RateLimiter | None,
    budgets: Iterable[Budget],
    cache: Cache | None,
    cache_mode: CacheMode,
) -> Transport:
    """The engine in its stack; see `Agent`.

    Raises:
        ConfigError: It cannot be made, or a stack of the host's own is given what belongs in it.
    """
    engine = engine or settings.engine
    budgets = list(budgets)
    if isinstance(engine, WrapperTransport):
        for_stack = [limits and (limits.rpm or limits.tpm or limits.usd or limits.calls)]
        if any([*for_stack, limiter, budgets, cache]):
            raise ConfigError(
                "the engine is a stack of your own, so rate limits, budgets and a cache belong in "
                "it: stack(leaf, limits=..., cache=...)"
            )
        return engine
    limits = limits_of(settings) if limits is None else limits
    return resolve(engine, Stacking(limits, limiter, budgets, cache, cache_mode))


def photos_a_request(profile: EngineProfile, limits: Limits) -> int:
    """How many photos to pack into a request.

    The engine's own number; more where the requests a minute are used up long before the tokens a
    minute, since every request saved is then time saved.
    """
    own = profile.photos_per_request
    if limits.rpm is None or not profile.metered:
        return own
    if limits.tpm is None:
        return max(own, MOST_PHOTOS)
    affordable = (limits.tpm / limits.rpm - TEXT_TOKENS) // PHOTO_TOKENS
    return max(own, min(MOST_PHOTOS, int(affordable)))
