"""Delivers for one notifier: in the background of its process, or while a caller waits."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping

from inspectiq._fork import ForkLock
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
        self._clock, self._random, self._emit = clock, random, emit
        self._sender = Sender(transport, clock, pace.timeout)
        self._breakers = {key: Breaker(pace.failures, pace.rest) for key in endpoints}
        self._lock = ForkLock()
        self._workers: set[Worker] = set()

    def start(self) -> None:
        """Starts the background worker, or wakes it where it runs already."""
        with self._lock:
            running = next((one for one in self._workers if one.runs_in_background), None)
            if running is None:
                worker = self._add_worker()
                worker.run_in_background(self._forget)
                return
        running.wake()

    async def deliver_due(self) -> DeliveryCounts:
        """Delivers due messages on this loop, until none is due."""
        worker = self._add_worker()
        try:
            return await worker.deliver_due()
        finally:
            self._forget(worker)

    async def probe(self, endpoints: Iterable[Endpoint]) -> tuple[Probe, ...]:
        """Sends each of these endpoints a test directly, without the outbox."""
        probes = (probe_endpoint(self._sender, endpoint) for endpoint in endpoints)
        return tuple(await asyncio.gather(*probes))

    def close_breakers(self, endpoint: str | None) -> None:
        """Closes the breaker of an endpoint, or of all: somebody says that it works again."""
        for key, breaker in self._breakers.items():
            if endpoint in (None, key):
                breaker.close()

    async def aclose(self, grace: float) -> None:
        """Ends the workers of this process within so many seconds."""
        with self._lock:
            workers = [one for one in self._workers if one.pid == os.getpid()]
        await asyncio.gather(*(worker.aclose(grace) for worker in workers))

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
