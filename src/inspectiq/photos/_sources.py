"""Where a photo's bytes come from: a file, memory, or a host's own storage."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from inspectiq._gate import Gate
from inspectiq._host_calls import HostCallError, call_host, call_in_thread
from inspectiq.errors import ConfigError, PhotoError
from inspectiq.photos._size_limits import MAX_BYTES, make_size_error

__all__ = [
    "READ_SECONDS",
    "BytesSource",
    "FaultySource",
    "LoaderSource",
    "PathSource",
    "PhotoSource",
    "check_content",
    "hold_bytes",
]

T = TypeVar("T")

READ_SECONDS = 10.0  # 25 MB over a share of 2.5 MB a second
AT_ONCE = 8  # reads in the process; storage is quicker with a few, and a share is not flooded

_reads = Gate(AT_ONCE)


def _forget_after_fork() -> None:
    global _reads
    _reads = Gate(AT_ONCE)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_after_fork)


class PhotoSource(Protocol):
    """Reads the bytes of one photo. Sources are equal where they name the same photo."""

    async def aread(self, name: str) -> bytes:
        """Reads the whole file, at most `MAX_BYTES`.

        Raises:
            PhotoError: It cannot be read.
        """

    async def read_state(self, name: str) -> Hashable:
        """Reads a value that changes with the content, such as a file's size and time of change."""

    def describe(self) -> str:
        """Describes it for a repr: size or hash, as far as it is known without reading."""


@dataclass(frozen=True, slots=True)
class PathSource:
    """A file by its path."""

    path: Path

    async def aread(self, name: str) -> bytes:
        return await self._run_in_thread(name, lambda: self._read(name))

    async def read_state(self, name: str) -> Hashable:
        return await self._run_in_thread(name, lambda: self._read_stat(name))

    def describe(self) -> str:
        return ""

    async def _run_in_thread(self, name: str, call: Callable[[], T]) -> T:
        try:
            async with _reads.ahold():
                return await call_in_thread(call, READ_SECONDS, "inspectiq-read")
        except TimeoutError:
            raise PhotoError(
                f"{name}: reading took more than {READ_SECONDS:g} s; check the disk or network "
                "share, or use Photo.from_loader(..., timeout=...)",
                photo=name,
                reason="timeout",
            ) from None
        except HostCallError as raised:
            raise _make_read_error(name, raised.__cause__) from raised.__cause__

    def _read_stat(self, name: str) -> tuple[int, int, int]:
        found = self.path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise PhotoError(
                f"{name}: this is {kind}; give the path of a photo, or hand the folder itself "
                "to the agent",
                photo=name,
                reason="unreadable",
            )
        if found.st_size > MAX_BYTES:
            raise make_size_error(name, found.st_size)
        return found.st_size, found.st_mtime_ns, found.st_ino

    def _read(self, name: str) -> bytes:
        self._read_stat(name)
        with self.path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(size, MAX_BYTES) + 1)
            # A read may return less than was asked for, and a file may grow while it is read.
            while len(data) <= MAX_BYTES and (more := file.read(MAX_BYTES + 1 - len(data))):
                data += more
        return check_content(name, data)


def _make_read_error(name: str, error: BaseException | None) -> PhotoError:
    if isinstance(error, PhotoError):
        return error
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return PhotoError(
            f"{name}: there is no such file; check the path, or whether it was moved meanwhile",
            photo=name,
            reason="not_found",
        )
    return PhotoError(
        f"{name}: reading failed with {type(error).__name__}; check that it is a file and that "
        "this process may read it",
        photo=name,
        reason="unreadable",
    )


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes in memory."""

    content: bytes = field(repr=False, compare=False)
    sha256: str = ""

    @classmethod
    def of(cls, content: bytes) -> BytesSource:
        return cls(content, hashlib.sha256(content).hexdigest())

    async def aread(self, name: str) -> bytes:
        return check_content(name, self.content)

    async def read_state(self, name: str) -> Hashable:
        return None

    def describe(self) -> str:
        return f"{len(self.content)} bytes, sha256 {self.sha256[:12]}"


@dataclass(frozen=True, slots=True)
class LoaderSource:
    """A host's own storage, read by calling `load`."""

    key: str
    load: Callable[[], Any] = field(hash=False)
    timeout: float = field(compare=False)

    async def aread(self, name: str) -> bytes:
        try:
            async with _reads.ahold():
                content = await call_host(self.load, self.timeout)
        except TimeoutError:
            raise PhotoError(
                f"{name}: the loader took more than {self.timeout:g} s; raise the limit with "
                f"Photo.from_loader(..., timeout=...), or check the storage",
                photo=name,
                reason="timeout",
            ) from None
        except HostCallError as raised:
            cause = raised.__cause__
            raise PhotoError(
                f"{name}: the loader raised {type(cause).__name__}; check the key and the storage",
                photo=name,
                reason="unreadable",
            ) from cause
        if not isinstance(content, bytes | bytearray | memoryview):
            raise PhotoError(
                f"{name}: the loader returned {type(content).__name__}; return the file's bytes",
                photo=name,
                reason="unreadable",
            )
        if memoryview(content).nbytes > MAX_BYTES:
            raise make_size_error(name, memoryview(content).nbytes)
        return check_content(name, bytes(content))

    async def read_state(self, name: str) -> Hashable:
        return None

    def describe(self) -> str:
        return "loader"


@dataclass(frozen=True, slots=True)
class FaultySource:
    """An input that is known not to be a photo; reading it raises why."""

    error: PhotoError = field(compare=False)
    token: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", (self.error.reason, str(self.error)))

    async def aread(self, name: str) -> bytes:
        # A fresh one each time: a raised error collects tracebacks.
        raise PhotoError(str(self.error), photo=name, reason=self.error.reason)

    async def read_state(self, name: str) -> Hashable:
        return None

    def describe(self) -> str:
        return self.error.reason


def hold_bytes(content: Any, name: str) -> BytesSource | FaultySource:
    """Makes a source of bytes in memory; a mutable buffer is copied, and a fault passed on.

    Raises:
        ConfigError: They are no bytes.
    """
    if isinstance(content, FaultySource):
        return content
    try:
        shown = memoryview(content)
    except TypeError:
        shown = None
    if shown is None or shown.ndim != 1:
        raise ConfigError(
            f"data must be the bytes of a file, not {type(content).__name__}; for a path use "
            "Photo.from_path, for a file Photo.from_file, for pixels Photo.from_picture"
        )
    if shown.nbytes > MAX_BYTES:
        return FaultySource(make_size_error(name, shown.nbytes))
    return BytesSource.of(bytes(content))


def check_content(name: str, content: bytes) -> bytes:
    """Makes sure that there is content and not too much, and returns it.

    Raises:
        PhotoError: It is empty or over `MAX_BYTES`.
    """
    if len(content) > MAX_BYTES:
        raise make_size_error(name, len(content))
    if not content:
        raise PhotoError(
            f"{name}: the file is empty; copy or upload it again", photo=name, reason="empty"
        )
    return content
