"""Sets up an agent's engine: its stack, limits, cache, ledger, and photos per request."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from inspectiq._observers import Observers
from inspectiq._settings import Settings
from inspectiq._taking import require_all
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.events import Observer
from inspectiq.limits._budgets import Budget
from inspectiq.limits._limits import Limits
from inspectiq.limits._models import ModelTable
from inspectiq.limits._rate_limits import RateLimiter
from inspectiq.transports._base import Transport, WrapperTransport
from inspectiq.transports._engines import Engine, EngineOptions, resolve_engine
from inspectiq.transports._estimates import TEXT_TOKENS
from inspectiq.transports._profile import EngineProfile
from inspectiq.transports._stacking import StackBuilder

if TYPE_CHECKING:
    from inspectiq.transports._caching import CacheMode
    from inspectiq.transports._stores import Cache

__all__ = [
    "check_options",
    "check_reported_types",
    "choose_deadline",
    "choose_pack_size",
    "is_named",
    "make_observers",
    "make_resolver",
    "resolve_cache",
    "resolve_limits",
]

# Our assumptions, by which a request is filled where requests a minute are what binds.
MOST_PHOTOS = 10
PHOTO_TOKENS = 1800  # a picture and the room for what is said about it

STACKED = ("rpm", "tpm", "usd", "calls")  # the limits that a stack keeps


def check_options(photos_per_request: object, limits: object) -> None:
    """Checks the types and values of `photos_per_request` and `limits`.

    Raises:
        ConfigError: One is not.
    """
    size = photos_per_request
    if size is not None and not (isinstance(size, int) and size >= 1):
        raise ConfigError("photos_per_request must be a whole number from 1")
    if limits is not None and not isinstance(limits, Limits):
        raise ConfigError(f"limits is a {type(limits).__name__}; pass Limits(usd=..., rpm=...)")


def check_reported_types(profile: EngineProfile, taxonomy: Taxonomy) -> None:
    """Makes sure that the taxonomy knows what the engine reports.

    Raises:
        ConfigError: It lacks a type.
    """
    known = {kind.key for kind in taxonomy.types}
    if missing := [key for key in profile.types if key not in known]:
        raise ConfigError(
            f"the engine {profile.provider} reports {missing[0]!r}, which the taxonomy lacks; "
            "add it with taxonomy.with_types(...)"
        )


def resolve_limits(settings: Settings, limits: Limits | None = None) -> Limits:
    """Completes the given limits with those of the environment."""
    names = ("rpm", "tpm", "usd", "calls", "concurrency", "deadline")
    found = {name: getattr(settings, name) for name in names}
    found = {name: value for name, value in found.items() if value is not None}
    given = set() if limits is None else limits.model_fields_set
    return Limits(**found | {name: getattr(limits, name) for name in given})


def resolve_cache(
    given: Cache | Path | str | None, engine: Engine | None, settings: Settings
) -> tuple[Cache | None, bool]:
    """Returns the cache, and whether it was opened here, from a path."""
    if given is None and not _brings_stack(engine):
        given = settings.cache
    if not isinstance(given, Path | str):
        return given, False
    from inspectiq.transports._sqlite_store import SQLiteCache

    return SQLiteCache(given), True


def make_resolver(
    settings: Settings,
    *,
    taxonomy: Taxonomy,
    models: ModelTable | Path | str | None,
    limits: Limits | None,
    limiter: RateLimiter | None,
    budgets: Iterable[Budget],
    cache: Cache | None,
    cache_mode: CacheMode,
) -> Callable[[Engine | None], Transport]:
    """Makes what puts engines in stacks, which share limits, budgets and cache; see `Agent`.

    It raises a ConfigError where an engine cannot be made, or a stack of the host's own is given
    what belongs in it.
    """
    budgets = require_all(budgets, "budgets", "give a list of Budget")
    options = EngineOptions(taxonomy, models, warn=cache_mode != "only")
    belongs_in_stack = (
        _is_stacked(limits)
        or limiter is not None
        or budgets
        or cache is not None
        or cache_mode != "use"
    )

    @functools.cache
    def make_builder() -> StackBuilder:
        whole = resolve_limits(settings, limits)
        return StackBuilder(whole, limiter, budgets, cache, cache_mode)

    def resolve(engine: Engine | None) -> Transport:
        engine = settings.engine if engine is None else engine
        if _brings_stack(engine) and belongs_in_stack:
            raise ConfigError(
                "an engine is a stack of your own, so rate limits, budgets and a cache belong in "
                "it: stack(engine, limits=..., cache=...)"
            )
        if isinstance(engine, WrapperTransport):
            return engine
        return resolve_engine(engine, make_builder().build, options)

    return resolve


def _is_stacked(limits: Limits | None) -> bool:
    """Tells whether one of the limits is given that a stack keeps."""
    return limits is not None and any(getattr(limits, name) is not None for name in STACKED)


def choose_pack_size(profile: EngineProfile, limits: Limits) -> int:
    """Chooses how many photos to pack into a request.

    The engine's own number; more where the requests a minute are used up long before the tokens a
    minute, since every request saved is then time saved. One that takes a single photo takes no
    more for that.
    """
    own = profile.photos_per_request
    if limits.rpm is None or not profile.metered or own == 1:
        return own
    if limits.tpm is None:
        return max(own, MOST_PHOTOS)
    affordable = (limits.tpm / limits.rpm - TEXT_TOKENS) // PHOTO_TOKENS
    return max(own, min(MOST_PHOTOS, int(affordable)))


def choose_deadline(own: Limits, given: Limits | None) -> float | None:
    """Chooses the seconds that a call may take: the agent's or the call's own, whichever is less.

    Raises:
        ConfigError: What is given for the call is no `Limits`.
    """
    check_options(None, given)
    seconds = [one.deadline for one in (own, given) if one is not None and one.deadline is not None]
    return min(seconds, default=None)


def is_named(engine: Engine | None) -> bool:
    """Tells whether an engine is given by name only, so that the agent makes it, and closes it."""
    if isinstance(engine, list | tuple):
        return all(map(is_named, engine))
    return engine is None or isinstance(engine, str)


def make_observers(given: Iterable[Observer], settings: Settings) -> Observers:
    """Makes the observers of an agent: the given ones, and the ledger of the environment, if any.

    Raises:
        ConfigError: One of them is none.
    """
    observers = require_all(given, "observers", "give a list of observers")
    if settings.ledger:
        from inspectiq.limits._ledger import Ledger

        observers = (*observers, Ledger(settings.ledger))
    return Observers(observers)


def _brings_stack(engine: Engine | None) -> bool:
    """Tells whether the host composed the stack itself, around one engine at least."""
    if isinstance(engine, list | tuple):
        return any(map(_brings_stack, engine))
    return isinstance(engine, WrapperTransport)
