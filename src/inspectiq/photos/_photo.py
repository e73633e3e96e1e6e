"""`Photo`: a handle on one photo. It is cheap, reads late and never holds pixels."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypedDict, Unpack, final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from inspectiq import _sync
from inspectiq._text import replace_surrogates
from inspectiq.domain._photo import PhotoRef
from inspectiq.errors import ConfigError, PhotoError
from inspectiq.photos._image_rule import ImageRule
from inspectiq.photos._size_limits import MAX_BYTES, make_size_error
from inspectiq.photos._sources import (
    BytesSource,
    FaultySource,
    LoaderSource,
    PathSource,
    PhotoSource,
)

if TYPE_CHECKING:
    from inspectiq.net._net_policy import NetPolicy
    from inspectiq.photos._examine import Examination
    from inspectiq.photos._prepare import Prepare, PreparedPhoto

__all__ = ["LOAD_SECONDS", "Photo"]

LOAD_SECONDS = 2.0

Load = Callable[[], bytes] | Callable[[], Awaitable[bytes]]


class _Changes(TypedDict, total=False):
    id: str | None
    room: str | None
    name: str
    prepare: Prepare | None
    examined: Examination | None


# No dataclass: pydantic would dump its fields instead of the photo itself.
@final
class Photo:
    """One photo, by where its bytes come from. Make it with one of the `from_` methods.

    Immutable, hashable and safe to share between threads and event loops. Handles are equal where
    source, room, prepare and id are. It pickles where its source does: paths, bytes and URLs
    always, a loader and a `prepare` where the function itself pickles. Nothing is read before it is
    needed, and making one never raises for what the file contains.

    Attributes:
        source: Where the bytes come from.
        name: File name or key, without folders; it appears in messages and results.
        id: Unique in its case; `collect` numbers those that have none.
        room: Which room it shows.
        prepare: The host's own blur or crop, called before anything is sent (`prepare_picture`).
        examined: What `examine` found.
    """

    __slots__ = ("examined", "id", "name", "prepare", "room", "source")

    source: PhotoSource
    name: str
    id: str | None
    room: str | None
    prepare: Prepare | None
    examined: Examination | None

    def __init__(
        self,
        source: PhotoSource,
        name: str,
        id: str | None = None,
        room: str | None = None,
        prepare: Prepare | None = None,
        examined: Examination | None = None,
    ) -> None:
        object.__setattr__(self, "source", source)
        # File systems hold names that are no text; results must be able to say them all the same.
        for key, value in (("name", name), ("id", id), ("room", room)):
            object.__setattr__(self, key, replace_surrogates(value) if value else None)
        if not name:
            object.__setattr__(self, "name", "photo")
        object.__setattr__(self, "prepare", prepare)
        object.__setattr__(self, "examined", examined)

    def __setattr__(self, key: str, value: object) -> NoReturn:
        raise AttributeError(
            f"a photo is immutable; make another one with photo.replace({key}=...)"
        )

    def __delattr__(self, key: str) -> NoReturn:
        raise AttributeError("a photo is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return Photo, tuple(self._list_fields().values())

    def _list_fields(self) -> dict[str, Any]:
        names = ("source", "name", "id", "room", "prepare", "examined")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_path(
        cls,
        path: str | os.PathLike[str],
        *,
        room: str | None = None,
        name: str | None = None,
        id: str | None = None,
        prepare: Prepare | None = None,
    ) -> Photo:
        """A file. It is read when it is needed, with 10 seconds for a slow share."""
        path = Path(path)
        return cls(PathSource(path), name or path.name or str(path), id, room, prepare)

    @classmethod
    def from_bytes(
        cls,
        data: bytes | bytearray | memoryview,
        *,
        name: str = "photo",
        room: str | None = None,
        id: str | None = None,
        prepare: Prepare | None = None,
    ) -> Photo:
        """An encoded picture in memory, at most 25 MB. A mutable buffer is copied."""
        size = memoryview(data).nbytes
        if size > MAX_BYTES:
            return cls(FaultySource(make_size_error(name, size)), name, id, room, prepare)
        return cls(BytesSource.of(bytes(data)), name, id, room, prepare)

    @classmethod
    def from_file(
        cls,
        file: Any,
        *,
        name: str | None = None,
        room: str | None = None,
        id: str | None = None,
        prepare: Prepare | None = None,
    ) -> Photo:
        """A binary file object, read at once (an upload is closed when its request ends).

        One that is closed, in text mode or broken becomes a photo whose reading raises.
        """
        name = name or _get_file_name(file)
        try:
            data = file.read(MAX_BYTES + 1)
            if not data and file.seekable() and file.tell():  # it was read before
                file.seek(0)
                data = file.read(MAX_BYTES + 1)
        except Exception as error:
            return cls(
                _make_file_fault(name, f"raised {type(error).__name__}"), name, id, room, prepare
            )
        if not isinstance(data, bytes | bytearray | memoryview):
            if hasattr(data, "close"):
                data.close()  # a coroutine that nobody awaits would warn
            fault = _make_file_fault(name, f"gave {type(data).__name__} and not bytes")
            return cls(fault, name, id, room, prepare)
        return cls.from_bytes(data, name=name, room=room, id=id, prepare=prepare)

    @classmethod
    def from_loader(
        cls,
        key: str,
        load: Load,
        *,
        timeout: float = LOAD_SECONDS,
        name: str | None = None,
        room: str | None = None,
        id: str | None = None,
        prepare: Prepare | None = None,
    ) -> Photo:
        """A photo in private storage.

        Args:
            key: Names the content: the same key with the same `load` is taken for the same photo.
            load: Called without arguments, sync (in a thread of its own) or async; returns the
                file's bytes.
            timeout: Seconds that one call may take.
            name: Shown instead of the key.
            room: Which room the photo shows.
            id: Unique in its case.
            prepare: The host's own blur or crop.
        """
        if not callable(load):
            raise ConfigError(
                f"load must be a function that returns the bytes, not {type(load).__name__}"
            )
        source = LoaderSource(key, load, timeout)
        return cls(source, name or key.rsplit("/", 1)[-1] or key, id, room, prepare)

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        policy: NetPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        name: str | None = None,
        room: str | None = None,
        id: str | None = None,
        prepare: Prepare | None = None,
    ) -> Photo:
        """A photo that is fetched when it is needed, from public addresses only.

        The engine gets its bytes and never the URL. A URL that is refused, or that gives no photo,
        is this photo's own outcome.

        Args:
            url: http or https. It appears in no message, for it may be signed; its host does.
            policy: What may be reached besides public addresses; if not given, what the environment
                says now (`INSPECTIQ_PRIVATE_NETWORKS` and others, read in under a millisecond).
            headers: Sent to the URL's own origin, and not to where it redirects.
            timeout: Seconds for all of it, 20 if not given.
            name: Shown instead of the last part of the URL's path.
            room: Which room the photo shows.
            id: Unique in its case.
            prepare: The host's own blur or crop.

        Raises:
            ConfigError: An argument is of the wrong kind, or a variable has a wrong value.
        """
        from inspectiq.photos._url_source import UrlSource

        source = UrlSource.of(url, policy, headers, timeout)
        return cls(source, name or source.name, id, room, prepare)

    @property
    def path(self) -> Path | None:
        """The file, where it is one."""
        return self.source.path if isinstance(self.source, PathSource) else None

    @property
    def content_sha256(self) -> str | None:
        """Hash of what tells its content from others', as `examine` found it; else None."""
        return self.examined.content_sha256 if self.examined is not None else None

    async def aread(self) -> bytes:
        """The original's bytes, at most 25 MB.

        Raises:
            PhotoError: Reason `not_found`, `unreadable`, `timeout`, `empty`, `make_size_error` or
                `no_photos`; of a URL also `unsafe_url`.
        """
        return await self.source.aread(self.name)

    def read(self) -> bytes:
        """The sync twin of `aread`."""
        return _sync.run(self.aread())

    async def aprepare_for(self, rule: ImageRule | None = None) -> PreparedPhoto:
        """The photo as an engine with this rule gets it: decoded off the loop, in bounded memory.

        What was prepared a moment ago is not decoded again.

        Raises:
            PhotoError: It cannot be used, or its content changed since it was examined.
        """
        from inspectiq.photos._prepare_pool import prepare_photo

        return await prepare_photo(self, rule or ImageRule())

    def prepare_for(self, rule: ImageRule | None = None) -> PreparedPhoto:
        """The sync twin of `aprepare_for`."""
        return _sync.run(self.aprepare_for(rule))

    def replace(self, **changes: Unpack[_Changes]) -> Photo:
        """The same photo but for what is given. Another `prepare` needs another examination."""
        changed = Photo(**{**self._list_fields(), **changes})
        if self.examined is None or "examined" in changes:
            return changed
        if changed.prepare != self.prepare:
            return changed.replace(examined=None)
        ref = self.examined.ref.model_copy(
            update={"id": changed.id or changed.name, "name": changed.name, "room": changed.room}
        )
        return changed.replace(examined=replace(self.examined, ref=ref))

    @property
    def ref(self) -> PhotoRef:
        """What a result records of this photo, as far as it is known."""
        if self.examined is not None:
            return self.examined.ref
        return PhotoRef(id=self.id or self.name, name=self.name, room=self.room)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Photo):
            return NotImplemented
        return (self.source, self.room, self.prepare, self.id) == (
            other.source,
            other.room,
            other.prepare,
            other.id,
        )

    def __hash__(self) -> int:
        return hash((self.source, self.room, self.id))  # a `prepare` need not be hashable

    def __repr__(self) -> str:
        parts = [repr(self.name)]
        parts += [f"id={self.id!r}"] if self.id is not None else []
        parts += [f"room={self.room!r}"] if self.room is not None else []
        parts += ["prepare=..."] if self.prepare is not None else []
        label = self.source.describe()
        if self.examined is not None and self.examined.ref.original is not None:
            original = self.examined.ref.original
            label = f"{original.bytes} bytes, sha256 {original.sha256[:12]}"
        return f"<Photo {' '.join(parts)}{f' ({label})' if label else ''}>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        fields = {
            "path": core_schema.typed_dict_field(core_schema.str_schema()),
            **{
                key: core_schema.typed_dict_field(
                    core_schema.nullable_schema(core_schema.str_schema()), required=False
                )
                for key in ("room", "id", "name")
            },
        }
        from_json = core_schema.union_schema(
            [
                core_schema.str_schema(),
                core_schema.typed_dict_schema(fields, extra_behavior="forbid"),
            ]
        )
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(_validate, from_json),
            python_schema=core_schema.no_info_plain_validator_function(_validate),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _to_json, when_used="json"
            ),
        )


def _validate(value: Any) -> Photo:
    if isinstance(value, Photo):
        return value
    if isinstance(value, str | os.PathLike):
        return Photo.from_path(value)
    if isinstance(value, Mapping) and isinstance(value.get("path"), str):
        if unknown := set(value) - {"path", "room", "id", "name"}:
            raise ValueError(f"a photo has no {', '.join(sorted(map(str, unknown)))}")
        return Photo.from_path(**value)
    raise ValueError("a photo is a Photo, a path, or a mapping with a path")


def _to_json(photo: Photo) -> dict[Literal["path", "room", "id", "name"], str | None]:
    if photo.path is None or photo.prepare is not None:
        raise ValueError(
            f"{photo.name}: only path-backed photos go to JSON, and only without prepare=; save "
            "the photo to a file, or pickle it"
        )
    return {"path": str(photo.path), "room": photo.room, "id": photo.id, "name": photo.name}


def _get_file_name(file: Any) -> str:
    for attribute in ("filename", "name"):  # an upload's, then a file's
        value = getattr(file, attribute, None)
        if isinstance(value, str) and value:
            return value.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or "photo"
    return "photo"


def _make_file_fault(name: str, what: str) -> FaultySource:
    return FaultySource(
        PhotoError(
            f"{name}: reading the file object {what}; give an open binary file, or await its "
            "read() and use Photo.from_bytes",
            photo=name,
            reason="unreadable",
        )
    )
