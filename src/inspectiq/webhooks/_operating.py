"""Looks after an outbox for a person, who may mistype a name, an id or a number."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Any

from inspectiq._taking import require, require_all
from inspectiq._text import replace_surrogates
from inspectiq.errors import ConfigError
from inspectiq.webhooks._outbox import DeliveryRecord, EndpointCounts, MessageState, Outbox
from inspectiq.webhooks._schedule import Clock

__all__ = ["Operator", "check_seconds"]

DAY = 86_400.0  # seconds
_CHOICES = "give the name of one, as `webhooks stats` lists them"
MOST = 1_000_000_000  # records; a larger number is one that no database takes


class Operator:
    """Counts, lists, replays, parks and forgets what is in an outbox; refuses what is not known.

    Args:
        outbox: What it looks after.
        endpoints: Names that are known although the outbox may have nothing for them.
        clock: Reads the time.
    """

    def __init__(self, outbox: Outbox, endpoints: Collection[str], clock: Clock) -> None:
        self._outbox, self._endpoints, self._clock = outbox, endpoints, clock

    async def count(self) -> tuple[EndpointCounts, ...]:
        """Counts what waits, was delivered and was given up, by endpoint."""
        return await self._outbox.count(now=self._clock.time())

    async def list_records(
        self, *, state: MessageState | None, endpoint: str | None, limit: int
    ) -> tuple[DeliveryRecord, ...]:
        """Lists messages and how far they have come, the oldest first.

        Raises:
            ConfigError: The endpoint is not known, or the limit is below 1.
        """
        if limit < 1:
            raise ConfigError(f"the limit is {limit}; give a whole number from 1")
        await self._require_endpoint(endpoint)
        return await self._outbox.list_records(
            state=state, endpoint=endpoint, limit=min(limit, MOST), now=self._clock.time()
        )

    async def read_body(self, id: str) -> bytes:
        """Reads the body of a message.

        Raises:
            ConfigError: The outbox has none of this id.
        """
        body = await self._outbox.read_body(id) if id.isascii() else None  # as all ids are
        if body is None:
            raise ConfigError(f"there is no webhook {id!r} in the outbox; `webhooks list` has ids")
        return body

    async def replay(self, *, ids: Iterable[str] | None, endpoint: str | None) -> int:
        """Makes dead letters due again, or those of these ids; returns how many.

        Raises:
            ConfigError: An id or the endpoint is not known; nothing is due again.
        """
        await self._require_endpoint(endpoint)
        choices = "give a list of ids; `webhooks list` has them"
        chosen = None if ids is None else require_all(ids, "ids", choices)
        for id in chosen or ():
            require(id, str, "ids", choices)
            await self.read_body(id)
        return await self._outbox.replay(ids=chosen, endpoint=endpoint, now=self._clock.time())

    async def disable(self, endpoint: str, reason: str) -> None:
        """Parks the messages for an endpoint.

        Raises:
            ConfigError: The endpoint is not known, or there is no reason.
        """
        require(reason, str, "reason", "say why, for whoever looks at it")
        require(endpoint, str, "endpoint", _CHOICES)
        if not reason.strip():
            raise ConfigError("the reason is empty; say why, for whoever looks at it")
        await self._require_endpoint(endpoint)
        await self._outbox.disable(endpoint, replace_surrogates(reason), now=self._clock.time())

    async def enable(self, endpoint: str) -> None:
        """Enables an endpoint again; its parked messages are due at once.

        Raises:
            ConfigError: The endpoint is not known.
        """
        require(endpoint, str, "endpoint", _CHOICES)
        await self._require_endpoint(endpoint)
        await self._outbox.enable(endpoint, now=self._clock.time())

    async def purge(self, state: MessageState, *, days: float) -> int:
        """Deletes messages that were delivered or given up more than so many days ago.

        Raises:
            ConfigError: The days are no number from 0.
        """
        if not 0 <= days < math.inf:
            raise ConfigError(f"the days are {days:g}; give a number from 0, such as 30")
        return await self._outbox.purge(state, before=self._clock.time() - days * DAY)

    async def _require_endpoint(self, name: str | None) -> None:
        """Raises where an endpoint is neither configured nor in the outbox."""
        if name is None:
            return
        require(name, str, "endpoint", _CHOICES)
        if name in self._endpoints:
            return
        known = dict.fromkeys([*self._endpoints, *(one.endpoint for one in await self.count())])
        if name not in known:
            raise ConfigError(
                f"there is no endpoint {name!r}; there are {', '.join(known) or 'none'}"
            )


def check_seconds(what: str, seconds: Any) -> float:
    """Checks seconds that somebody gave; infinity is for as long as it takes.

    Raises:
        ConfigError: They are no number from 0.
    """
    if (
        isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0
    ):  # NaN is not
        raise ConfigError(f"{what} is {seconds!r}; give seconds, a number from 0")
    return float(seconds)
