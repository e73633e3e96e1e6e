"""Webhooks that are kept until they are delivered: accepted, signed, attempted, replayed."""

from inspectiq.webhooks.clock import Clock, SystemClock
from inspectiq.webhooks.endpoints import Endpoint
from inspectiq.webhooks.messages import (
    AttemptOutcome,
    DeliveryRecord,
    EndpointCounts,
    Lease,
    Message,
)
from inspectiq.webhooks.notifier import Receipt, WebhookNotifier
from inspectiq.webhooks.outbox import MemoryOutbox, Outbox
from inspectiq.webhooks.pace import Pace
from inspectiq.webhooks.payloads import WebhookPayload
from inspectiq.webhooks.schedule import Schedule
from inspectiq.webhooks.sending import (
    HTTPWebhookTransport,
    WebhookReply,
    WebhookRequest,
    WebhookTransport,
)
from inspectiq.webhooks.settling import Delivery
from inspectiq.webhooks.signing import new_secret
from inspectiq.webhooks.sqlite_outbox import SQLiteOutbox
from inspectiq.webhooks.trying import TestOutcome
from inspectiq.webhooks.verifying import (
    SeenIds,
    VerifiedWebhook,
    WebhookMemory,
    verify_webhook,
)

__all__ = [
    "AttemptOutcome",
    "Clock",
    "Delivery",
    "DeliveryRecord",
    "Endpoint",
    "EndpointCounts",
    "HTTPWebhookTransport",
    "Lease",
    "MemoryOutbox",
    "Message",
    "Outbox",
    "Pace",
    "Receipt",
    "SQLiteOutbox",
    "Schedule",
    "SeenIds",
    "SystemClock",
    "TestOutcome",
    "VerifiedWebhook",
    "WebhookMemory",
    "WebhookNotifier",
    "WebhookPayload",
    "WebhookReply",
    "WebhookRequest",
    "WebhookTransport",
    "new_secret",
    "verify_webhook",
]
