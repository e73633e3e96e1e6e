"""Builds the messages of results and stores them in the outbox, which makes them accepted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from inspectiq._log import get_logger
from inspectiq._taking import require, require_all
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result
from inspectiq.events import Event, WebhookAccepted
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._messages import Message, Receipt, build_messages
from inspectiq.webhooks._outbox import Outbox
from inspectiq.webhooks._schedule import Clock

__all__ = ["Acceptor", "check_messages"]

LARGE = 20 * 1024  # bytes of a body; Standard Webhooks advises less


class Acceptor:
    """Accepts results for the endpoints of one notifier; for the arguments see there.

    Args:
        endpoints: Where results are told.
        outbox: Where their messages wait.
        link: Makes the link of a result.
        clock: Reads the time.
        emit: Gets an event for each message that is new.
    """

    def __init__(
        self,
        endpoints: Collection[Endpoint],
        outbox: Outbox,
        link: Callable[[Result], str | None],
        clock: Clock,
        emit: Callable[[Event], None],
    ) -> None:
        self._endpoints, self._outbox = endpoints, outbox
        self._link, self._clock, self._emit = link, clock, emit
        self._warned: set[str] = set()  # endpoints whose webhooks are large

    def build(self, result: Result) -> tuple[Message, ...]:
        """Builds the messages of a result, and warns once of an endpoint whose are large.

        Raises:
            ConfigError: It is no result, or `link` makes no text of it.
            DeliveryError: A body is too large even in its thin form.
        """
        require(result, (Inspection, Diagnosis), "result", "give an Inspection or a Diagnosis")
        now = datetime.fromtimestamp(self._clock.time(), UTC)
        made = build_messages(result, self._endpoints, self._make_link(result), now)
        for message in made:
            self._warn_if_large(message)
        return made

    async def store(self, messages: Sequence[Message]) -> tuple[Receipt, ...]:
        """Stores messages in the outbox, and tells of those that are new."""
        news = await self._outbox.add(messages, now=self._clock.time())
        for message, new in zip(messages, news, strict=True):
            if new:
                self._tell_accepted(message)
        return tuple(map(Receipt.of, messages, news))

    def _make_link(self, result: Result) -> str | None:
        link: object = self._link(result)
        require(link, (str, type(None)), "link", "give a function that returns text, or None")
        return link if isinstance(link, str) else None

    def _tell_accepted(self, message: Message) -> None:
        self._emit(
            WebhookAccepted(
                case_id=message.case_id,
                tags=message.tags,
                webhook_id=message.id,
                endpoint=message.endpoint,
                type=message.type,
                size=len(message.body),
            )
        )

    def _warn_if_large(self, message: Message) -> None:
        endpoint, size = message.endpoint, len(message.body)
        if size > LARGE and endpoint not in self._warned:
            self._warned.add(endpoint)
            get_logger("inspectiq.webhooks").warning(
                'webhooks are large; consider body="thin"', endpoint=endpoint, bytes=size
            )


def check_messages(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Makes sure that messages are such as a notifier built.

    Raises:
        ConfigError: They are not.
    """
    choices = "give what notifier.messages(result) returned"
    for message in (checked := require_all(messages, "messages", choices)):
        require(message, Message, "messages", choices)
    return checked
