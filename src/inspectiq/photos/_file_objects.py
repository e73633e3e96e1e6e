"""Reads binary file objects, such as uploads: their names and their bytes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Hashable
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
    """Reads a file object, from its start where it was read before.

    Args:
        file: The file object.
        name: Name of the photo, for messages.

    Returns:
        One byte more than is taken at most; or why there are none. It is not raised, since its
        traceback would keep the file.
    """
    try:
        content = file.read(MAX_BYTES + 1)
        if not content and file.seekable() and file.tell():  # it was read before
            file.seek(0)
            content = file.read(MAX_BYTES + 1)
    except Exception as error:
        return _make_fault(name, f"raised {type(error).__name__}")
    if isinstance(content, bytes | bytearray | memoryview):
        return content
    if hasattr(content, "close"):
        content.close()  # a coroutine that nobody awaits would warn
    return _make_fault(name, f"gave {type(content).__name__} and not bytes")


async def aread_file_object(file: Any, name: str) -> bytes | bytearray | memoryview | FaultySource:
    """Reads a file object whose `read` is awaited, in 10 seconds at most; else as the sync one."""
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
    content = reading.result()
    if isinstance(content, bytes | bytearray | memoryview):
        return content
    return _make_fault(name, f"gave {type(content).__name__} and not bytes")


async def _aread_all(file: Any) -> Any:
    content = await _aread(file)
    if not content and inspect.iscoroutinefunction(getattr(file, "seek", None)):
        # It may have been read before.
        await file.seek(0)
        content = await _aread(file)
    return content


def _look_at_error(reading: asyncio.Future[Any]) -> None:
    """Takes note of an error, which asyncio would log where nobody waits any more."""
    if not reading.cancelled():
        reading.exception()


async def _aread(file: Any) -> Any:
    try:
        reading = file.read(MAX_BYTES + 1)
    except TypeError:  # such as aiohttp's parts, which give all they have
        reading = file.read()
    return await reading


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
