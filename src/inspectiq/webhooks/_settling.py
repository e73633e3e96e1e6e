"""What becomes of a message after an attempt, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inspectiq.events import (
    EndpointDisabled,
    Event,
    WebhookAttemptFailed,
    WebhookDeadLettered,
    WebhookDelivered,
    WebhookEvent,
)
from inspectiq.webhooks._clock import Clock
from inspectiq.webhooks._messages import AttemptOutcome, Lease
from inspectiq.webhooks._outbox import Outbox
from inspectiq.webhooks._rules import EndpointAnswer
from inspectiq.webhooks._schedule import Schedule

__all__ = ["DeliveryCounts", "OutcomeRecorder"]


@dataclass(slots=True)
class DeliveryCounts:
    """What a worker has done.

    Attributes:
        delivered, failed, dead: Attempts that were taken, that will be made again, and messages
            that were given up.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0


class OutcomeRecorder:
    """Notes in the outbox what attempts came to, and tells observers.

    Attributes:
        done: What was noted so far.
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
        self.done = DeliveryCounts()

    async def record(self, lease: Lease, verdict: EndpointAnswer, seconds: float) -> None:
        """Notes an attempt that took so many seconds; nothing where the lease was lost."""
        now, attempt = self._clock.time(), lease.attempts + 1
        wait: float | None = None
        if verdict.delivered:
            outcome = AttemptOutcome.delivered()
        elif verdict.gone:
            await self._outbox.disable(lease.message.endpoint, verdict.reason, now=now)
            outcome = AttemptOutcome.retry(now, verdict.reason, likely_permanent=True)
        else:
            if not verdict.hopeless:
                wait = self._schedule.wait(
                    attempt, self._random, busy=verdict.busy, retry_after=verdict.retry_after
                )
            flagged = verdict.likely_permanent
            outcome = (
                AttemptOutcome.dead(verdict.reason, likely_permanent=flagged)
                if wait is None
                else AttemptOutcome.retry(now + wait, verdict.reason, likely_permanent=flagged)
            )
        if await self._outbox.record_outcome(lease, outcome, now=now):
            self._tell(lease, verdict, outcome, seconds, wait)

    def _tell(
        self,
        lease: Lease,
        verdict: EndpointAnswer,
        outcome: AttemptOutcome,
        seconds: float,
        wait: float | None,
    ) -> None:
        attempt = lease.attempts + 1

        def emit(kind: type[WebhookEvent], **fields: Any) -> None:
            message = lease.message
            self._emit(
                kind(
                    case_id=message.case_id,
                    tags=message.tags,
                    webhook_id=message.id,
                    endpoint=message.endpoint,
                    type=message.type,
                    **fields,
                )
            )

        if verdict.delivered:
            self.done.delivered += 1
            waited = max(0.0, self._clock.time() - lease.accepted_at)
            status = verdict.status_code
            emit(
                WebhookDelivered,
                attempt=attempt,
                status_code=status,
                seconds=seconds,
                waited=waited,
            )
            return
        emit(
            WebhookAttemptFailed,
            attempt=attempt,
            reason=verdict.reason,
            status_code=verdict.status_code,
            seconds=seconds,
            likely_permanent=verdict.likely_permanent or verdict.gone,
            wait=wait,
        )
        if outcome.state == "dead":
            self.done.dead += 1
            emit(WebhookDeadLettered, attempts=attempt, reason=verdict.reason)
        else:
            self.done.failed += 1
        if verdict.gone:
            emit(EndpointDisabled, reason=verdict.reason)
