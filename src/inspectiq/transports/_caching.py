"""Answers repeated requests from a cache; equal requests at the same time are sent once."""

from __future__ import annotations

import asyncio
import copy
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Literal, TypeVar, get_args

from inspectiq._log import WarnOnce
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.errors import ConfigError, InspectIQError, ProviderTimeout, TransportError
from inspectiq.events import CacheHit
from inspectiq.run import get_current_run
from inspectiq.transports._base import (
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    wrap_untyped,
)
from inspectiq.transports._checking import check_response
from inspectiq.transports._stores import Cache

__all__ = ["CacheMode", "Cached"]

T = TypeVar("T")

CacheMode = Literal["use", "only", "refresh"]
"""`use`: ask what is not kept. `only`: never ask. `refresh`: ask anew, and keep the new answer."""

PATIENCE = 10.0  # seconds that a cache may take, longer than SQLiteCache ever does; our assumption

_Outcome = VisionResponse | InspectIQError | None  # None: it says nothing about the next call


class Cached(WrapperTransport):
    """Keeps answers, and returns them when the same engine is asked the same again.

    A kept answer is checked again, and costs nothing; `CacheHit` says what it saved. Answers with
    problems and errors are not kept. Calls for the same content that are in flight in one process,
    on any thread or loop, share one call: the first sends it, the others get its answer as a hit,
    or its error. Where the first is cancelled, or fails within its own run's bounds (budget,
    deadline) before anything was sent, the next one sends.

    A cache that raises or takes longer than ten seconds counts as a miss, and is logged once. It
    belongs to the caller, who closes it.

    Args:
        wrapped: The transport below.
        cache: Where answers are kept.
        ttl: Seconds that an answer is kept; None for the cache's own.
        mode: `use`; `only` to never pay; `refresh` to ask anew and keep the new answer.

    Raises:
        ConfigError: `cache` is no cache, or `mode` is unknown.
    """

    def __init__(
        self,
        wrapped: Transport,
        cache: Cache,
        *,
        ttl: float | None = None,
        mode: CacheMode = "use",
    ) -> None:
        super().__init__(wrapped)
        if isinstance(cache, type) or not isinstance(cache, Cache):
            raise ConfigError(
                "`cache` needs the methods get, set and delete; pass an object, such as "
                "SQLiteCache(path)"
            )
        if mode not in get_args(CacheMode):
            raise ConfigError(f"unknown mode {mode!r}; the choices are {get_args(CacheMode)}")
        self._cache, self._ttl, self._mode = cache, ttl, mode
        # By process too: a call that was in flight at a `fork` never ends in the child.
        self._flights: dict[tuple[int, str], Future[_Outcome]] = {}
        self._say = WarnOnce("inspectiq.transports", "a cache failed; answers are asked for anew")

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Answers from the cache; asks the engine once for what is not kept."""
        key = request.make_content_key(self.profile.identity)
        place = os.getpid(), key
        while True:
            own: Future[_Outcome] = Future()
            own.set_running_or_notify_cancel()  # who stops waiting for it does not cancel it
            flight = self._flights.setdefault(place, own)  # atomic, so one of many leads
            if flight is own:
                return await self._lead(request, key, place)
            outcome = await self._follow(flight)
            if isinstance(outcome, VisionResponse):
                return _serve_hit(request, outcome)
            if outcome is not None:
                raise copy.copy(outcome)

    async def _lead(
        self, request: VisionRequest, key: str, place: tuple[int, str]
    ) -> VisionResponse:
        outcome: _Outcome = None
        try:
            outcome = await self._find_kept(request, key)
            if outcome is not None:
                return _serve_hit(request, outcome)
            # From here on it is the followers' as well, also if this call is cancelled.
            outcome = response = await self._ask(request)
            if not response.problems:
                await self._try(lambda: self._keep(key, response))
            return response
        except Exception as error:
            outcome = self._share_error(error)
            raise
        finally:
            self._flights.pop(place).set_result(outcome)  # first gone, so that nobody finds it

    async def _follow(self, flight: Future[_Outcome]) -> _Outcome:
        try:
            async with asyncio.timeout(get_current_run().get_remaining()) as clock:
                return await asyncio.wrap_future(flight)
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise ProviderTimeout(
                "the run's deadline passed while another call for the same content was in flight; "
                "allow a longer deadline",
                provider=self.profile.provider,
                attempts=0,
            ) from error

    async def _find_kept(self, request: VisionRequest, key: str) -> VisionResponse | None:
        """Finds a usable kept answer, with the usage that was paid; None if there is none."""
        if self._mode == "refresh":
            return None
        stored = await self._try(lambda: self._cache.get(key))
        if stored is None:
            return None
        try:
            response = check_response(request, VisionResponse.model_validate_json(stored))
        except (ValueError, InspectIQError):
            response = None
        if response is None or response.problems:
            await self._try(lambda: self._cache.delete(key))
            return None
        return response

    async def _ask(self, request: VisionRequest) -> VisionResponse:
        if self._mode == "only":
            raise TransportError(
                "no answer to this request is in the cache, and its mode 'only' never asks the "
                "engine; set the mode to 'use'",
                provider=self.profile.provider,
                attempts=0,
            )
        return check_response(request, await self.wrapped.send(request))

    async def _keep(self, key: str, response: VisionResponse) -> None:
        await self._cache.set(key, response.model_dump_json().encode(), ttl=self._ttl)

    def _share_error(self, error: Exception) -> InspectIQError | None:
        """Copies an error for those who wait for the same call; None if it is the caller's own."""
        if get_current_run().get_remaining() == 0:
            return None
        typed = (
            error
            if isinstance(error, InspectIQError)
            else wrap_untyped(error, self.profile.provider)
        )
        if typed.attempts == 0:
            return None
        shared = copy.copy(typed)  # without the traceback, which holds on to the leader's frames
        shared.usage, shared.attempts = None, 0
        return shared

    async def _try(self, operation: Callable[[], Awaitable[T]]) -> T | None:
        try:
            left = get_current_run().get_patience()
            async with asyncio.timeout(PATIENCE if left is None else min(PATIENCE, left)):
                return await operation()
        except Exception as error:
            # Whatever a cache raises, an inspection goes on without it.
            self._say(error, cache=type(self._cache).__name__)
            return None


def _serve_hit(request: VisionRequest, response: VisionResponse) -> VisionResponse:
    """Returns a kept answer without its usage, which was paid before, and tells of the hit."""
    get_current_run().tell(
        CacheHit,
        photo_ids=request.photo_ids,
        provider=response.engine.provider,
        model=response.engine.model,
        saved=response.usage,
    )
    # What the provider said of its rate limits then is no longer true.
    return response.model_copy(update={"usage": Usage(), "rate_headers": FrozenMap(), "raw": None})
