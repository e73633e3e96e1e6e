"""Logs as a library does: silent until the host configures logging; structlog stays as it is.

A standard-library logger is wrapped, so that fields reach the host's JSON formatter, a host that
uses structlog, and error trackers alike.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

__all__ = ["WarnOnce", "bind_fields", "get_logger", "redact"]

logging.getLogger("inspectiq").addHandler(logging.NullHandler())

_SECRET = re.compile(
    r"""(?xi)
    \b(?:sk|rk|pk)-[A-Za-z0-9_\-]{8,}          # provider keys
    | \bwhsec_[A-Za-z0-9+/=]{8,}               # webhook secrets
    | \b(?:bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}
    """
)
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.\-]*://)[^/\s@]+@")
_QUERY = re.compile(r"(?i)\b([a-z][a-z0-9+.\-]*://[^\s?#]+\?)[^\s#]+")
_DATA_URL = re.compile(r"(?i)\bdata:[a-z0-9.+/\-]*;base64,[A-Za-z0-9+/=]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def redact(text: str) -> str:
    """Removes keys, URL users, URL queries and data URLs; escapes control characters."""
    text = _DATA_URL.sub(lambda m: f"data:<{len(m[0])} characters>", text)
    text = _SECRET.sub("<secret>", text)
    text = _USERINFO.sub(r"\1<user>@", text)
    text = _QUERY.sub(r"\1<query>", text)
    return _CONTROL.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


# Fields of a host's context may not be called what a LogRecord calls its own.
_TAKEN = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        # As text, since a traceback's own text would reach the log as it is.
        event["traceback"] = "".join(traceback.format_exception(error))
    return {(f"{key}_" if key in _TAKEN else key): _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return "\n".join(redact(line) for line in value.splitlines())
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


@cache
def get_logger(name: str) -> Any:
    """Returns the structured logger of one room, such as `inspectiq.agents`."""
    import structlog

    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            _redact_event,
            structlog.stdlib.render_to_log_kwargs,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def bind_fields(**fields: str) -> AbstractContextManager[None]:
    """Adds fields to every line that is logged within, also by a host that uses structlog."""
    import structlog

    return structlog.contextvars.bound_contextvars(**fields)


class WarnOnce:
    """Warns only once that an object of the host's failed: it may fail at every call.

    Args:
        name: Of the logger.
        what: The text of the warning.
    """

    def __init__(self, name: str, what: str) -> None:
        self._name, self._what = name, what
        self._said = False

    def __call__(self, error: BaseException, **fields: Any) -> None:
        if not self._said:
            self._said = True
            get_logger(self._name).warning(
                self._what, error=type(error).__name__, exc_info=error, **fields
            )
