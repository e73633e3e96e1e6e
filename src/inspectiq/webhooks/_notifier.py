"""`WebhookNotifier`: results become webhooks that are kept until they are delivered."""

from __future__ import annotations

import asyncio
import math
import random as randomness
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn, Self

from inspectiq import _sync
from inspectiq._observers import Observers
from inspectiq._settings import Settings
from inspectiq._taking import choose, require
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._results import Result
from inspectiq.events import Observer
from inspectiq.net._net_policy import NetPolicy
from inspectiq.reports._brand import Brand
from inspectiq.webhooks._accepting import Acceptor, check_messages
from inspectiq.webhooks._attempting import DeliveryCounts, Probe
from inspectiq.webhooks._delivery import RETENTION, Delivery
from inspectiq.webhooks._endpoints import Endpoint, SecretSource, resolve_endpoints
from inspectiq.webhooks._messages import Message, Receipt, resolve_linker
from inspectiq.webhooks._operating import Operator, check_seconds
from inspectiq.webhooks._outbox import EndpointCounts, Outbox
from inspectiq.webhooks._pace import Pace
from inspectiq.webhooks._payload_forms import BodyForm
from inspectiq.webhooks._schedule import Clock, Schedule, resolve_clock
from inspectiq.webhooks._sending import HTTPWebhookTransport, WebhookTransport, resolve_transport
from inspectiq.webhooks._sqlite_outbox import resolve_outbox

__all__ = ["WebhookNotifier"]

GRACE = 5.0  # seconds that closing waits for what is under way; our assumption
LEAVING = (KeyboardInterrupt, asyncio.CancelledError)  # after which nobody waits for deliveries


@hide_locals
class WebhookNotifier:
    """Tells endpoints of results by webhooks, signed, at least once each.

        with WebhookNotifier("https://example.com/hooks", secret="whsec_...") as notifier:
            InspectionAgent("openai:gpt-6-luna", sinks=[notifier]).inspect("photos/")

    `notify` returns once the event is in the outbox, on the disk; from then on it is delivered,
    attempted on schedule, or a dead letter that can be replayed. It is delivered in the background
    of this process, on a thread of its own, or by whoever calls `deliver_due`, or by the command
    `python -m inspectiq webhooks deliver`; any number of them share an outbox. Closing it, as the
    end of a `with` does, first delivers what is due, for up to five seconds.

    For threads, loops and `fork`: a child has its own background. It does not pickle.

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
        policy: The hosts that the guard lets through.
        schedule: The waits between attempts.
        pace: How fast an endpoint is sent webhooks.
        retention: Seconds that delivered webhooks stay in the outbox, to be looked at and so that a
            repeated `notify` is known; None for ever. Dead letters stay until somebody acts.
        link: Makes the link of a result; `BACKEND_BASE_URL` with `/api/v1/inspections/ID` or
            `/api/v1/diagnoses/ID` if not given, and none without that.
        brand: Whose product the header `User-Agent` names, as the reports do.
        observers: Get the events of webhooks.
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
        retention: float | None = RETENTION,
        link: Callable[[Result], str | None] | None = None,
        brand: Brand | None = None,
        observers: Iterable[Observer] = (),
        background: bool = True,
        clock: Clock | None = None,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        settings = Settings.from_env()
        policy = NetPolicy.from_settings(settings) if policy is None else policy
        self.endpoints: dict[str, Endpoint] = resolve_endpoints(
            endpoints, settings, policy, secret=secret, events=events, body=body
        )
        self.schedule: Schedule = choose(schedule, Schedule, "schedule")
        self.pace: Pace = choose(pace, Pace, "pace")
        self._owns_transport = transport is None
        self.transport: WebhookTransport = resolve_transport(
            transport, policy, choose(brand, Brand, "brand").product
        )
        self._owns_outbox = not isinstance(outbox, Outbox)
        self.outbox: Outbox = resolve_outbox(outbox, settings)
        self._background = background
        require(background, bool, "background", "give True or False")
        self._clock = clock = resolve_clock(clock)
        link, emit = resolve_linker(link, settings), Observers(observers).emit
        self._acceptor = Acceptor(self.endpoints.values(), self.outbox, link, clock, emit)
        self._operator = Operator(self.outbox, self.endpoints, clock)
        self._delivery = Delivery(
            endpoints=self.endpoints,
            outbox=self.outbox,
            transport=self.transport,
            schedule=self.schedule,
            pace=self.pace,
            retention=None if retention is None else check_seconds("retention", retention),
            clock=clock,
            random=random,
            emit=emit,
        )

    # -- accepting -------------------------------------------------------------------------------

    def messages(self, result: Result) -> tuple[Message, ...]:
        """Builds the messages of a result for each endpoint, without storing them.

        For a host that keeps them in its own database, within the transaction that keeps the
        result; see the guide. A body that is over 256 kB in full is made thin and says so.

        Raises:
            DeliveryError: A body is over 256 kB even in its thin form.
            ConfigError: It is no result of an agent.
        """
        return self._acceptor.build(result)

    async def anotify(self, result: Result, /) -> tuple[Receipt, ...]:
        """Stores the messages of a result in the outbox; a repeated call adds nothing.

        Returns:
            One receipt for each event and endpoint that wants it.

        Raises:
            DeliveryError: It could not be kept, and nothing of it is; `reason` says why.
        """
        return await self.aenqueue(self.messages(result))

    async def aenqueue(self, messages: Sequence[Message], /) -> tuple[Receipt, ...]:
        """Stores messages that `messages` built, as `anotify` does.

        For a host that has kept them in its own database, within the transaction of the result,
        and hands them on afterwards, as often as it likes.

        Raises:
            DeliveryError: They could not be kept, and none of them is.
        """
        if not (checked := check_messages(messages)):
            return ()
        try:
            receipts = await self._acceptor.store(checked)
        except asyncio.CancelledError:
            self._start_background()  # it may be kept all the same
            raise
        self._start_background()
        return receipts

    def notify(self, result: Result, /) -> tuple[Receipt, ...]:
        """Stores the messages of a result; the sync twin of `anotify`."""
        return _sync.run(self.anotify(result))

    def enqueue(self, messages: Sequence[Message], /) -> tuple[Receipt, ...]:
        """Stores messages; the sync twin of `aenqueue`."""
        return _sync.run(self.aenqueue(messages))

    async def accept(self, result: Result, /) -> None:
        """Notifies, as a sink of an agent: an error becomes an event and fails no run."""
        await self.anotify(result)

    # -- delivering ------------------------------------------------------------------------------

    def start(self) -> None:
        """Delivers in the background until `close`; a second call starts no second background."""
        self._delivery.start()

    async def adeliver_due(self, timeout: float | None = None) -> DeliveryCounts:
        """Delivers due messages on this loop, until none is due; for cron, a queue, or tests.

        An endpoint whose circuit breaker is open is left alone.

        Args:
            timeout: Seconds after which it stops. An attempt under way is then cut off and given
                back, so that webhook may come twice. None for as long as it takes.

        Returns:
            What came of the attempts, and how many messages are left.

        Raises:
            ConfigError: The timeout is no number from 0.
            DeliveryError: The outbox cannot be used.
        """
        seconds = math.inf if timeout is None else check_seconds("timeout", timeout)
        try:
            return await self._delivery.deliver_due(seconds)
        finally:
            await self._close_connections()  # of a loop that may be gone before anyone closes this

    def deliver_due(self, timeout: float | None = None) -> DeliveryCounts:
        """Delivers due messages; the sync twin of `adeliver_due`."""
        return _sync.run(self.adeliver_due(timeout))

    async def atest(self, endpoint: str | None = None) -> tuple[Probe, ...]:
        """Sends a `webhook.test` to one endpoint or to all, once, without the outbox.

        Raises:
            ConfigError: There is no such endpoint.
        """
        try:
            return await self._delivery.probe(endpoint)
        finally:
            await self._close_connections()

    def test(self, endpoint: str | None = None) -> tuple[Probe, ...]:
        """Sends a `webhook.test`; the sync twin of `atest`."""
        return _sync.run(self.atest(endpoint))

    async def astats(self) -> tuple[EndpointCounts, ...]:
        """Counts what waits, was delivered and was given up, as `webhooks stats` prints it."""
        return await self._operator.count()

    def stats(self) -> tuple[EndpointCounts, ...]:
        """Counts what is in the outbox; the sync twin of `astats`."""
        return _sync.run(self.astats())

    async def areplay(
        self, *, ids: Iterable[str] | None = None, endpoint: str | None = None
    ) -> int:
        """Sends dead letters again, with the same ids and bodies and all attempts anew.

        Args:
            ids: Which; also such as were delivered. None for all dead letters.
            endpoint: Only those of this endpoint.

        Returns:
            How many.

        Raises:
            ConfigError: An id or the endpoint is not known; then nothing is sent again.
        """
        count = await self._operator.replay(ids=ids, endpoint=endpoint)
        self._resume(endpoint)
        return count

    def replay(self, *, ids: Iterable[str] | None = None, endpoint: str | None = None) -> int:
        """Sends dead letters again; the sync twin of `areplay`."""
        return _sync.run(self.areplay(ids=ids, endpoint=endpoint))

    async def adisable(self, endpoint: str, reason: str = "by hand") -> None:
        """Parks the messages for an endpoint until it is enabled.

        Raises:
            ConfigError: It is neither one of these nor has the outbox anything for it.
        """
        await self._operator.disable(endpoint, reason)

    def disable(self, endpoint: str, reason: str = "by hand") -> None:
        """Parks the messages for an endpoint; the sync twin of `adisable`."""
        _sync.run(self.adisable(endpoint, reason))

    async def aenable(self, endpoint: str) -> None:
        """Enables an endpoint again; its parked messages are due at once.

        Raises:
            ConfigError: It is neither one of these nor has the outbox anything for it.
        """
        await self._operator.enable(endpoint)
        self._resume(endpoint)

    def enable(self, endpoint: str) -> None:
        """Enables an endpoint again; the sync twin of `aenable`."""
        _sync.run(self.aenable(endpoint))

    async def aclose(self, grace: float = GRACE, *, drain: float | None = None) -> None:
        """Delivers what is due, waits for attempts under way, and gives the rest back.

        What is not delivered stays in the outbox, for the next process; a warning says how many.

        Args:
            grace: Seconds to wait for attempts under way, once nothing more is begun.
            drain: Seconds, before those, in which what is due is delivered, until nothing is. If
                not given, as many as `grace` where the background has begun; none with
                `background=False`, where delivering is somebody else's task.

        Raises:
            ConfigError: One of them is no number from 0.
        """
        check_seconds("grace", grace)
        if drain is None:
            drain = grace if self._background and self._delivery.has_background else 0.0
        await self._delivery.aclose(grace, check_seconds("drain", drain))
        await self._close_connections()
        if self._owns_outbox:
            await self.outbox.aclose()

    def close(self, grace: float = GRACE, *, drain: float | None = None) -> None:
        """Ends delivering; the sync twin of `aclose`."""
        _sync.run(self.aclose(grace, drain=drain))

    def __enter__(self) -> Self:
        self._start_background()
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        self.close(drain=0 if kind in LEAVING else None)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        await self.aclose(drain=0 if kind in LEAVING else None)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a WebhookNotifier holds live connections and does not pickle; make one in each "
            "process: they share the outbox"
        )

    def __repr__(self) -> str:
        return f"<WebhookNotifier {', '.join(self.endpoints)}>"

    def _start_background(self) -> None:
        if self._background:
            self.start()

    def _resume(self, endpoint: str | None) -> None:
        """Closes the breaker of an endpoint, or of all, and delivers at once."""
        self._delivery.close_breakers(endpoint)
        self._start_background()

    async def _close_connections(self) -> None:
        if self._owns_transport and isinstance(self.transport, HTTPWebhookTransport):
            await self.transport.aclose()
