"""Tells the environment's webhooks of a result, and the user what became of that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inspectiq._cli.terminal import say
from inspectiq._settings import Settings
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError, DeliveryError, InspectIQError
from inspectiq.events import (
    Event,
    WebhookAttemptFailed,
    WebhookDeadLettered,
    WebhookDelivered,
)
from inspectiq.webhooks._messages import Receipt
from inspectiq.webhooks._notifier import WebhookNotifier
from inspectiq.webhooks._sqlite_outbox import DEFAULT_OUTBOX

__all__ = ["find_webhook_variable", "open_teller", "say_untold"]

PATIENCE = 10.0  # seconds that first attempts are waited for; our assumption


def find_webhook_variable(kind: str) -> str | None:
    """Finds the variable that asks for webhooks of inspections, or of diagnoses; None for none."""
    settings = Settings.from_env()
    if getattr(settings, f"{kind}_webhook_url") is None:
        return None
    named = "BACKEND_BASE_URL"
    own = f"{kind.upper()}_WEBHOOK_URL"
    return named if f"{kind}_webhook_url" not in settings.model_fields_set else own


def say_untold(kind: str, why: str) -> None:
    """Says that a result goes to no webhook, where the environment asks for one."""
    if variable := find_webhook_variable(kind):
        say(f"inspectiq: no webhook is sent to {variable}: {why}", file=sys.stderr)


@contextmanager
def open_teller(kind: str, *, wanted: bool) -> Iterator[Teller | None]:
    """Opens what tells the environment's webhooks; None where it asks for none.

    Args:
        kind: Of the result, `inspection` or `diagnosis`.
        wanted: Whether anybody is to be told.

    Raises:
        ConfigError: Webhooks cannot be sent as the environment says.
    """
    variable = find_webhook_variable(kind) if wanted else None
    if variable is None:
        yield None
        return
    outcomes = _Outcomes()
    try:
        notifier = WebhookNotifier(observers=[outcomes], background=False)
    except InspectIQError as error:
        raise ConfigError(
            f"webhooks cannot be sent as {variable} asks: {error}; or give --no-webhooks"
        ) from error
    try:
        yield Teller(notifier, outcomes)
    finally:
        notifier.close()


class Teller:
    """Puts the webhooks of a result into the outbox, and waits a little for their delivery."""

    def __init__(self, notifier: WebhookNotifier, outcomes: _Outcomes) -> None:
        self._notifier = notifier
        self._outcomes = outcomes
        self._outbox = Path(Settings.from_env().outbox or DEFAULT_OUTBOX)

    def tell(self, result: Result, *, quiet: bool) -> None:
        """Tells of a result, and prints to standard error what became of each webhook.

        Args:
            result: The result.
            quiet: Whether to say nothing of what was delivered.
        """
        try:
            receipts = self._notifier.notify(result)
        except DeliveryError as error:
            say(f"inspectiq: no webhook is sent: {error}", file=sys.stderr)
            return
        with suppress(DeliveryError):  # what was accepted waits, and that is said
            self._notifier.deliver_due(timeout=PATIENCE)
        for receipt in receipts:
            delivered, words = self._describe(receipt)
            if not (delivered and quiet):
                say(f"inspectiq: webhook {receipt.type} {words}", file=sys.stderr)

    def _describe(self, receipt: Receipt) -> tuple[bool, str]:
        to = f"to the endpoint {receipt.endpoint}"
        if not receipt.new:
            return True, f"{to} was accepted before; it is not sent twice"
        outcome = self._outcomes.found.get(receipt.id)
        if isinstance(outcome, WebhookDelivered):
            return True, f"was delivered {to}"
        if isinstance(outcome, WebhookDeadLettered):
            return False, f"{to} was given up ({outcome.reason}); see `inspectiq webhooks dead`"
        why = "has no answer yet"
        if isinstance(outcome, WebhookAttemptFailed):
            why = f"failed ({outcome.reason})"
        return False, (
            f"{to} {why}; it waits in {self._outbox}, and `inspectiq webhooks deliver` sends it"
        )


class _Outcomes:
    """An observer that knows what became of each webhook."""

    def __init__(self) -> None:
        self.found: dict[str, Event] = {}

    def on_event(self, event: Event, /) -> None:
        if isinstance(event, WebhookDelivered | WebhookAttemptFailed | WebhookDeadLettered):
            self.found[event.webhook_id] = event
