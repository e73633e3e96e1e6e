"""Tells a receiver whether a webhook that came in can be trusted."""

from __future__ import annotations

import hmac
import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import SecretStr

from inspectiq._fork import ForkLock
from inspectiq._taking import refuse, require, require_number
from inspectiq._text import replace_surrogates
from inspectiq._tracebacks import hide_locals
from inspectiq.errors import InvalidWebhook
from inspectiq.webhooks._signing import parse_secrets, sign_body

__all__ = ["SeenIds", "VerifiedWebhook", "WebhookMemory", "verify_webhook"]

TOLERANCE = 300.0  # seconds; what the Standard Webhooks libraries use
MOST_SIGNATURES = 32  # more than anyone rotates; so that a header costs little to check
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedWebhook:
    """A webhook from somebody who knows the secret, signed just now.

    Attributes:
        id: The same whenever this webhook comes again.
        sent_at: When this attempt was signed, seconds since the epoch.
        body: As it came.
    """

    id: str
    sent_at: int
    body: bytes = field(repr=False)

    @property
    def content(self) -> Mapping[str, Any]:
        """The body, read as JSON.

        Raises:
            InvalidWebhook: It is no JSON object.
        """
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise InvalidWebhook(
                "the signature is right, and the body is no JSON object; check who else signs with "
                "this secret",
                reason="body",
            )
        return content

    @property
    def type(self) -> str:
        """Type of the event, such as `inspection.completed`; "" where it has none."""
        return str(self.content.get("type", ""))

    @property
    def data(self) -> Mapping[str, Any]:
        """The `data` of the body; see the published JSON Schema."""
        data = self.content.get("data")
        return data if isinstance(data, dict) else {}


class WebhookMemory(Protocol):
    """Remembers ids, so that no webhook is taken twice.

    One that several processes share belongs on your database or Redis.
    """

    def add(self, id: str, /) -> bool:
        """Remembers an id; False where it was known already."""

    def discard(self, id: str, /) -> None:
        """Forgets an id whose work failed, so that the next attempt is taken."""


class SeenIds:
    """Remembers the most recent ids in this process's memory.

    Args:
        keep: How many. Attempts at one webhook span four days, so keep as many as come in that
            time; 100,000 (our assumption) take about 15 MB.
    """

    def __init__(self, keep: int = 100_000) -> None:
        self._keep = require_number(keep, "keep", least=1, whole=True)
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = ForkLock()

    def add(self, id: str, /) -> bool:
        """Remembers an id; False if it was known."""
        require(id, str, "id", "give text")
        with self._lock:
            if id in self._ids:
                return False
            self._ids[id] = None
            if len(self._ids) > self._keep:
                self._ids.popitem(last=False)
            return True

    def discard(self, id: str, /) -> None:
        """Forgets an id."""
        require(id, str, "id", "give text")
        with self._lock:
            self._ids.pop(id, None)


@hide_locals
def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str] | Iterable[tuple[str, str] | tuple[bytes, bytes]],
    secrets: str | SecretStr | Iterable[str | SecretStr],
    *,
    tolerance: float = TOLERANCE,
    seen: WebhookMemory | None = None,
    clock: Callable[[], float] = time.time,
) -> VerifiedWebhook:
    """Verifies a request's signature and time, and returns the webhook that it brings.

    Args:
        body: As it came, before any parsing.
        headers: Of the request, as a mapping or in pairs, as text or bytes; the case of names does
            not matter.
        secrets: The secret shared with the sender, or all that are live.
        tolerance: Seconds by which its time may be off, either way; infinity takes any time.
        seen: Remembers ids; a webhook comes at least once, so it may come again. Without it, see
            to that yourself by its id.
        clock: Seconds since the epoch.

    Raises:
        InvalidWebhook: It cannot be trusted, whatever the body and the headers are: answer 400.
            Reason `replayed`, and that alone: it was taken before, so answer 200.
        ConfigError: A secret of yours is not of the right form, or another argument is of a wrong
            kind.
    """
    keys = parse_secrets(secrets)
    if tolerance != math.inf:
        require_number(tolerance, "tolerance", least=0)
    _require_own(headers, seen, clock)
    raw = _read_body(body)
    id, stamp, signatures = _read_headers(headers)
    if not _fits(sign_body(id, int(stamp), raw, keys), signatures):
        raise InvalidWebhook(
            "no signature fits; check the secret, and that the body is verified as it came, before "
            "it is parsed",
            reason="signature",
        )
    if abs(require_number(clock(), "clock()") - int(stamp)) > tolerance:
        raise InvalidWebhook(
            f"the webhook was signed more than {tolerance:g} s from now; check this machine's "
            "clock",
            reason="timestamp",
        )
    if seen is not None and not seen.add(id):
        raise InvalidWebhook(
            "this webhook was taken before; answer 200 and do nothing", reason="replayed"
        )
    return VerifiedWebhook(id=id, sent_at=int(stamp), body=raw)


def _require_own(headers: object, seen: object, clock: object) -> None:
    """Refuses what no stranger can send: a slip in the code that receives."""
    if isinstance(headers, type):
        refuse(headers, "headers", "give those of the request, such as request.headers")
    if seen is not None and (isinstance(seen, type) or not callable(getattr(seen, "add", None))):
        refuse(seen, "seen", "give SeenIds(), or a memory of your own that has add and discard")
    if not callable(clock):
        refuse(clock, "clock", "give a function that returns seconds, such as time.time")


def _read_body(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    raise InvalidWebhook(
        f"the body is a {type(body).__name__}; verify it as it came, in bytes, before it is parsed",
        reason="body",
    )


def _read_headers(headers: object) -> tuple[str, str, str]:
    named: dict[str, set[str]] = {}
    for name, value in _list_headers(headers):
        named.setdefault(name.lower(), set()).add(value)
    id, stamp, signatures = (
        _read_header(name, named.get(name, set()))
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not _TIMESTAMP.fullmatch(stamp):
        raise InvalidWebhook("webhook-timestamp is not in whole seconds", reason="header")
    return id, stamp, signatures


def _list_headers(headers: object) -> Iterator[tuple[str, str]]:
    """Lists names and values, of whatever form a server gives them in; passes over what is none."""
    # Not all of them are a Mapping: that of http.server is a message.
    items = getattr(headers, "items", None)
    listed = items() if callable(items) else headers
    for pair in listed if isinstance(listed, Iterable) else ():
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            continue
        name, values = pair
        for value in values if isinstance(values, tuple | list) else (values,):
            if isinstance(name, str | bytes) and isinstance(value, str | bytes):
                yield _to_text(name), _to_text(value)


def _to_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _read_header(name: str, values: Collection[str]) -> str:
    value = "".join(values) if len(values) < 2 else ""
    if not value:
        what = "comes twice, and differs" if any(values) else "is missing"
        raise InvalidWebhook(
            f"the header {name} {what}; check that nothing before this service changes headers",
            reason="header",
        )
    if value != replace_surrogates(value):
        raise InvalidWebhook(f"the header {name} is no text", reason="header")
    return value


def _fits(expected: str, given: str) -> bool:
    ours = [signature.encode() for signature in expected.split()]
    theirs = [signature.encode() for signature in given.split(" ", MOST_SIGNATURES)]
    # All are compared, so that the time taken says nothing.
    matches = [hmac.compare_digest(mine, yours) for mine in ours for yours in theirs]
    return any(matches)
