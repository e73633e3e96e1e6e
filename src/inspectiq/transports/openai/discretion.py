"""Keeps the loggers of the HTTP stack from writing more of our requests than ours would."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from inspectiq._log import redact

__all__ = ["discreet"]

# They log whole URLs, queries included, and in some versions the options of a request.
TALKATIVE = (
    "openai",
    "openai._base_client",
    "openai._legacy_response",
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
)

_ours: ContextVar[bool] = ContextVar("inspectiq.discreet", default=False)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _ours.get():
            record.msg, record.args = redact(record.getMessage()), ()
        return True


@cache
def _installed() -> None:
    only = _Redacting()
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(only)


@contextmanager
def discreet() -> Iterator[None]:
    """What these loggers write within is redacted; requests of the host's own are left alone."""
    _installed()
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)
