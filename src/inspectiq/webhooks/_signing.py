"""Signs webhooks as Standard Webhooks says: HMAC-SHA256 over id, time and body.

The specification is https://github.com/standard-webhooks/standard-webhooks, version 1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as randomness
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import SecretStr

from inspectiq._taking import require_all
from inspectiq.errors import ConfigError

__all__ = ["PREFIX", "create_secret", "parse_secrets", "sign_body"]

PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64  # bytes, as the specification says


def create_secret() -> str:
    """Makes a new random secret, 32 bytes, in the form that both sides take."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


def parse_secrets(secrets: str | SecretStr | Iterable[str | SecretStr]) -> tuple[bytes, ...]:
    """Reads the keys out of secrets, in their order.

    Args:
        secrets: One secret or several, each `whsec_` and the base64 of 24 to 64 bytes.

    Raises:
        ConfigError: One of them is not of that form, or there is none.
    """
    listed = (
        [secrets]
        if isinstance(secrets, str | SecretStr)
        else [*require_all(secrets, "secrets", "give a secret, or a list of those that are live")]
    )
    if not listed:
        raise ConfigError("there is no webhook secret; make one with create_secret()")
    return tuple(_parse_secret(secret, number) for number, secret in enumerate(listed, start=1))


def _parse_secret(secret: Any, number: int) -> bytes:
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else str(secret)
    text = text.strip()  # what is read from a file ends with a new line
    which = f"webhook secret {number}"
    if not text.startswith(PREFIX):
        raise ConfigError(f"{which} does not begin with {PREFIX}; make one with create_secret()")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = None
    if key is None:  # outside of the handler: its error would hold the secret
        raise ConfigError(f"{which} is not base64 after {PREFIX}; copy all of it, = signs included")
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ConfigError(
            f"{which} has {len(key)} bytes, and must have {SHORTEST_KEY} to {LONGEST_KEY}; "
            "make one with create_secret()"
        )
    return key


def sign_body(id: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> str:
    """Makes the value of the header `webhook-signature`.

    Args:
        id: The webhook's id.
        timestamp: Seconds since the epoch, of this attempt.
        body: The very bytes that are sent.
        keys: All that are live, so that a receiver may hold any of them.
    """
    content = b"%s.%d.%s" % (id.encode(), timestamp, body)
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys
    )
