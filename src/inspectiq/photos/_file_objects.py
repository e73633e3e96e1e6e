"""Reads binary file objects, such as uploads: their names and their bytes."""

from __future__ import annotations

import inspect
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from inspectiq.errors import PhotoError
from inspectiq.photos._size_limits import MAX_BYTES
from inspectiq.photos._sources import FaultySource

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
    """Reads a file object, from its start where it was read before, and leaves it where it stood.

    Args:
        file: The file object.
        name: Name of the photo, for messages.

    Returns:
        One byte more than is taken at most; or why there are none. It is not raised, since its
        traceback would keep the file.
    """
    stood = _find_place(file)
    try:
        content = file.read(MAX_BYTES + 1)
        if not content and file.seekable() and file.tell():  # it was read before
            file.seek(0)
            content = file.read(MAX_BYTES + 1)
    except Exception as error:
        return _make_fault(name, f"raised {type(error).__name__}")
    if stood is not None:
        with suppress(Exception):
            file.seek(stood)
    if isinstance(content, bytes | bytearray | memoryview):
        return content
    if hasattr(content, "close"):
        content.close()  # a coroutine that nobody awaits would warn
    return _make_fault(name, f"gave {type(content).__name__} and not bytes")


async def aread_file_object(file: Any, name: str) -> bytes | bytearray | memoryview | FaultySource:
    """Reads a file object whose `read` is awaited, and leaves it at its start if it has a `seek`.

    A host that stores the upload afterwards would store an empty file otherwise.
    """
    can_seek = inspect.iscoroutinefunction(getattr(file, "seek", None))
    try:
        content = await _aread(file)
        if not content and can_seek:
            # It may have been read before.
            await file.seek(0)
            content = await _aread(file)
    except Exception as error:
        return _make_fault(name, f"raised {type(error).__name__}")
    if can_seek:
        with suppress(Exception):
            await file.seek(0)
    if isinstance(content, bytes | bytearray | memoryview):
        return content
    return _make_fault(name, f"gave {type(content).__name__} and not bytes")


def _find_place(file: Any) -> int | None:
    """Finds where a file stands; None for one that cannot tell, such as a pipe."""
    with suppress(Exception):
        place = file.tell()
        return place if isinstance(place, int) else None
    return None


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
