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

from inspectiq._cli.wording import to_command_words
from inspectiq._redaction import redact
from inspectiq._text import escape_invisible
from inspectiq._tracebacks import format_error

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
    """Shows each warning once, in one escaped line without the line of code that gave it."""
    with warnings.catch_warnings():
        warnings.showwarning = _WarningPrinter()
        yield


class _WarningPrinter:
    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, message: Warning | str, *_: Any, **__: Any) -> None:
        said = to_command_words(str(message))
        if said not in self._said:
            self._said.add(said)
            say(f"inspectiq: warning: {said}", file=sys.stderr)


def start_logging(level: str) -> None:
    """Logs to standard error, of every library what that level asks for."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=level, handlers=[handler])


class _Formatter(logging.Formatter):
    """Formats records of any library: one line, then those of a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        lines = [redact(f"{record.levelname}:{record.name}:{record.getMessage()}")]
        if record.exc_info and record.exc_info[1]:
            lines.append(format_error(record.exc_info[1]))
        return "\n".join(lines)
