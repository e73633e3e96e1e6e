"""Logs as a library does: silent until the host configures logging; structlog stays as it is.

A standard-library logger is wrapped, so that fields reach the host's JSON formatter, a host that
uses structlog, and error trackers alike.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
import warnings
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from functools import cache
from inspect import currentframe
from pathlib import PurePath
from types import FrameType
from typing import Any

from inspectiq._redaction import redact
from inspectiq._tracebacks import format_error

__all__ = [
    "WarnOnce",
    "bind_fields",
    "describe_failure",
    "get_logger",
    "is_own_frame",
    "warn_caller",
]

logging.getLogger("inspectiq").addHandler(logging.NullHandler())

# Fields of a host's context may not be called what a LogRecord calls its own.
_TAKEN = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})
_PLAIN = re.compile(r"[^\s\"'=,]+")


def _render(
    _: Any, __: str, event: MutableMapping[str, Any]
) -> tuple[tuple[str, str], dict[str, Any]]:
    """Renders a line: a message that can be read by itself, and its fields for formatters."""
    what, given = event.pop("event"), event.pop("_given")
    error = event.pop("exc_info", None)
    fields = {redact(key): _clean(value) for key, value in event.items()}
    photo = () if "photo_ids" in given else ("photo_id",)
    named = dict.fromkeys(
        ["case_id", *photo, *(name for name in given if name != "run_id"), "run_id"]
    )
    said = _say({name: fields[name] for name in named if name in fields})
    fields["event_name"] = what
    if isinstance(error, BaseException):
        # As text, since a traceback's own text would reach the log as it is.
        fields["traceback"] = format_error(error)
    extra = {(f"{key}_" if key in _TAKEN else key): value for key, value in fields.items()}
    # The message in two parts, since error trackers group lines by the first.
    return (f"{what}%s", said and f": {said}"), {"extra": extra}


def _say(fields: Mapping[str, Any]) -> str:
    """Says fields as `name=value`; those without a value, and those that hold others, are left."""
    return " ".join(
        f"{name}={text}" for name, value in fields.items() if (text := _say_value(value))
    )


def _say_value(value: Any) -> str:
    if value in (None, "") or isinstance(value, Mapping):
        return ""
    if isinstance(value, list):
        return ",".join(map(_say_value, value))
    text = f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    # Quoted where it could be taken for another field.
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _clean(value: Any) -> Any:
    """Makes a value safe for any formatter: redacted, one line, and of JSON's types."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {redact(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    return redact(str(value))


@cache
def get_logger(name: str) -> Any:
    """Returns the structured logger of one room, such as `inspectiq.agents`."""
    import structlog

    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            _note_given,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            _render,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _note_given(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Notes which fields a line was given, besides those that a host has bound."""
    event["_given"] = tuple(key for key in event if key not in ("event", "exc_info"))
    return event


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
            get_logger(self._name).warning(self._what, **describe_failure(error, **fields))


def describe_failure(error: BaseException, **fields: Any) -> dict[str, Any]:
    """Adds an error of a host's object to the fields of a line: its class, where, and the whole.

    Its text may hold anything, so that stands in the traceback alone, which only a formatter that
    writes fields shows; `at` is the host's own line, such as `crm.py:42`.
    """
    fields = {"error": type(error).__name__, **fields}
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not is_own_frame(frame) and "asyncio" not in str(frame.f_globals.get("__name__")):
            fields["at"] = f"{PurePath(frame.f_code.co_filename).name}:{line}"
            break
    if isinstance(error, OSError) and error.errno is not None:
        fields["reason"] = os.strerror(error.errno)
    return {**fields, "exc_info": error}


# -- warnings in Python code ----------------------------------------------------------------------


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warns at the host's line that led here, however deep within inspectiq this is called."""
    frame, level = currentframe(), 1
    while frame and is_own_frame(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def is_own_frame(frame: FrameType) -> bool:
    """Tells whether a frame runs code of inspectiq's."""
    name = str(frame.f_globals.get("__name__"))
    return name == "inspectiq" or name.startswith("inspectiq.")
