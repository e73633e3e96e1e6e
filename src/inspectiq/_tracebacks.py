"""Tracebacks that tell where an error came from, and nothing of what a call was given.

A traceback holds each frame that it passed, with its local variables: pictures, a tenant's words.
Error trackers send these out.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from functools import wraps
from inspect import iscoroutinefunction
from types import FrameType, FunctionType, TracebackType
from typing import Any, TypeVar

from inspectiq._redaction import redact

__all__ = ["format_error", "hide_locals"]

T = TypeVar("T")

MOST_FRAMES = 50  # of one error, the innermost; our assumption
MOST_ERRORS = 20  # that came of each other, the latest


# -- errors that leave -----------------------------------------------------------------------------


def hide_locals(thing: T) -> T:
    """Decorates what hosts call: what it raises holds no local variables of it and of all below.

    Files, lines and functions stay, also those of causes. The caller's own frames, and an error
    that the caller is handling, are not touched.

    Args:
        thing: A function, sync or async; of a class, all public methods are meant, and making one.
    """
    if not isinstance(thing, type):
        wrapped: T = _wrap(thing)
        return wrapped
    for name, method in tuple(vars(thing).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(method, FunctionType):
            setattr(thing, name, _wrap(method))
        elif isinstance(method, classmethod):
            setattr(thing, name, classmethod(_wrap(method.__func__)))
    return thing


def _wrap(function: Any) -> Any:
    if iscoroutinefunction(function):

        @wraps(function)
        async def run(*args: Any, **kwargs: Any) -> Any:
            handled = sys.exception()
            try:
                return await function(*args, **kwargs)
            except BaseException as error:
                _strip_locals(error, handled)
                raise

        return run

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        handled = sys.exception()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            _strip_locals(error, handled)
            raise

    return call


def _strip_locals(error: BaseException, handled: BaseException | None) -> None:
    """Strips an error and all that it came from, but not what the caller is handling."""
    links: list[BaseException | None] = [error]
    seen = {id(handled)}
    while links:
        link = links.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        if link.__suppress_context__:
            link.__context__ = None  # nobody is shown it, and it holds frames
        link.__traceback__ = _copy_without_locals(link.__traceback__)
        links += [link.__cause__, link.__context__]
        if isinstance(link, BaseExceptionGroup):
            links += link.exceptions


def _copy_without_locals(trace: TracebackType | None) -> TracebackType | None:
    here = _wrap.__code__.co_filename  # whose own frames tell nobody anything
    steps = [
        (frame, line)
        for frame, line in traceback.walk_tb(trace)
        if frame.f_code.co_filename != here
    ]
    copied: TracebackType | None = None
    for frame, line in reversed(steps):
        copied = TracebackType(copied, _make_empty_frame(frame, line), 0, line)
    return copied


def _empty() -> Iterator[None]:
    yield


def _make_empty_frame(frame: FrameType, line: int) -> FrameType:
    """Makes a frame that stands where another one stood, of a generator that was never begun."""
    code = frame.f_code
    shown = _empty.__code__.replace(
        co_filename=code.co_filename,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_firstlineno=code.co_firstlineno,
        co_linetable=_place_on_line(line - code.co_firstlineno),
    )
    names = {"__name__": frame.f_globals.get("__name__", "")}
    empty: FrameType = FunctionType(shown, names)().gi_frame
    return empty


def _place_on_line(after: int) -> bytes:
    """Places all instructions of `_empty` on one line, and says no columns: none is underlined.

    Args:
        after: The line, counted from the first one of the function.
    """
    left = len(_empty.__code__.co_code) // 2
    step = after << 1 if after >= 0 else (-after << 1) | 1
    table = bytearray()
    while left > 0:  # the form is that of Objects/locations.md in CPython
        table.append(0x80 | 13 << 3 | min(left, 8) - 1)
        while step > 0x3F:
            table.append(0x40 | step & 0x3F)
            step >>= 6
        table.append(step)
        left, step = left - 8, 0
    return bytes(table)


# -- errors that are logged ------------------------------------------------------------------------


def format_error(error: BaseException) -> str:
    """Formats an error as Python does, with what it came from: each text in it is one line.

    So nobody who words an error or names a file can write a line of the log.
    """
    return "\n".join(_list_lines(error))


def _list_lines(error: BaseException) -> Iterator[str]:
    links = list(_list_links(error))
    for link, came in reversed(links):
        yield from _list_own_lines(link)
        if came:
            yield from ("", came, "")


def _list_links(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Lists an error and the ones it came from, each with how the next one came of it."""
    link: BaseException | None = error
    came, seen = "", set[int]()
    while link is not None and id(link) not in seen and len(seen) < MOST_ERRORS:
        yield link, came
        seen.add(id(link))
        if link.__cause__ is not None:
            link, came = link.__cause__, "It was the direct cause of this error:"
        else:
            link = None if link.__suppress_context__ else link.__context__
            came = "While it was handled, this error came:"


def _list_own_lines(error: BaseException) -> Iterator[str]:
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):"
    for frame in traceback.extract_tb(error.__traceback__, limit=-MOST_FRAMES):
        yield f'  File "{redact(frame.filename)}", line {frame.lineno}, in {redact(frame.name)}'
        if frame.line:
            yield f"    {redact(frame.line)}"
    yield redact(f"{type(error).__qualname__}: {_say(error)}")
    yield from (f"  note: {redact(str(note))}" for note in getattr(error, "__notes__", ()))
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from (f"  | {line}" for line in _list_lines(part))


def _say(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # of a host's class
        return "(it cannot be written)"
