"""One attempt: a message is signed, sent, and judged by what comes back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from inspectiq.webhooks._clock import Clock
from inspectiq.webhooks._endpoints import Endpoint
from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._rules import EndpointAnswer, judge_error, judge_response
from inspectiq.webhooks._sending import WebhookRequest, WebhookTransport
from inspectiq.webhooks._signing import sign_body

__all__ = ["Sender"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Makes attempts.

    Attributes:
        transport: Sends them.
        clock: Dates their signatures.
        timeout: Seconds that one may take in all.
    """

    transport: WebhookTransport
    clock: Clock
    timeout: float

    async def attempt(self, endpoint: Endpoint, message: Message, number: int) -> EndpointAnswer:
        """Sends a message once, and says what it came to."""
        try:
            async with asyncio.timeout(self.timeout):
                request = await self._request(endpoint, message, number)
                reply = await self.transport.send(request)
        except Exception as error:
            return judge_error(error)
        return judge_response(reply, self.clock.time())

    async def _request(self, endpoint: Endpoint, message: Message, number: int) -> WebhookRequest:
        now = int(self.clock.time())
        headers = {
            **endpoint.headers,
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
        }
        if keys := await endpoint.keys():
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
