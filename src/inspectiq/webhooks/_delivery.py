"""Delivers for one notifier: in the background of its process, or while a caller waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping

from inspectiq._fork import ForkLock
from inspectiq._log import WarnOnce, get_logger
from inspectiq._taking import require, require_function
from inspectiq.errors import ConfigError
from inspectiq.events import Event
from inspectiq.webhooks._attempting import (
    DeliveryCounts,
    OutcomeRecorder,
    Probe,
    Sender,
    probe_endpoint,
)
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._outbox import Outbox
from inspectiq.webhooks._pace import Breaker, Lane, Pace
from inspectiq.webhooks._schedule import Clock, Schedule
from inspectiq.webhooks._sending import WebhookTransport
from inspectiq.webhooks._worker import Worker

__all__ = ["RETENTION", "Delivery"]

RETENTION = 30 * 86_400.0  # seconds that delivered messages stay, to be looked at; our assumption


class Delivery:
    """Starts, wakes and closes the workers of a notifier; one at most is in the background.

    For threads, loops and processes: a child after `fork` starts a background of its own. For the
    arguments see `WebhookNotifier`.
    """

    def __init__(
        self,
        *,
        endpoints: Mapping[str, Endpoint],
        outbox: Outbox,
        transport: WebhookTransport,
        schedule: Schedule,
        pace: Pace,
        retention: float | None,
        clock: Clock,
        random: Callable[[], float],
        emit: Callable[[Event], None],
    ) -> None:
        self._endpoints, self._outbox = endpoints, outbox
        self._schedule, self._pace, self._retention = schedule, pace, retention
        self._clock, self._emit = clock, emit
        self._random = require_function(random, "random", "give one that returns numbers 0 to 1")
        self._sender = Sender(transport, clock, pace.timeout)
        self._breakers = {key: Breaker(pace.failures, pace.rest) for key in endpoints}
        self._lock = ForkLock()
        self._workers: set[Worker] = set()
        self._warn = WarnOnce("inspectiq.webhooks", "the outbox cannot be used while it is closed")

    @property
    def has_background(self) -> bool:
        """Whether a worker runs in the background of this process."""
        with self._lock:
            return self._find_background() is not None

    def start(self) -> None:
        """Starts the background worker, or wakes it where it runs already."""
        with self._lock:
            running = self._find_background()
            if running is None:
                worker = self._add_worker()
                worker.run_in_background(self._forget)
                return
        running.wake()

    async def deliver_due(self, timeout: float) -> DeliveryCounts:
        """Delivers due messages on this loop, until none is due or so many seconds are over."""
        worker = self._add_worker()
        try:
            return await worker.deliver_due(timeout)
        finally:
            self._forget(worker)

    async def probe(self, name: str | None) -> tuple[Probe, ...]:
        """Sends one endpoint, or each, a test directly, without the outbox.

        Raises:
            ConfigError: There is no endpoint of this name.
        """
        known = self._endpoints
        if name is not None:
            require(name, str, "endpoint", f"give one of {', '.join(known)}")
        if name is not None and name not in known:
            raise ConfigError(f"there is no endpoint {name!r}; there are {', '.join(known)}")
        chosen = known.values() if name is None else (known[name],)
        probes = (probe_endpoint(self._sender, endpoint) for endpoint in chosen)
        return tuple(await asyncio.gather(*probes))

    def close_breakers(self, endpoint: str | None) -> None:
        """Closes the breaker of an endpoint, or of all: somebody says that it works again."""
        for key, breaker in self._breakers.items():
            if endpoint in (None, key):
                breaker.close()

    async def aclose(self, grace: float, drain: float) -> None:
        """Delivers what is due for so many seconds, then ends the workers of this process.

        Args:
            grace: Seconds that attempts under way may still take.
            drain: Seconds for what is due; if they are above 0 and something is left, a warning
                says so.
        """
        with self._lock:
            workers = [one for one in self._workers if one.pid == os.getpid()]
        try:
            if drain > 0 and not self.has_background:
                await self.deliver_due(drain)
        except Exception as error:  # a host's outbox raises what it likes
            self._warn(error)
            drain = 0.0
        finally:
            await asyncio.gather(*(worker.aclose(grace, drain) for worker in workers))
        if drain > 0:
            await self._warn_of_rest()

    async def _warn_of_rest(self) -> None:
        try:
            counts = await self._outbox.count(now=self._clock.time())
        except Exception as error:
            self._warn(error)
            return
        left = sum(one.pending for one in counts if one.endpoint in self._endpoints)
        if left:
            get_logger("inspectiq.webhooks").warning(
                "webhooks are left in the outbox; the next process that delivers sends them",
                pending=left,
            )

    def _find_background(self) -> Worker | None:
        return next((one for one in self._workers if one.runs_in_background), None)

    def _add_worker(self) -> Worker:
        now = self._clock.monotonic()
        lanes = {
            key: Lane(endpoint, self._pace, self._breakers[key], now)
            for key, endpoint in self._endpoints.items()
        }
        worker = Worker(
            outbox=self._outbox,
            lanes=lanes,
            sender=self._sender,
            recorder=OutcomeRecorder(
                self._outbox, self._schedule, self._clock, self._random, self._emit
            ),
            lease=self._pace.lease,
            retention=self._retention,
            emit=self._emit,
        )
        with self._lock:
            self._workers.add(worker)
        return worker

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
