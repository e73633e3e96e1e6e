"""A test of an endpoint: one event that means nothing, sent once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from inspectiq.webhooks._attempting import Sender
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._messages import Message, make_message_id
from inspectiq.webhooks._payloads import build_test_payload

__all__ = ["Probe", "probe_endpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a test of an endpoint came to.

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
    """Sends an endpoint a `webhook.test`."""
    message = Message(
        id=make_message_id(secrets.token_hex(8), "webhook.test", endpoint.name),
        endpoint=endpoint.name,
        type="webhook.test",
        body=build_test_payload(datetime.fromtimestamp(sender.clock.time(), UTC)),
    )
    begun = sender.clock.monotonic()
    verdict = await sender.attempt(endpoint, message, number=1)
    return Probe(
        endpoint=endpoint.name,
        delivered=verdict.delivered,
        reason=verdict.reason,
        status_code=verdict.status_code,
        seconds=sender.clock.monotonic() - begun,
    )
