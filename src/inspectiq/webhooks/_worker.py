"""Takes due messages from the outbox to their endpoints, fairly and within bounds."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from typing import Any

from inspectiq import _sync
from inspectiq._finishing import finish
from inspectiq._log import WarnOnce
from inspectiq.events import Event, WebhooksPending
from inspectiq.webhooks._attempting import DeliveryCounts, OutcomeRecorder, Sender
from inspectiq.webhooks._outbox import Lease, Outbox
from inspectiq.webhooks._pace import Lane

__all__ = ["Worker"]

POLL = 5.0  # seconds until a worker looks for what other processes accepted; our assumption
TELL = 60.0  # seconds between reports on the queues; our assumption
RECORD_TRIES = 3  # each waits for a locked outbox as long as that does; our assumption
TIDY = 3600.0  # seconds between purges; our assumption


class Worker:
    """Delivers due messages to the endpoints that it knows, on one loop of one process.

    Args:
        outbox: Where the messages wait.
        lanes: The endpoints, by key.
        sender: Makes the attempts.
        recorder: Records their outcomes.
        lease: Seconds that a claim holds.
        retention: Seconds that delivered messages stay; None for ever.
        emit: Gets events on the state of the queues.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        lanes: Mapping[str, Lane],
        sender: Sender,
        recorder: OutcomeRecorder,
        lease: float,
        retention: float | None,
        emit: Callable[[Event], None],
    ) -> None:
        self.pid = os.getpid()
        self._outbox, self._lanes = outbox, lanes
        self._sender, self._recorder, self._clock = sender, recorder, sender.clock
        self._lease, self._retention, self._emit = lease, retention, emit
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, Lease] = {}  # neither recorded nor given back
        self._loop: asyncio.AbstractEventLoop | None = None
        self._future: Future[None] | None = None  # of what runs in the background
        self._wake, self._done = asyncio.Event(), asyncio.Event()
        self._closed, self._stopping, self._grace = False, False, 0.0
        self._until: float | None = None  # on its clock; None for as long as nobody closes it
        self._told = self._tidied = -math.inf
        self._warn = WarnOnce("inspectiq.webhooks", "the outbox cannot be used; it is tried again")

    # -- from any thread and loop ----------------------------------------------------------------

    @property
    def runs_in_background(self) -> bool:
        """Whether it delivers in the background of this process, and goes on."""
        if self._future is None or self.pid != os.getpid():
            return False
        return not (self._closed or self._future.done())

    def run_in_background(self, on_end: Callable[[Worker], None]) -> None:
        """Delivers on the loop of the sync methods until it is closed."""
        self._future = _sync.start(self._run())
        self._future.add_done_callback(lambda _: on_end(self))

    def wake(self) -> None:
        """Makes the worker look at the outbox now."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def aclose(self, grace: float, drain: float) -> None:
        """Delivers what is due for so many seconds, then claims nothing more, and ends.

        Args:
            grace: Seconds that it waits for attempts under way, after those.
            drain: Seconds in which it goes on until nothing is due.
        """
        self._closed = True
        if self._loop is not None:
            if not self._loop.is_running():
                return  # its loop took it along
            ending = asyncio.run_coroutine_threadsafe(self._end(grace, drain), self._loop)
        elif self._future is not None:
            ending = _sync.start(self._end(grace, drain))  # there it is about to begin
        else:
            self._stop(grace)  # it has not begun, and will end at once
            return
        await asyncio.shield(asyncio.wrap_future(ending))

    # -- the loop --------------------------------------------------------------------------------

    async def deliver_due(self, timeout: float) -> DeliveryCounts:
        """Delivers until nothing is due that may be attempted now, or so many seconds are over."""
        self._until = self._clock.monotonic() + timeout
        timer = None
        if timeout < math.inf:
            timer = asyncio.get_running_loop().call_later(timeout, self._stop, 0.0)
        try:
            await self._run()
        finally:
            if timer is not None:
                timer.cancel()
        return self._recorder.counts

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._deliver()
        finally:
            self._done.set()

    async def _deliver(self) -> None:
        in_background = self._future is not None
        async with self._end_attempts():
            if not in_background:
                await self._tidy()
            while not self._stopping:
                try:
                    wait = await self._take_turn()
                except Exception as error:  # a host's outbox raises what it likes
                    if not in_background:
                        raise
                    self._warn(error)
                    wait = POLL
                    self._stopping = self._until is not None
                if not self._stopping:
                    await self._pause(wait)
        if not in_background:
            self._recorder.counts.left = await self._count_left()

    async def _take_turn(self) -> float | None:
        """Begins the attempts that may begin; finds the seconds until the next turn.

        Returns:
            None where it comes once an attempt ends.
        """
        until = self._until  # before it claims: what came since then is claimed in another turn
        claimed = await self._claim()
        if until is not None:
            return None if claimed or self._tasks else await self._find_last_wait(until)
        now = self._clock.monotonic()
        if now - self._told >= TELL:
            self._told = now
            await self._tell_counts()
        if now - self._tidied >= TIDY:
            self._tidied = now
            await self._tidy()
        return POLL if claimed else await self._find_wait()

    @asynccontextmanager
    async def _end_attempts(self) -> AsyncIterator[None]:
        """Lets attempts end while there is grace; cuts off the others, which are given back."""
        try:
            yield
            if self._tasks and self._grace > 0:
                await asyncio.wait(self._tasks, timeout=self._grace)
        finally:
            for task in self._tasks:
                task.cancel()
            await finish(self._give_back())

    async def _pause(self, seconds: float | None) -> None:
        """Waits until an attempt ends, somebody wakes it, or the time is over."""
        waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._wake.wait()), *self._tasks}
        if seconds is not None:
            waits.add(asyncio.ensure_future(self._clock.sleep(max(0.0, seconds))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits - self._tasks:
                wait.cancel()
        self._wake.clear()

    def _stop(self, grace: float) -> None:
        self._stopping, self._grace = True, grace
        self._wake.set()

    async def _end(self, grace: float, drain: float) -> None:
        if drain > 0:
            self._until = self._clock.monotonic() + drain
            self._wake.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(drain):
                    await self._done.wait()
        self._stop(grace)
        await self._done.wait()

    # -- what is due -----------------------------------------------------------------------------

    async def _find_last_wait(self, until: float) -> float:
        """Finds the seconds until a message that is due may be attempted; stops without one."""
        wait = await self._find_token_wait()
        if wait is None or self._clock.monotonic() + wait > until:
            self._stop(0.0)
            return 0.0
        return wait

    async def _find_token_wait(self) -> float | None:
        """Finds the seconds until messages that only the rate holds up may be attempted."""
        now, waits = self._clock.monotonic(), []
        for key, lane in self._lanes.items():
            if lane.lacks_token(now):
                due = await self._outbox.find_next_due((key,))
                if due is not None and due <= self._clock.time():
                    waits.append(lane.compute_wait(now))
        return min(waits, default=None)

    async def _find_wait(self) -> float:
        """Finds the seconds until an attempt may begin, or the outbox is worth a look."""
        now = self._clock.monotonic()
        free = [key for key, lane in self._lanes.items() if lane.count_allowed(now)]
        due = await self._outbox.find_next_due(free)
        waits = [POLL]
        waits += [] if due is None else [due - self._clock.time()]
        waits += [
            lane.compute_wait(now)
            for lane in self._lanes.values()
            if not lane.in_flight and not lane.count_allowed(now)
        ]
        return max(0.0, min(waits))

    async def _claim(self) -> int:
        """Claims messages that may be attempted now and begins; returns how many attempts."""
        now = self._clock.monotonic()
        wanted = {key: n for key, lane in self._lanes.items() if (n := lane.count_allowed(now))}
        if not wanted:
            return 0
        claiming = asyncio.ensure_future(
            self._outbox.claim(wanted, now=self._clock.time(), lease=self._lease)
        )
        try:
            leases = await finish(claiming)
        except asyncio.CancelledError:
            if not claiming.cancelled() and claiming.exception() is None:
                self._hold(claiming.result())
            raise
        self._hold(leases)
        for lease in leases:
            lane = self._lanes[lease.message.endpoint]
            lane.begin()
            task = asyncio.get_running_loop().create_task(self._attempt(lane, lease))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(leases)

    def _hold(self, leases: Iterable[Lease]) -> None:
        self._held.update((lease.message.id, lease) for lease in leases)

    async def _give_back(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)
        leases = tuple(self._held.values())
        self._held.clear()
        if leases:
            try:
                await self._outbox.release(leases, now=self._clock.time())
            except Exception as error:
                self._warn(error)  # they run out by themselves

    # -- one attempt -----------------------------------------------------------------------------

    async def _attempt(self, lane: Lane, lease: Lease) -> None:
        begun = self._clock.monotonic()
        delivered = None
        try:
            answer = await self._sender.attempt(
                lane.endpoint, lease.message, number=lease.attempts + 1
            )
            delivered = answer.delivered
        finally:
            now = self._clock.monotonic()
            lane.end(delivered=delivered, now=now)
        for _ in range(RECORD_TRIES):
            try:
                await finish(self._recorder.record(lease, answer, now - begun))
            except Exception as error:
                self._warn(error)  # at worst its lease runs out, and it comes again by the same id
            else:
                self._held.pop(lease.message.id, None)
                return

    # -- housekeeping ----------------------------------------------------------------------------

    async def _tidy(self) -> None:
        """Deletes messages that were delivered long ago."""
        if self._retention is not None:
            await self._outbox.purge("delivered", before=self._clock.time() - self._retention)

    async def _count_left(self) -> int:
        counts = await self._outbox.count(now=self._clock.time())
        return sum(counted.pending for counted in counts if counted.endpoint in self._lanes)

    async def _tell_counts(self) -> None:
        now = self._clock.time()
        for counted in await self._outbox.count(now=now):
            if counted.endpoint in self._lanes:
                oldest = counted.oldest_pending
                self._emit(
                    WebhooksPending(
                        case_id="",
                        endpoint=counted.endpoint,
                        pending=counted.pending,
                        oldest_seconds=0.0 if oldest is None else max(0.0, now - oldest),
                        dead=counted.dead,
                        disabled=counted.disabled,
                    )
                )
