"""`WebhookNotifier`: results become webhooks that are kept until they are delivered."""

from __future__ import annotations

import asyncio
import os
import random as randomness
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, Self

from inspectiq import _sync
from inspectiq._fork import ForkLock
from inspectiq._log import get_logger
from inspectiq._observers import Observers
from inspectiq._settings import Settings
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError, DeliveryError
from inspectiq.events import Observer, WebhookAccepted
from inspectiq.net._net_policy import NetPolicy
from inspectiq.webhooks._attempting import Sender
from inspectiq.webhooks._breaker import Breaker
from inspectiq.webhooks._choosing import (
    make_linker,
    require_transport,
    resolve_endpoints,
    resolve_outbox,
)
from inspectiq.webhooks._clock import Clock, SystemClock
from inspectiq.webhooks._delivering import KEEP, Deliverer
from inspectiq.webhooks._endpoints import Endpoint, SecretSource
from inspectiq.webhooks._messages import Message, make_message_id
from inspectiq.webhooks._outbox import Outbox
from inspectiq.webhooks._pace import Pace
from inspectiq.webhooks._payloads import BodyForm, EventType, build_payload, list_event_types
from inspectiq.webhooks._schedule import Schedule
from inspectiq.webhooks._sending import HTTPWebhookTransport, WebhookTransport
from inspectiq.webhooks._settling import DeliveryCounts, OutcomeRecorder
from inspectiq.webhooks._trying import Probe, probe_endpoint
from inspectiq.webhooks._workers import Worker

__all__ = ["Receipt", "WebhookNotifier"]

# Bytes of a body. Standard Webhooks advises under 20 kB; the limit is our assumption.
LARGE, TOO_LARGE = 20 * 1024, 256 * 1024
GRACE = 5.0  # seconds that closing waits for what is under way; our assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A webhook is in the outbox.

    Attributes:
        id: The `webhook-id`.
        endpoint: Key of the endpoint.
        type: Of the event.
        new: False where it was accepted before; it is sent once all the same.
    """

    id: str
    endpoint: str
    type: EventType
    new: bool


class WebhookNotifier:
    """Tells endpoints of results, signed, at least once, and never in a hurry's favour.

        notifier = WebhookNotifier("https://example.com/hooks", secret="whsec_...")
        agent = InspectionAgent("openai:gpt-4.1", sinks=[notifier])

    `notify` returns once the event is in the outbox, on the disk; from then on it is delivered,
    attempted on schedule, or a dead letter that can be replayed. It is delivered in the background
    of this process, on a thread of its own, or by whoever calls `deliver_due`, or by the command
    `python -m inspectiq webhooks deliver`; any number of them share an outbox.

    For threads and any number of event loops. It survives `fork`: a child has its own background.
    It does not pickle.

    What is not given is taken from the environment, once, here; see `Settings`.

    Args:
        endpoints: A URL, an `Endpoint`, or several of either. None for those of the environment:
            `INSPECTION_WEBHOOK_URL` for inspections and `DIAGNOSIS_WEBHOOK_URL` for diagnoses, with
            the names `inspection` and `diagnosis`.
        secret: For endpoints that are given as a URL: one secret, several that are live, or a
            function that gives them.
        events: For endpoints that are given as a URL; see `Endpoint`.
        body: For endpoints that are given as a URL; see `Endpoint`.
        outbox: Where webhooks wait, or the path of an SQLite file; `INSPECTIQ_OUTBOX`, or
            `inspectiq-outbox.sqlite` in the working directory.
        transport: Sends them; by HTTP, through the guard, if not given.
        policy: What the guard lets through.
        schedule: The waits between attempts.
        pace: How much is asked of an endpoint.
        keep: Seconds that delivered webhooks stay in the outbox, to be looked at and so that a
            repeated `notify` is known; None for ever. Dead letters stay until somebody acts.
        link: Makes the link of a result; `BACKEND_BASE_URL` with `/api/v1/inspections/ID` or
            `/api/v1/diagnoses/ID` if not given, and none without that.
        observers: Told of what happens to webhooks.
        background: Whether to deliver in the background of this process.
        clock: Reads the time and waits.
        random: Gives numbers from 0 to 1, for the jitter.

    Raises:
        ConfigError: Something given, or a variable, cannot be used.
        UnsafeURL: An endpoint must not be posted to.
    """

    def __init__(
        self,
        endpoints: str | Endpoint | Iterable[str | Endpoint] | None = None,
        *,
        secret: SecretSource | None = None,
        events: Iterable[str] = ("*",),
        body: BodyForm = "full",
        outbox: Outbox | str | Path | None = None,
        transport: WebhookTransport | None = None,
        policy: NetPolicy | None = None,
        schedule: Schedule | None = None,
        pace: Pace | None = None,
        keep: float | None = KEEP,
        link: Callable[[Result], str | None] | None = None,
        observers: Iterable[Observer] = (),
        background: bool = True,
        clock: Clock | None = None,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        settings = Settings.from_env()
        policy = NetPolicy.from_settings(settings) if policy is None else policy
        if secret is None and settings.webhook_secret is not None:
            secret = tuple(settings.webhook_secret.get_secret_value().split(","))
        made = resolve_endpoints(endpoints, settings, secret, tuple(events), body)
        self.endpoints = {
            one.name: one.checked(policy, production=settings.production) for one in made
        }
        if len(self.endpoints) < len(made):
            raise ConfigError("two endpoints have the same name; give each a name of its own")
        self.schedule = schedule or Schedule()
        self.pace = pace or Pace()
        self._keep = keep
        self._owns_transport = transport is None
        self.transport: WebhookTransport = transport or HTTPWebhookTransport(policy)
        require_transport(self.transport)
        self._owns_outbox = not isinstance(outbox, Outbox)
        self.outbox = resolve_outbox(outbox, settings)
        self._link = link or make_linker(settings)
        self._observers = Observers(observers)
        self._background = background
        self._clock: Clock = clock or SystemClock()
        self._random = random
        self._breakers = {
            key: Breaker(self.pace.failures, self.pace.rest) for key in self.endpoints
        }
        self._lock = ForkLock()
        self._workers: set[Worker] = set()
        self._warned: set[str] = set()

    # -- accepting -------------------------------------------------------------------------------

    def messages(self, result: Result) -> tuple[Message, ...]:
        """What a result has to say to each endpoint, kept nowhere yet.

        For a host that keeps them in its own database, within the transaction that keeps the
        result; see the guide.

        Raises:
            DeliveryError: A body is over 256 kB.
            TypeError: It is no result of an agent.
        """
        now = datetime.fromtimestamp(self._clock.time(), UTC)
        link = self._link(result)
        bodies: dict[tuple[EventType, BodyForm], bytes] = {}
        made = []
        for type in list_event_types(result):
            for endpoint in self.endpoints.values():
                if not endpoint.wants(type, result):
                    continue
                form = (type, endpoint.body)
                if form not in bodies:
                    bodies[form] = build_payload(result, type, endpoint.body, link, now)
                made.append(
                    Message(
                        id=make_message_id(result.id, type, endpoint.name),
                        endpoint=endpoint.name,
                        type=type,
                        body=self._bounded(bodies[form], endpoint),
                        result_id=result.id,
                        case_id=result.case.id,
                        tags=result.case.tags,
                    )
                )
        return tuple(made)

    async def anotify(self, result: Result, /) -> tuple[Receipt, ...]:
        """Keeps what a result has to say, for good; a repeated call makes nothing new.

        Returns:
            One receipt for each event and endpoint that wants it.

        Raises:
            DeliveryError: It could not be kept, and nothing of it is; `reason` says why.
        """
        return await self.aenqueue(self.messages(result))

    async def aenqueue(self, messages: Sequence[Message], /) -> tuple[Receipt, ...]:
        """Keeps messages that `messages` made, as `anotify` does.

        For a host that has kept them in its own database, within the transaction of the result,
        and hands them on afterwards, as often as it likes.

        Raises:
            DeliveryError: They could not be kept, and none of them is.
        """
        if not messages:
            return ()
        try:
            news = await self.outbox.add(messages, now=self._clock.time())
        except asyncio.CancelledError:
            if self._background:
                self.start()  # it may be kept all the same
            raise
        for message, new in zip(messages, news, strict=True):
            if new:
                self._observers.emit(
                    WebhookAccepted(
                        case_id=message.case_id,
                        tags=message.tags,
                        webhook_id=message.id,
                        endpoint=message.endpoint,
                        type=message.type,
                        size=len(message.body),
                    )
                )
        if self._background:
            self.start()
        return tuple(
            Receipt(id=message.id, endpoint=message.endpoint, type=_type(message), new=new)
            for message, new in zip(messages, news, strict=True)
        )

    def notify(self, result: Result, /) -> tuple[Receipt, ...]:
        """Sync twin of `anotify`."""
        return _sync.run(self.anotify(result))

    def enqueue(self, messages: Sequence[Message], /) -> tuple[Receipt, ...]:
        """Sync twin of `aenqueue`."""
        return _sync.run(self.aenqueue(messages))

    async def accept(self, result: Result, /) -> None:
        """`anotify`, as a sink of an agent: what it raises is an event and fails no run."""
        await self.anotify(result)

    # -- delivering ------------------------------------------------------------------------------

    def start(self) -> None:
        """Delivers in the background of this process until `close`; there is one background."""
        with self._lock:
            own = [one for one in self._workers if one.background and one.pid == os.getpid()]
            running = next((one for one in own if not one.ended), None)
            if running is None:
                worker = Worker(self._deliverer(), background=True)
                self._workers.add(worker)
                worker.run_in_background(self._forget)
                return
        running.wake()

    async def adeliver_due(self) -> DeliveryCounts:
        """Delivers on this loop what is due, until nothing is; for cron, a queue, or tests.

        An endpoint whose circuit breaker is open is left alone.

        Raises:
            DeliveryError: The outbox cannot be used.
        """
        worker = Worker(self._deliverer(), background=False)
        with self._lock:
            self._workers.add(worker)
        try:
            return await worker.deliver_due()
        finally:
            self._forget(worker)
            await self._close_connections()  # of a loop that may be gone before anyone closes this

    def deliver_due(self) -> DeliveryCounts:
        """Sync twin of `adeliver_due`."""
        return _sync.run(self.adeliver_due())

    async def atest(self, endpoint: str | None = None) -> tuple[Probe, ...]:
        """Sends a `webhook.test` to one endpoint or to all, once, past the outbox.

        Raises:
            ConfigError: There is no such endpoint.
        """
        keys = tuple(self.endpoints) if endpoint is None else (self._key(endpoint),)
        sender = self._sender()
        try:
            return tuple(
                await asyncio.gather(*(probe_endpoint(sender, self.endpoints[key]) for key in keys))
            )
        finally:
            await self._close_connections()

    def test(self, endpoint: str | None = None) -> tuple[Probe, ...]:
        """Sync twin of `atest`."""
        return _sync.run(self.atest(endpoint))

    # -- operating -------------------------------------------------------------------------------

    async def areplay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None
    ) -> int:
        """Sends dead letters again, with the same ids and bodies and all attempts anew.

        Args:
            ids: Which; also such as were delivered. None for all dead letters.
            endpoint: Only those of this endpoint.

        Returns:
            How many.
        """
        count = await self.outbox.replay(ids=ids, endpoint=endpoint, now=self._clock.time())
        self._take_up(endpoint)
        return count

    def replay(self, *, ids: Iterable[str] | None = None, endpoint: str | None = None) -> int:
        """Sync twin of `areplay`."""
        return _sync.run(self.areplay(ids=ids, endpoint=endpoint))

    async def adisable(self, endpoint: str, reason: str = "by hand") -> None:
        """Parks what is for an endpoint; `enable` takes it up again."""
        await self.outbox.disable(self._key(endpoint), reason, now=self._clock.time())

    def disable(self, endpoint: str, reason: str = "by hand") -> None:
        """Sync twin of `adisable`."""
        _sync.run(self.adisable(endpoint, reason))

    async def aenable(self, endpoint: str) -> None:
        """Takes an endpoint up again; what was parked is due at once."""
        await self.outbox.enable(self._key(endpoint), now=self._clock.time())
        self._take_up(endpoint)

    def enable(self, endpoint: str) -> None:
        """Sync twin of `aenable`."""
        _sync.run(self.aenable(endpoint))

    # -- closing ---------------------------------------------------------------------------------

    async def aclose(self, grace: float = GRACE) -> None:
        """Claims nothing more, waits for what is under way, and gives the rest back.

        What is not delivered stays in the outbox, for the next process.

        Args:
            grace: Seconds to wait.
        """
        with self._lock:
            workers = [one for one in self._workers if one.pid == os.getpid()]
        await asyncio.gather(*(worker.aclose(grace) for worker in workers))
        await self._close_connections()
        if self._owns_outbox:
            await self.outbox.aclose()

    def close(self, grace: float = GRACE) -> None:
        """Sync twin of `aclose`."""
        _sync.run(self.aclose(grace))

    def __enter__(self) -> Self:
        if self._background:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a WebhookNotifier holds live connections and does not pickle; make one in each "
            "process: they share the outbox"
        )

    def __repr__(self) -> str:
        return f"<WebhookNotifier {', '.join(self.endpoints)}>"

    # -- parts -----------------------------------------------------------------------------------

    def _sender(self) -> Sender:
        return Sender(self.transport, self._clock, self.pace.timeout)

    def _deliverer(self) -> Deliverer:
        emit = self._observers.emit
        return Deliverer(
            outbox=self.outbox,
            endpoints=self.endpoints,
            breakers=self._breakers,
            sender=self._sender(),
            settler=OutcomeRecorder(self.outbox, self.schedule, self._clock, self._random, emit),
            pace=self.pace,
            keep=self._keep,
            clock=self._clock,
            emit=emit,
        )

    def _bounded(self, body: bytes, endpoint: Endpoint) -> bytes:
        if len(body) > TOO_LARGE:
            raise DeliveryError(
                f"a webhook for {endpoint.name} has {len(body):,} bytes, over {TOO_LARGE:,}; use "
                'Endpoint(body="thin"), whose receiver asks for the rest. Nothing was kept',
                reason="too_large",
            )
        if len(body) > LARGE and endpoint.name not in self._warned:
            self._warned.add(endpoint.name)
            get_logger("inspectiq.webhooks").warning(
                'webhooks are large; consider body="thin"', endpoint=endpoint.name, bytes=len(body)
            )
        return body

    async def _close_connections(self) -> None:
        if self._owns_transport and isinstance(self.transport, HTTPWebhookTransport):
            await self.transport.aclose()

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)

    def _take_up(self, endpoint: str | None) -> None:
        """Somebody says that it works again, so a circuit breaker need not wait."""
        for key, breaker in self._breakers.items():
            if endpoint in (None, key):
                breaker.close()
        if self._background:
            self.start()

    def _key(self, endpoint: str) -> str:
        if endpoint not in self.endpoints:
            raise ConfigError(
                f"there is no endpoint {endpoint!r}; there are {', '.join(self.endpoints)}"
            )
        return endpoint


def _type(message: Message) -> EventType:
    return message.type  # type: ignore[return-value]
