"""Test doubles and contracts for users' own tests. Nothing here talks to an engine by itself.

What these doubles answer is scripted: it says nothing about what an engine would see.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from inspectiq.testing.capture import CapturedEvents, capture_events
from inspectiq.testing.clock import FakeClock
from inspectiq.testing.network import NetworkBlocked, block_network
from inspectiq.testing.receiver import ReceivedWebhook, ReceiverAnswer, WebhookReceiver
from inspectiq.testing.recording import RecordingTransport, ReplayTransport
from inspectiq.testing.replies import issue, problem, reply
from inspectiq.testing.transports import FunctionTransport, ScriptedTransport

if TYPE_CHECKING:
    from inspectiq.testing.caches import CacheContract
    from inspectiq.testing.contract import TransportContract
    from inspectiq.testing.limits import BudgetContract, RateLimiterContract
    from inspectiq.testing.outboxes import OutboxContract

__all__ = [
    "BudgetContract",
    "CacheContract",
    "CapturedEvents",
    "FakeClock",
    "FunctionTransport",
    "NetworkBlocked",
    "OutboxContract",
    "RateLimiterContract",
    "ReceivedWebhook",
    "ReceiverAnswer",
    "RecordingTransport",
    "ReplayTransport",
    "ScriptedTransport",
    "TransportContract",
    "WebhookReceiver",
    "block_network",
    "capture_events",
    "issue",
    "problem",
    "reply",
]

# They need pytest, which a host's production image may not have.
_CONTRACTS = {
    "BudgetContract": "limits",
    "CacheContract": "caches",
    "OutboxContract": "outboxes",
    "RateLimiterContract": "limits",
    "TransportContract": "contract",
}


def __getattr__(name: str) -> object:
    if name in _CONTRACTS:
        return getattr(import_module(f"inspectiq.testing.{_CONTRACTS[name]}"), name)
    raise AttributeError(f"module 'inspectiq.testing' has no attribute {name!r}")
