"""Test doubles and contracts for users' own tests. Nothing here talks to an engine.

What these doubles answer is scripted: it says nothing about what an engine would see.
"""

from typing import TYPE_CHECKING

from inspectiq.testing.network import NetworkBlocked, block_network
from inspectiq.testing.replies import issue, reply
from inspectiq.testing.transports import FunctionTransport, ScriptedTransport

if TYPE_CHECKING:
    from inspectiq.testing.contract import TransportContract

__all__ = [
    "FunctionTransport",
    "NetworkBlocked",
    "ScriptedTransport",
    "TransportContract",
    "block_network",
    "issue",
    "reply",
]


def __getattr__(name: str) -> object:
    if name == "TransportContract":  # needs pytest, which a host's production image may not have
        from inspectiq.testing.contract import TransportContract

        return TransportContract
    raise AttributeError(f"module 'inspectiq.testing' has no attribute {name!r}")
