"""Makes one attempt at a webhook, judges the answer, and records the outcome."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from inspectiq._refusals import is_of_value
from inspectiq._retry_after import parse_retry_after
from inspectiq.errors import ConfigError, UnsafeURL
from inspectiq.events import (
    EndpointDisabled,
    Event,
    WebhookAttemptFailed,
    WebhookDeadLettered,
    WebhookDelivered,
    WebhookEvent,
)
from inspectiq.net._guarded_transport import is_tls_failure
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._messages import Message, make_message_id
from inspectiq.webhooks._outbox import AttemptOutcome, Lease, Outbox
from inspectiq.webhooks._payloads import build_test_payload
from inspectiq.webhooks._schedule import Clock, Schedule
from inspectiq.webhooks._sending import WebhookRequest, WebhookResponse, WebhookTransport
from inspectiq.webhooks._signing import sign_body

__all__ = [
    "DeliveryCounts",
    "EndpointAnswer",
    "OutcomeRecorder",
    "Probe",
    "Sender",
    "judge_error",
    "judge_response",
    "probe_endpoint",
]

GONE = 410
BUSY = frozenset({429, 503})
LIKELY_PERMANENT = frozenset({400, 401, 403, 404, GONE, 413, 422})


@dataclass(frozen=True, slots=True)
class Sender:
    """Signs messages and sends them, one attempt at a time.

    Attributes:
        transport: Sends them.
        clock: Dates their signatures.
        timeout: Seconds that one may take in all.
    """

    transport: WebhookTransport
    clock: Clock
    timeout: float

    async def attempt(self, endpoint: Endpoint, message: Message, number: int) -> EndpointAnswer:
        """Sends a message once, and judges what comes back."""
        try:
            async with asyncio.timeout(self.timeout):
                request = await self._sign(endpoint, message, number)
                response = await self.transport.send(request)
        except Exception as error:
            return judge_error(error)
        return judge_response(response, self.clock.time())

    async def _sign(self, endpoint: Endpoint, message: Message, number: int) -> WebhookRequest:
        now = int(self.clock.time())
        headers = {
            **endpoint.headers,
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
        }
        if keys := await endpoint.load_keys():
            headers["webhook-signature"] = sign_body(message.id, now, message.body, keys)
        return WebhookRequest(
            id=message.id,
            type=message.type,
            endpoint=endpoint.name,
            attempt=number,
            url=endpoint.url,
            headers=headers,
            body=message.body,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAnswer:
    """How an endpoint answered an attempt, by the rules of Standard Webhooks.

    Attributes:
        delivered: Whether the endpoint took it.
        reason: Why not, such as `http_500`.
        status_code: HTTP status, None where there was none.
        hopeless: Whether it becomes a dead letter at once.
        gone: Whether the endpoint is to be disabled.
        likely_permanent: Whether trying again is not likely to help.
        busy: Whether the endpoint needs a rest.
        retry_after: Seconds that it asked for.
    """

    delivered: bool = False
    reason: str = ""
    status_code: int | None = None
    hopeless: bool = False
    gone: bool = False
    likely_permanent: bool = False
    busy: bool = False
    retry_after: float | None = None


def judge_response(response: WebhookResponse | None, now: float) -> EndpointAnswer:
    """Judges an answer: 2xx is success, and nothing else is.

    Args:
        response: The answer; None where the webhook was taken without one.
        now: Seconds since the epoch, for a `Retry-After` that is a date.
    """
    if response is None:
        return EndpointAnswer(delivered=True)
    status = response.status_code
    if 200 <= status <= 299:
        return EndpointAnswer(delivered=True, status_code=status)
    return EndpointAnswer(
        reason=f"http_{status}",
        status_code=status,
        gone=status == GONE,
        likely_permanent=status in LIKELY_PERMANENT,
        busy=status in BUSY,
        retry_after=parse_retry_after(response.headers, now),
    )


def judge_error(error: Exception) -> EndpointAnswer:
    """Judges an attempt without an answer, by the error that ended it."""
    import httpx

    if isinstance(error, UnsafeURL):
        return EndpointAnswer(
            reason=f"unsafe_url_{error.reason}", hopeless=True, likely_permanent=True
        )
    if is_tls_failure(error):
        return EndpointAnswer(reason="tls", hopeless=True, likely_permanent=True)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return EndpointAnswer(reason="timeout", busy=True)
    if isinstance(error, ConfigError) and not is_of_value(error):
        return EndpointAnswer(reason="secret", likely_permanent=True)
    if isinstance(error, httpx.ConnectError):
        return EndpointAnswer(reason="connect")
    if isinstance(error, httpx.TransportError):
        return EndpointAnswer(reason="broken_off")
    return EndpointAnswer(reason=f"raised_{type(error).__name__}")


@dataclass(slots=True)
class DeliveryCounts:
    """Counts the outcomes of attempts: delivered, failed, given up; and what is left.

    Attributes:
        delivered: Attempts that endpoints accepted.
        failed: Attempts that will be made again.
        dead: Messages that were given up.
        left: Messages for these endpoints that still wait in the outbox: those that failed, those
            that are due later or parked, and those that the time did not suffice for.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    left: int = 0


class OutcomeRecorder:
    """Records outcomes of attempts in the outbox: delivered, retry or dead letter; emits events.

    Attributes:
        counts: The outcomes recorded so far.
    """

    def __init__(
        self,
        outbox: Outbox,
        schedule: Schedule,
        clock: Clock,
        random: Callable[[], float],
        emit: Callable[[Event], None],
    ) -> None:
        self._outbox, self._schedule, self._clock = outbox, schedule, clock
        self._random, self._emit = random, emit
        self.counts = DeliveryCounts()

    async def record(self, lease: Lease, answer: EndpointAnswer, seconds: float) -> None:
        """Records an attempt that took so many seconds; nothing where the lease was lost."""
        now = self._clock.time()
        if answer.gone:
            await self._outbox.disable(lease.message.endpoint, answer.reason, now=now)
        wait = self._draw_wait(answer, lease.attempts + 1)
        outcome = _choose_outcome(answer, wait, now)
        if not await self._outbox.record_outcome(lease, outcome, now=now):
            return
        if answer.delivered:
            self._tell_delivered(lease, answer, seconds)
        else:
            self._tell_failed(lease, answer, seconds, wait, dead=outcome.state == "dead")

    def _draw_wait(self, answer: EndpointAnswer, attempts: int) -> float | None:
        """Draws the seconds until the next attempt; None where none is planned."""
        if answer.delivered or answer.gone or answer.hopeless:
            return None
        return self._schedule.draw_wait(
            attempts, self._random, busy=answer.busy, retry_after=answer.retry_after
        )

    def _tell_delivered(self, lease: Lease, answer: EndpointAnswer, seconds: float) -> None:
        self.counts.delivered += 1
        self._tell(
            WebhookDelivered,
            lease,
            attempt=lease.attempts + 1,
            status_code=answer.status_code,
            seconds=seconds,
            waited=max(0.0, self._clock.time() - lease.accepted_at),
        )

    def _tell_failed(
        self,
        lease: Lease,
        answer: EndpointAnswer,
        seconds: float,
        wait: float | None,
        *,
        dead: bool,
    ) -> None:
        attempt = lease.attempts + 1
        self._tell(
            WebhookAttemptFailed,
            lease,
            attempt=attempt,
            reason=answer.reason,
            status_code=answer.status_code,
            seconds=seconds,
            likely_permanent=answer.likely_permanent,
            wait=wait,
        )
        if dead:
            self.counts.dead += 1
            self._tell(WebhookDeadLettered, lease, attempts=attempt, reason=answer.reason)
        else:
            self.counts.failed += 1
        if answer.gone:
            self._tell(EndpointDisabled, lease, reason=answer.reason)

    def _tell(self, event: type[WebhookEvent], lease: Lease, **fields: Any) -> None:
        message = lease.message
        self._emit(
            event(
                case_id=message.case_id,
                tags=message.tags,
                webhook_id=message.id,
                endpoint=message.endpoint,
                type=message.type,
                **fields,
            )
        )


def _choose_outcome(answer: EndpointAnswer, wait: float | None, now: float) -> AttemptOutcome:
    if answer.delivered:
        return AttemptOutcome.delivered()
    flagged = answer.likely_permanent
    if answer.gone:  # its endpoint is disabled, so it waits until that is enabled
        return AttemptOutcome.retry(now, answer.reason, likely_permanent=flagged)
    if wait is None:
        return AttemptOutcome.dead(answer.reason, likely_permanent=flagged)
    return AttemptOutcome.retry(now + wait, answer.reason, likely_permanent=flagged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How an endpoint answered a test.

    Attributes:
        endpoint: Its key.
        delivered: Whether it took the test.
        reason: Why not, such as `http_500`.
        status_code: HTTP status, None where there was none.
        seconds: How long it took.
    """

    __test__ = False  # no test class, to pytest

    endpoint: str
    delivered: bool
    reason: str
    status_code: int | None
    seconds: float


async def probe_endpoint(sender: Sender, endpoint: Endpoint) -> Probe:
    """Sends an endpoint one `webhook.test` directly, without the outbox."""
    message = Message(
        id=make_message_id(secrets.token_hex(8), "webhook.test", endpoint.name),
        endpoint=endpoint.name,
        type="webhook.test",
        body=build_test_payload(datetime.fromtimestamp(sender.clock.time(), UTC)),
    )
    begun = sender.clock.monotonic()
    answer = await sender.attempt(endpoint, message, number=1)
    return Probe(
        endpoint=endpoint.name,
        delivered=answer.delivered,
        reason=answer.reason,
        status_code=answer.status_code,
        seconds=sender.clock.monotonic() - begun,
    )
