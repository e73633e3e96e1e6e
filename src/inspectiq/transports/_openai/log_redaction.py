"""Keeps pictures and keys of our requests out of the logs of the SDK and its HTTP client."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from inspectiq._redaction import redact

__all__ = ["redact_logs"]

# Some versions of the SDK write whole requests at DEBUG; the others write whole URLs.
SDK = ("openai", "openai._base_client", "openai._legacy_response", "openai._response")
HTTP = tuple(
    f"{library}{version}{part}"
    for version in ("", "2")  # of the HTTP library below it: httpx, or httpx2
    for library, part in (
        ("httpx", ""),
        ("httpcore", ".connection"),
        ("httpcore", ".http11"),
        ("httpcore", ".http2"),
        ("httpcore", ".proxy"),
    )
)

_ours: ContextVar[bool] = ContextVar("inspectiq.redact_logs", default=False)


class _Silencing(logging.Filter):
    """Drops records at DEBUG of our own requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _ours.get() or record.levelno > logging.DEBUG


class _Redacting(logging.Filter):
    """Redacts records of our own requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _ours.get():
            record.msg, record.args = redact(record.getMessage()), ()
        return True


@cache
def _install_filters() -> None:
    silencing, redacting = _Silencing(), _Redacting()
    for name in SDK:
        logging.getLogger(name).addFilter(silencing)
    for name in (*SDK, *HTTP):
        logging.getLogger(name).addFilter(redacting)


@contextmanager
def redact_logs() -> Iterator[None]:
    """Redacts logs of the SDK and its HTTP client within the block, not of the host's requests."""
    _install_filters()
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)
