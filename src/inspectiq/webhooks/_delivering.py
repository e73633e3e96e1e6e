"""Takes messages from the outbox to their endpoints, fairly and within bounds."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from inspectiq._log import WarnOnce
from inspectiq.events import Event, WebhooksPending
from inspectiq.webhooks._attempting import Sender
from inspectiq.webhooks._breaker import Breaker
from inspectiq.webhooks._clock import Clock
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._messages import Lease
from inspectiq.webhooks._outbox import Outbox
from inspectiq.webhooks._pace import Lane, Pace
from inspectiq.webhooks._settling import DeliveryCounts, OutcomeRecorder

__all__ = ["KEEP", "Deliverer"]

T = TypeVar("T")

POLL = 5.0  # seconds until a worker looks for what other processes accepted; our assumption
TELL = 60.0  # seconds between reports on the queues; our assumption
SETTLE_TRIES = 3  # each waits for a locked outbox as long as that does; our assumption
TIDY = 3600.0  # seconds between purges; our assumption

KEEP = 30 * 86_400.0  # seconds that delivered messages are kept, to be looked at; our assumption


class Deliverer:
    """Delivers what is due for the endpoints that it knows. One loop runs it at a time."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        endpoints: Mapping[str, Endpoint],
        breakers: Mapping[str, Breaker],
        sender: Sender,
        settler: OutcomeRecorder,
        pace: Pace,
        keep: float | None,
        clock: Clock,
        emit: Callable[[Event], None],
    ) -> None:
        self._outbox, self._sender, self._recorder = outbox, sender, settler
        self._pace, self._keep, self._clock, self._emit = pace, keep, clock, emit
        now = clock.monotonic()
        self._lanes = {
            key: Lane(endpoint, pace, breakers[key], now) for key, endpoint in endpoints.items()
        }
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, Lease] = {}  # what is neither settled nor given back
        self._wake = asyncio.Event()
        self._stopping, self._grace = False, 0.0
        self._say = WarnOnce("inspectiq.webhooks", "the outbox cannot be used; it is tried again")

    # -- the loop --------------------------------------------------------------------------------

    async def until_idle(self) -> DeliveryCounts:
        """Delivers until nothing is due that may be attempted now."""
        async with self._ending():
            await self._tidy()
            while not self._stopping:
                if await self._claim() or self._tasks:
                    await self._pause(None)
                elif (wait := await self._until_token()) is not None:
                    await self._pause(wait)
                else:
                    break
        return self._recorder.done

    async def for_ever(self) -> None:
        """Delivers until it is stopped; an outbox that cannot be used is tried again."""
        told = tidied = -math.inf
        async with self._ending():
            while not self._stopping:
                try:
                    claimed = await self._claim()
                    now = self._clock.monotonic()
                    if now - told >= TELL:
                        told = now
                        await self._tell_counts()
                    if now - tidied >= TIDY:
                        tidied = now
                        await self._tidy()
                    wait = POLL if claimed else await self._until_due()
                except Exception as error:  # a host's outbox raises what it likes
                    self._say(error)
                    wait = POLL
                await self._pause(wait)

    def wake(self) -> None:
        """Looks at the outbox now; from its own loop only."""
        self._wake.set()

    def stop(self, grace: float) -> None:
        """Claims nothing more, and ends within so many seconds; from its own loop only."""
        self._stopping, self._grace = True, grace
        self._wake.set()

    @asynccontextmanager
    async def _ending(self) -> AsyncIterator[None]:
        """Lets attempts end while there is grace; cuts off the others, which are given back."""
        try:
            yield
            if self._tasks and self._grace > 0:
                await asyncio.wait(self._tasks, timeout=self._grace)
        finally:
            for task in self._tasks:
                task.cancel()
            await _through(self._give_back())

    async def _pause(self, seconds: float | None) -> None:
        """Until an attempt ends, somebody wakes it, or the time is over."""
        waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._wake.wait()), *self._tasks}
        if seconds is not None:
            waits.add(asyncio.ensure_future(self._clock.sleep(max(0.0, seconds))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits - self._tasks:
                wait.cancel()
        self._wake.clear()

    async def _until_token(self) -> float | None:
        """Seconds until what is due may be attempted that is held up by its pace only."""
        now, waits = self._clock.monotonic(), []
        for key, lane in self._lanes.items():
            if lane.breaker.allowance(now) and not lane.bucket.available(now):
                due = await self._outbox.next_due((key,))
                if due is not None and due <= self._clock.time():
                    waits.append(lane.bucket.next_token())
        return min(waits, default=None)

    async def _until_due(self) -> float:
        now = self._clock.monotonic()
        free = [key for key, lane in self._lanes.items() if lane.room(now)]
        due = await self._outbox.next_due(free)
        waits = [POLL]
        waits += [] if due is None else [due - self._clock.time()]
        waits += [
            max(lane.breaker.next_probe(now), lane.bucket.next_token())
            for lane in self._lanes.values()
            if not lane.busy and not lane.room(now)
        ]
        return max(0.0, min(waits))

    async def _claim(self) -> int:
        now = self._clock.monotonic()
        wanted = {key: room for key, lane in self._lanes.items() if (room := lane.room(now))}
        if not wanted:
            return 0
        claiming = asyncio.ensure_future(
            self._outbox.claim(wanted, now=self._clock.time(), lease=self._pace.lease)
        )
        try:
            leases = await _through(claiming)
        except asyncio.CancelledError:
            if not claiming.cancelled() and claiming.exception() is None:
                self._hold(claiming.result())
            raise
        self._hold(leases)
        for lease in leases:
            lane = self._lanes[lease.message.endpoint]
            lane.began()
            task = asyncio.get_running_loop().create_task(self._attempt(lane, lease))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(leases)

    def _hold(self, leases: Iterable[Lease]) -> None:
        self._held.update((lease.message.id, lease) for lease in leases)

    # -- one attempt -----------------------------------------------------------------------------

    async def _attempt(self, lane: Lane, lease: Lease) -> None:
        begun = self._clock.monotonic()
        try:
            verdict = await self._sender.attempt(
                lane.endpoint, lease.message, number=lease.attempts + 1
            )
        except BaseException:
            lane.breaker.broken_off()
            raise
        finally:
            lane.busy -= 1
        now = self._clock.monotonic()
        lane.breaker.ended(delivered=verdict.delivered, now=now)
        for _ in range(SETTLE_TRIES):
            try:
                await _through(self._recorder.record(lease, verdict, now - begun))
            except Exception as error:
                self._say(error)  # at worst its lease runs out, and it comes again by the same id
            else:
                self._held.pop(lease.message.id, None)
                return

    async def _give_back(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)
        leases = tuple(self._held.values())
        self._held.clear()
        if leases:
            try:
                await self._outbox.release(leases, now=self._clock.time())
            except Exception as error:
                self._say(error)  # they run out by themselves

    async def _tidy(self) -> None:
        if self._keep is not None:
            await self._outbox.purge("delivered", before=self._clock.time() - self._keep)

    async def _tell_counts(self) -> None:
        now = self._clock.time()
        for counted in await self._outbox.counts(now=now):
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


async def _through(work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """Sees work to its end even if the caller is cancelled meanwhile; then it is cancelled."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except Exception:
            break
    if cancelled:
        raise asyncio.CancelledError
    return task.result()
