"""Builds the messages that tell endpoints of a result: one for each event and endpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import cast

from inspectiq._log import get_logger
from inspectiq._settings import Settings
from inspectiq._taking import require_function
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Result
from inspectiq.errors import DeliveryError
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._payload_forms import BodyForm, EventType
from inspectiq.webhooks._payloads import build_payload, list_event_types

__all__ = ["Message", "Receipt", "build_messages", "make_message_id", "resolve_linker"]

TOO_LARGE = 256 * 1024  # bytes of a body; our assumption

_NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event for one endpoint, as it is sent at every attempt. It holds no secret and no URL.

    Attributes:
        id: The `webhook-id`, of letters, digits, `_` and `-`.
        endpoint: Key of the endpoint.
        type: Of the event, such as `inspection.completed`.
        body: The exact bytes that are sent.
        result_id: The result that it tells of; "" for a test.
        case_id: The case.
        tags: The host's labels of the case.
    """

    id: str
    endpoint: str
    type: str
    body: bytes = field(repr=False)
    result_id: str = ""
    case_id: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Says that a webhook is in the outbox.

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

    @classmethod
    def of(cls, message: Message, new: bool) -> Receipt:
        """Makes the receipt of a message."""
        type = cast("EventType", message.type)
        return cls(id=message.id, endpoint=message.endpoint, type=type, new=new)


def make_message_id(result_id: str, type: str, endpoint: str) -> str:
    """Makes the `webhook-id`: the same for the same result, event and endpoint, always."""
    told = f"{result_id}\n{type}\n{endpoint}".encode("utf-8", "surrogatepass")
    return f"msg_{hashlib.sha256(told).hexdigest()[:32]}"


def build_messages(
    result: Result, endpoints: Collection[Endpoint], link: str | None, now: datetime
) -> tuple[Message, ...]:
    """Builds the messages of a result, one for each event and each endpoint that wants it.

    A full body of over 256 kB becomes a thin one, which says so in `full_size`.

    Args:
        result: The result.
        endpoints: All that there are.
        link: Where the result can be had.
        now: When it happened, where the result does not say.

    Raises:
        DeliveryError: A thin body is over 256 kB, too.
    """

    @cache  # endpoints share it
    def build_body(type: EventType, form: BodyForm) -> bytes:
        body = build_payload(result, type, form, link, now)
        if form == "thin" or len(body) <= TOO_LARGE:
            return body
        get_logger("inspectiq.webhooks").warning(
            "a webhook is too large and is sent thin",
            type=type,
            case_id=result.case.id,
            bytes=len(body),
        )
        return build_payload(result, type, "thin", link, now, full_size=len(body))

    return tuple(
        Message(
            id=make_message_id(result.id, type, endpoint.name),
            endpoint=endpoint.name,
            type=type,
            body=_check_size(build_body(type, endpoint.body), endpoint),
            result_id=result.id,
            case_id=result.case.id,
            tags=result.case.tags,
        )
        for type in list_event_types(result)
        for endpoint in endpoints
        if endpoint.wants(type, result)
    )


def resolve_linker(
    given: Callable[[Result], str | None] | None, settings: Settings
) -> Callable[[Result], str | None]:
    """Takes the host's function, else makes the one that links to its backend, if one is set.

    Raises:
        ConfigError: What is given is no function.
    """
    if given is not None:
        return require_function(given, "link", "give a function of a result that returns its link")
    base = settings.backend_base_url

    def link(result: Result) -> str | None:
        if base is None:
            return None
        kind = "diagnoses" if isinstance(result, Diagnosis) else "inspections"
        return f"{base.rstrip('/')}/api/v1/{kind}/{result.id}"

    return link


def _check_size(body: bytes, endpoint: Endpoint) -> bytes:
    if len(body) > TOO_LARGE:
        raise DeliveryError(
            f"a thin webhook for {endpoint.name} has {len(body):,} bytes, over {TOO_LARGE:,}; "
            "shorten the case's id, its tags, or the link. Nothing was kept",
            reason="too_large",
        )
    return body
