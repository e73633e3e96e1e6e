"""Reads binary file objects, such as uploads: their names and their bytes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from inspectiq.errors import PhotoError
from inspectiq.photos._size_limits import MAX_BYTES
from inspectiq.photos._sources import READ_SECONDS, FaultySource

__all__ = [
    "AsyncFileSource",
    "aread_file_object",
    "get_file_name",
    "is_async_file",
    "read_file_object",
]

_REPEATED = 2  # bytes


@dataclass(frozen=True, slots=True, eq=False)
class AsyncFileSource:
    """An upload whose `read` is awaited, such as Starlette's; it closes with its request.

    Attributes:
        file: The upload.
        where: Its place among what was given, for messages.
    """

    file: Any
    where: str

    async def aread(self, name: str) -> bytes:
        content = await aread_file_object(self.file, name)
        return await content.aread(name) if isinstance(content, FaultySource) else bytes(content)

    async def read_state(self, name: str) -> Hashable:
        return None

    def describe(self) -> str:
        return "upload"


def is_async_file(file: Any) -> bool:
    """Tells whether a file's `read` must be awaited."""
    return inspect.iscoroutinefunction(getattr(file, "read", None))


def get_file_name(file: Any) -> str:
    """Gets the name of a file object without folders; `photo` where it has none."""
    for attribute in ("filename", "name"):  # an upload's, then a file's
        value = getattr(file, attribute, None)
        if isinstance(value, str) and value:
            return value.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or "photo"
    return "photo"


def read_file_object(file: Any, name: str) -> bytes | bytearray | memoryview | FaultySource:
    """Reads a file object from its start if it can be moved there, and leaves it where it stood.

    Args:
        file: The file object.
        name: Name of the photo, for messages.

    Returns:
        One byte more than is taken at most; or why there are none. It is not raised, since its
        traceback would keep the file.
    """
    gathered = _Gathered()
    stood = _find_place(file)
    try:
        with suppress(Exception):  # a pipe, or what does not know how
            _close(file.seek(0))
        while gathered.wants_more:
            try:
                piece = file.read(gathered.left)
            except TypeError:  # some give all they have, and take no number
                if gathered.has_some:
                    raise
                gathered.add_all(file.read())
            else:
                gathered.add(piece)
    except Exception as error:
        return _make_fault(name, f"raised {type(error).__name__}")
    if stood is not None:
        with suppress(Exception):
            file.seek(stood)
    return gathered.finish(name)


async def aread_file_object(file: Any, name: str) -> bytes | bytearray | memoryview | FaultySource:
    """Reads a file object whose `read` is awaited, in 10 seconds at most; else as the sync one.

    One that has a `seek` is left at its start: a host that stores the upload afterwards would
    store an empty file otherwise.
    """
    # In a task of its own: what it does with a cancellation is its own, and not the caller's.
    reading = asyncio.ensure_future(_aread_all(file))
    reading.add_done_callback(_look_at_error)
    try:
        await asyncio.wait({reading}, timeout=READ_SECONDS)
    finally:
        reading.cancel()  # nothing where it is done
    if not reading.done():
        return _make_timeout(name)
    if reading.cancelled():
        return _make_fault(name, "was cancelled")
    if (error := reading.exception()) is not None:
        return _make_fault(name, f"raised {type(error).__name__}")
    return reading.result().finish(name)


async def _aread_all(file: Any) -> _Gathered:
    gathered = _Gathered()
    await _rewind(file)
    while gathered.wants_more:
        try:
            reading = file.read(gathered.left)
        except TypeError:  # such as aiohttp's parts
            if gathered.has_some:
                raise
            gathered.add_all(await file.read())
        else:
            gathered.add(await reading)
    await _rewind(file)
    return gathered


async def _rewind(file: Any) -> None:
    if inspect.iscoroutinefunction(seek := getattr(file, "seek", None)):
        with suppress(Exception):
            await seek(0)


def _look_at_error(reading: asyncio.Future[Any]) -> None:
    """Takes note of an error, which asyncio would log where nobody waits any more."""
    if not reading.cancelled():
        reading.exception()


def _find_place(file: Any) -> int | None:
    """Finds where a file stands; None for one that cannot tell, such as a pipe."""
    with suppress(Exception):
        place = file.tell()
        return place if isinstance(place, int) else None
    return None


class _Gathered:
    """What was read so far: pipes, streams and uploads give less than they are asked for.

    Attributes:
        left: How much may be read yet: one byte more than is taken at most.
        wants_more: Whether there may be more.
    """

    def __init__(self) -> None:
        self._pieces: list[Any] = []
        self.left = MAX_BYTES + 1
        self.wants_more = True

    @property
    def has_some(self) -> bool:
        """Whether anything was read."""
        return bool(self._pieces)

    def add(self, piece: Any) -> None:
        """Adds what one read gave; nothing ends it."""
        if not isinstance(piece, bytes | bytearray | memoryview):
            self.add_all(piece)
        elif not piece or self._is_repeated(piece):
            self.wants_more = False
        else:
            self._pieces.append(piece)
            self.left -= memoryview(piece).nbytes
            self.wants_more = self.left > 0

    def add_all(self, content: Any) -> None:
        """Takes what one read gave for the whole."""
        _close(content)
        self._pieces, self.wants_more = [content], False

    def _is_repeated(self, piece: Any) -> bool:
        """Tells whether each read gives the same, as stand-ins for uploads do.

        No picture begins with the same two bytes twice, or more of them.
        """
        return len(self._pieces) == 1 and len(piece) >= _REPEATED and piece == self._pieces[0]

    def finish(self, name: str) -> bytes | bytearray | memoryview | FaultySource:
        """Gives the whole, or why it is none."""
        pieces = self._pieces
        if pieces and not isinstance(pieces[-1], bytes | bytearray | memoryview):
            return _make_fault(name, f"gave {type(pieces[-1]).__name__} and not bytes")
        if len(pieces) == 1:
            content: bytes | bytearray | memoryview = pieces[0]
            return content
        return b"".join(pieces)


def _close(given: Any) -> None:
    """Closes a coroutine, since one that nobody awaits would warn."""
    if inspect.iscoroutine(given):
        given.close()


def _make_fault(name: str, what: str) -> FaultySource:
    return FaultySource(
        PhotoError(
            f"{name}: reading the file object {what}; give an open binary file, or await its "
            "read() and use Photo.from_bytes",
            photo=name,
            reason="unreadable",
        )
    )


def _make_timeout(name: str) -> FaultySource:
    return FaultySource(
        PhotoError(
            f"{name}: reading the upload took more than {READ_SECONDS:g} s; await its read() and "
            "use Photo.from_bytes",
            photo=name,
            reason="timeout",
        )
    )
