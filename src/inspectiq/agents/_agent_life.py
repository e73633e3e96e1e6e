"""An agent's connections: whether a call would work, and closing what the agent made itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn, Self

from inspectiq import _sync
from inspectiq._tracebacks import hide_locals
from inspectiq.transports._base import Transport, aclose, check_transport
from inspectiq.transports._health import EngineHealth

if TYPE_CHECKING:
    from inspectiq.transports._stores import Cache

__all__ = ["AgentLife"]


@hide_locals
class AgentLife:
    """Checks an agent's engines, and closes what the agent made itself; base of `Agent`."""

    _cache: Cache | None
    _owned: tuple[Transport, ...]
    _owns_cache: bool
    _stacks: tuple[Transport, ...]

    async def acheck(self) -> EngineHealth:
        """Checks whether a call would work now: the key, the model, the limits. Live, and cheap.

        With another engine for a second look both are checked, and the one that would not work is
        told of.
        """
        found = [await check_transport(transport) for transport in self._stacks]
        return next((health for health in found if health.ok is False), found[0])

    def check(self) -> EngineHealth:
        """Sync twin of `acheck`."""
        return _sync.run(self.acheck())

    async def aclose(self) -> None:
        """Closes an engine given by name and a cache given by path; the next run reopens them."""
        for transport in self._owned:
            await aclose(transport)
        if self._owns_cache:
            await aclose(self._cache)

    def close(self) -> None:
        """Sync twin of `aclose`."""
        _sync.run(self.aclose())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncIterator[None]:
        """Closes the agent when an ASGI host shuts down: `FastAPI(lifespan=agent.lifespan)`."""
        async with self:
            yield

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} holds live connections and does not pickle; "
            "make one in each process and pass cases and results between them"
        )
