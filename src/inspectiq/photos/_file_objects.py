"""Reads binary file objects, such as uploads: their names and their bytes."""

from __future__ import annotations

from typing import Any

from inspectiq.errors import PhotoError
from inspectiq.photos._size_limits import MAX_BYTES
from inspectiq.photos._sources import FaultySource

__all__ = ["get_file_name", "read_file_object"]


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


def _make_fault(name: str, what: str) -> FaultySource:
    return FaultySource(
        PhotoError(
            f"{name}: reading the file object {what}; give an open binary file, or await its "
            "read() and use Photo.from_bytes",
            photo=name,
            reason="unreadable",
        )
    )
