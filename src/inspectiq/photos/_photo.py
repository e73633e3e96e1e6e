"""`Photo`: a handle on one photo that reads it only when needed and never holds pixels."""

from __future__ import annotations

import io
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict, Unpack, final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from inspectiq import _sync
from inspectiq._taking import refuse, require, require_number
from inspectiq._text import replace_surrogates
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._photo import SHOWN_SIDE, PhotoRef
from inspectiq.errors import ConfigError
from inspectiq.photos._file_objects import get_file_name, read_file_object
from inspectiq.photos._image_rule import ImageRule
from inspectiq.photos._photo_schema import build_photo_schema
from inspectiq.photos._picture_input import encode_picture
from inspectiq.photos._sources import LoaderSource, PathSource, PhotoSource, hold_bytes

if TYPE_CHECKING:
    from PIL import Image

    from inspectiq.net._net_policy import NetPolicy
    from inspectiq.photos._examine import Examination
    from inspectiq.photos._prepare import Prepare, PreparedPhoto

__all__ = ["LOAD_SECONDS", "Photo"]

LOAD_SECONDS = 2.0

Load = Callable[[], bytes] | Callable[[], Awaitable[bytes]]


class _Changes(TypedDict, total=False):
    """The fields that `Photo.replace` can change."""

    id: str | None
    room: str | None
    name: str
    prepare: Prepare | None
    examined: Examination | None


# No dataclass: pydantic would dump its fields instead of the photo itself.
@final
@hide_locals
class Photo:
    """One photo, read when it is needed. Make it with one of the `from_` methods.

    Immutable, hashable and safe to share between threads and event loops. Handles are equal where
    source, room, prepare and id are. It pickles where its source does: paths, bytes and URLs
    always, a loader and a `prepare` where the function itself pickles. Nothing is read before it is
    needed, and making one never raises for what the file contains.

    Attributes:
        source: Where the bytes come from.
        name: File name or key, without folders; it appears in messages and results.
        id: Unique in its case; a case numbers those that have none.
        room: Which room it shows.
        prepare: The host's own blur or crop, called before anything is sent (`prepare_picture`).
        examined: The facts that one look at it has shown; None until then.
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
        name: str = "",
        id: str | None = None,
        room: str | None = None,
        prepare: Prepare | None = None,
        examined: Examination | None = None,
    ) -> None:
        if not callable(getattr(source, "aread", None)):
            refuse(
                source,
                "source",
                "make a photo with Photo.from_path, from_bytes, from_file, from_picture, "
                "from_loader or from_url",
            )
        object.__setattr__(self, "source", source)
        # File systems hold names that are no text; results must be able to say them all the same.
        for key, value in (("name", name), ("id", id), ("room", room)):
            require(value, (str, NoneType), key, "give text")
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
        """Makes a photo of a file, which is read when it is needed, in 10 seconds at most."""
        ways = "give the path of a photo, or use Photo.from_bytes, from_file or from_picture"
        require(path, (str, os.PathLike), "path", ways)
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
        """Makes a photo of an encoded picture, at most 25 MB. A mutable buffer is copied."""
        return cls(hold_bytes(data, name), name, id, room, prepare)

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
        """Makes a photo of a binary file object, read at once: uploads close with their request.

        Read from its start if it can seek; one that is closed or broken is a photo that says so.
        """
        name = name or get_file_name(file)
        return cls(hold_bytes(read_file_object(file, name), name), name, id, room, prepare)

    @classmethod
    def from_picture(
        cls,
        picture: Any,
        *,
        name: str | None = None,
        room: str | None = None,
        id: str | None = None,
        prepare: Prepare | None = None,
    ) -> Photo:
        """Makes a photo of a decoded picture, copied as it is now.

        One that Pillow opened from a file is turned upright by its EXIF, as the file would be. An
        AVIF, HEIC or PNG that is not decoded yet is read as its file; an AVIF or HEIC that is
        becomes a photo whose reading raises, since it may show what its maker cut off.

        Args:
            picture: A `PIL.Image.Image`, or an array of shape (height, width, 3), RGB, uint8.
                OpenCV's are BGR: `cv2.cvtColor(array, cv2.COLOR_BGR2RGB)`.
            name: If not given, that of the file from which Pillow opened it.
            room: Which room the photo shows.
            id: Unique in its case.
            prepare: The host's own blur or crop.

        Raises:
            ConfigError: It is neither, or an array of another shape or dtype.
        """
        name = name or get_file_name(picture)
        return cls(hold_bytes(encode_picture(picture, name), name), name, id, room, prepare)

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
        """Makes a photo of a file in private storage, which a function of yours reads.

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
        require(key, str, "key", "give text that names the content")
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
        """Makes a photo that is fetched when it is needed, from public addresses only.

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

        require(headers, (Mapping, NoneType), "headers", "give a mapping of names to values")
        source = UrlSource.of(url, policy, headers, timeout)
        return cls(source, name or source.name, id, room, prepare)

    @property
    def path(self) -> Path | None:
        """The file, where it is one."""
        return self.source.path if isinstance(self.source, PathSource) else None

    @property
    def content_sha256(self) -> str | None:
        """Hash that identifies its content, once it was examined; else None."""
        return self.examined.content_sha256 if self.examined is not None else None

    async def aread(self) -> bytes:
        """Reads the original's bytes, at most 25 MB.

        Raises:
            PhotoError: Reason `not_found`, `unreadable`, `timeout`, `empty`, `too_many_bytes`
                or `no_photos`; of a URL also `unsafe_url`.
        """
        return await self.source.aread(self.name)

    def read(self) -> bytes:
        """Reads the original's bytes: the sync twin of `aread`."""
        return _sync.run(self.aread())

    async def aprepare_for(self, rule: ImageRule | None = None) -> PreparedPhoto:
        """Prepares the photo as an engine wants it: decoded off the loop, in bounded memory.

        What was prepared a moment ago is not decoded again.

        Raises:
            PhotoError: It cannot be used, or its content changed since it was examined.
        """
        from inspectiq.photos._prepare_pool import prepare_photo

        require(rule, (ImageRule, NoneType), "rule", "give an ImageRule")
        return await prepare_photo(self, rule or ImageRule())

    def prepare_for(self, rule: ImageRule | None = None) -> PreparedPhoto:
        """Prepares the photo as an engine wants it: the sync twin of `aprepare_for`."""
        return _sync.run(self.aprepare_for(rule))

    def show(self, *, long_side: int = SHOWN_SIDE) -> Image.Image:
        """Shows the photo as an engine gets it, upright and through `prepare`, as a picture.

        A notebook displays what a cell ends with. `inspection.show("p1")` draws the boxes as well.

        Args:
            long_side: The most pixels on the longer side.

        Raises:
            PhotoError: It cannot be used, or its content changed since it was examined.
        """
        from PIL import Image

        require_number(long_side, "long_side", least=1, whole=True)
        rule = ImageRule(long_side=long_side, short_side=long_side, quality=90)
        picture = Image.open(io.BytesIO(self.prepare_for(rule).jpeg), formats=["JPEG"])
        picture.load()
        return picture

    def replace(self, **changes: Unpack[_Changes]) -> Photo:
        """Copies the photo with the given changes. A new `prepare` drops the examination.

        Raises:
            ConfigError: A photo has no such field.
        """
        if unknown := [name for name in changes if name not in self._list_fields()]:
            known = ", ".join(self._list_fields())
            raise ConfigError(f"a photo has no {unknown[0]!r} to replace; it has {known}")
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
        """The reference that a result records of this photo, as far as it is known."""
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
        return build_photo_schema(cls)
