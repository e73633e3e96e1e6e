"""How long an agent's connections live: it closes what it made itself, and can be opened again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn, Self

from inspectiq import _sync
from inspectiq._tracebacks import hide_locals
from inspectiq.transports._base import Transport, aclose

if TYPE_CHECKING:
    from inspectiq.transports._stores import Cache

__all__ = ["AgentLife"]


@hide_locals
class AgentLife:
    """Closes an agent's engine and cache, where the agent made them; base of `Agent`."""

    _cache: Cache | None
    _owned: tuple[Transport, ...]
    _owns_cache: bool

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
