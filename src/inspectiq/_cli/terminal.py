"""Writes to the terminal. All that the command line says goes through here, and is escaped here.

File names, rooms, ids and messages were written by others: a terminal obeys what such texts hold.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

from inspectiq._redaction import redact
from inspectiq._text import escape_invisible

__all__ = ["Parser", "say", "say_json", "show_warnings", "start_logging"]


def say(*lines: object, file: TextIO | None = None, flush: bool = False) -> None:
    """Prints lines, one for each argument: a line break within one is written out.

    Args:
        lines: Any text, also of others.
        file: Standard output if not given.
        flush: Whether it must be seen at once.
    """
    for line in lines:
        print(escape_invisible(str(line)), file=file, flush=flush)


def say_json(text: str, *, flush: bool = False) -> None:
    """Prints JSON. Characters that a terminal could obey are written as JSON writes them.

    Args:
        text: JSON, whose own line breaks stay.
        flush: Whether it must be seen at once.
    """
    for line in text.removesuffix("\n").split("\n"):
        shown = escape_invisible(line, _write_in_json)
        print(shown, file=sys.stdout, flush=flush)  # noqa: T201


def _write_in_json(char: str) -> str:
    return json.dumps(char)[1:-1]


class Parser(argparse.ArgumentParser):
    """A parser whose errors repeat what was typed, escaped."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and ends."""
        super().error(escape_invisible(message))


@contextmanager
def show_warnings() -> Iterator[None]:
    """Shows warnings in one escaped line, without the source line that gave them."""
    with warnings.catch_warnings():
        warnings.formatwarning = _format_warning
        yield


def _format_warning(message: Warning | str, *_: Any, **__: Any) -> str:
    return f"inspectiq: {escape_invisible(str(message))}\n"


def start_logging(level: str) -> None:
    """Logs to standard error, of every library what that level asks for."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=level, handlers=[handler])


class _Formatter(logging.Formatter):
    """Formats records of any library: one line each, then the lines of a traceback."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        return redact(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(map(redact, super().formatException(ei).split("\n")))
