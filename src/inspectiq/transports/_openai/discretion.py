"""Keeps the loggers of the HTTP stack from writing more of our requests than ours would."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from inspectiq._log import redact

__all__ = ["discreet"]

# Some versions of the SDK write whole requests at DEBUG; the others write whole URLs.
SDK = ("openai", "openai._base_client", "openai._legacy_response")
HTTP = (
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
)

_ours: ContextVar[bool] = ContextVar("inspectiq.discreet", default=False)


class _Silencing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _ours.get() or record.levelno > logging.DEBUG


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _ours.get():
            record.msg, record.args = redact(record.getMessage()), ()
        return True


@cache
def _installed() -> None:
    silencing, redacting = _Silencing(), _Redacting()
    for name in SDK:
        logging.getLogger(name).addFilter(silencing)
    for name in (*SDK, *HTTP):
        logging.getLogger(name).addFilter(redacting)


@contextmanager
def discreet() -> Iterator[None]:
    """What these loggers write within is redacted; requests of the host's own are left alone."""
    _installed()
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)
