"""The command line: `python -m inspectiq inspect PATH... --engine offline --out DIR`."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence

from inspectiq._cli.arguments import build_parser
from inspectiq._cli.codes import EXIT_CODES, INTERRUPTED, USAGE
from inspectiq._cli.terminal import say, show_warnings, start_logging
from inspectiq._cli.wording import to_command_words
from inspectiq._redaction import redact
from inspectiq.errors import ConfigError, InspectIQError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command of the command line.

    Returns:
        0 complete, 1 partial, 2 usage or configuration, 3 failed, 130 interrupted.
    """
    arguments = build_parser().parse_args(argv)
    with show_warnings():
        return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    """Runs the command that was parsed, and tells what went wrong in one line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an old terminal costs no result
    level = (os.environ.get("LOG_LEVEL") or "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        say(f"inspectiq: LOG_LEVEL={level} is no level; use DEBUG, INFO, …", file=sys.stderr)
        return USAGE
    start_logging(level)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        say(f"inspectiq: {to_command_words(str(error))}", file=sys.stderr)
        return USAGE
    except InspectIQError as error:
        said = to_command_words(str(error))
        say(f"inspectiq: {type(error).__name__}: {said}", file=sys.stderr)
        return EXIT_CODES["failed"]
    except KeyboardInterrupt:
        say("inspectiq: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe left; keep the interpreter from complaining as it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CODES["complete"]
    except Exception as error:
        # Any other way out would end with 1, which means partial.
        logging.getLogger("inspectiq").debug("the command failed", exc_info=error)
        said = redact(f"{type(error).__name__}: {error}")
        say(f"inspectiq: {said} (LOG_LEVEL=DEBUG shows where)", file=sys.stderr)
        return EXIT_CODES["failed"]
