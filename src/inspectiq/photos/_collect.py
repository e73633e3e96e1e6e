"""Makes photos of paths, folders, globs, bytes, files and mappings, in a definite order."""

from __future__ import annotations

import asyncio
import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from inspectiq import _sync
from inspectiq.errors import ConfigError, PhotoError
from inspectiq.photos._file_objects import (
    AsyncFileSource,
    aread_file_object,
    get_file_name,
    is_async_file,
)
from inspectiq.photos._folders import infer_room, list_photos, looks_like_photo, make_sort_key
from inspectiq.photos._ids import assign_ids
from inspectiq.photos._no_path import describe_encoded, describe_words, quote_path
from inspectiq.photos._photo import Photo
from inspectiq.photos._picture_input import is_array, is_pillow_picture
from inspectiq.photos._right_way import (
    ROW_WAY,
    is_table_row,
    list_series,
    name_right_way,
    name_way_of_numbers,
)
from inspectiq.photos._sources import FaultySource
from inspectiq.photos._wrong_arrays import describe_wrong_array

__all__ = ["acollect_photos", "collect_photos"]

_ACCEPTED = (
    "give a path, a folder, a glob, bytes, a binary file, a Pillow picture, an RGB array, a Photo, "
    "a list of these, or a mapping from room to these"
)


def collect_photos(photos: Any, *, room: str | None = None) -> tuple[Photo, ...]:
    """Makes photos of the given paths, bytes, files and rooms, in order; folders in natural order.

    A file in a folder or glob belongs to the room that its folder is named for, unless that name is
    generic. What turns out to be missing or empty is a photo whose reading says so, as long as
    anything else was given.

    Args:
        photos: A path (`str` or `Path`) of a file or folder, a glob, bytes, a binary file object,
            a `PIL.Image.Image`, an array of RGB pixels, a `Photo`, an iterable of these (a list, a
            pandas Series), or a mapping from room to any of these.
        room: The room of all the photos; it stands above folder names.

    Returns:
        Photos with unique ids: those the host gave, else `p1`, `p2`, ... by position.

    Raises:
        ConfigError: Nothing was given, an item is of an unsupported type, an upload must be
            awaited, or an id is used twice.
    """
    found = list(_expand(photos, room, "photos"))
    for photo in found:
        if isinstance(photo.source, AsyncFileSource):
            raise _make_async_error(photo.source)
    return _number(found, photos)


async def acollect_photos(photos: Any, *, room: str | None = None) -> tuple[Photo, ...]:
    """Makes photos as `collect_photos` does, off the loop; uploads with an async read are read.

    They are read here and at once, since they belong to this loop and close with their request.
    """
    found = await asyncio.to_thread(lambda: list(_expand(photos, room, "photos")))
    for number, photo in enumerate(found):
        if isinstance(photo.source, AsyncFileSource):
            if _sync.is_running_here():
                raise _make_async_error(photo.source)
            found[number] = await _read_upload(photo, photo.source)
    return _number(found, photos)


async def _read_upload(photo: Photo, source: AsyncFileSource) -> Photo:
    content = await aread_file_object(source.file, photo.name)
    if isinstance(content, FaultySource):
        return Photo(content, photo.name, room=photo.room)
    return Photo.from_bytes(content, name=photo.name, room=photo.room)


def _make_async_error(source: AsyncFileSource) -> ConfigError:
    file = (
        ", its .file" if callable(getattr(getattr(source.file, "file", None), "read", None)) else ""
    )
    return ConfigError(
        f"{source.where} is of type {_name_type(source.file)}, whose read must be awaited; call "
        "the async twin, such as `await agent.ainspect(...)`, or give the bytes that it reads"
        + file
    )


def _number(found: list[Photo], given: Any) -> tuple[Photo, ...]:
    if all(_is_nothing(photo) for photo in found):
        one = str(given) if isinstance(given, str | os.PathLike) else None
        looked = ", ".join(quote_path(one or photo.name) for photo in found)
        raise ConfigError(
            f"there are no photos: {f'nothing was found in {looked}' if looked else 'none given'}; "
            + _ACCEPTED
        )
    return assign_ids(found)


def _is_nothing(photo: Photo) -> bool:
    return isinstance(photo.source, FaultySource) and photo.source.error.reason == "no_photos"


def _expand(item: Any, room: str | None, where: str) -> Iterator[Photo]:
    if isinstance(item, Photo):
        yield item if item.room is not None or room is None else item.replace(room=room)
    elif isinstance(item, str | os.PathLike):
        yield from _expand_path(os.fsdecode(item), room, where)
    elif isinstance(item, bytes | bytearray | memoryview):
        yield Photo.from_bytes(item, room=room)
    elif is_async_file(item):
        yield Photo(AsyncFileSource(item, where), get_file_name(item), room=room)
    elif is_pillow_picture(item):
        yield Photo.from_picture(item, room=room)
    elif hasattr(item, "__array__"):
        yield from _expand_array(item, room, where)
    elif right_way := name_right_way(item):
        raise ConfigError(f"{where} is of type {_name_type(item)}; {right_way}")
    elif isinstance(item, Mapping):
        yield from _expand_rooms(item, room, where)
    elif callable(getattr(item, "read", None)):
        yield Photo.from_file(item, room=room)
    elif _is_iterable(item) and not isinstance(item, BaseModel):
        yield from _expand_series(item, room, where)
    else:
        raise ConfigError(f"{where} is of type {_name_type(item)}; {_ACCEPTED}")


def _is_iterable(item: Any) -> bool:
    """Tells whether it gives items; some that seem to raise when they are asked."""
    try:
        iter(item)
    except TypeError:
        return False
    return True


def _expand_series(items: Iterable[Any], room: str | None, where: str) -> Iterator[Photo]:
    for position, value in enumerate(items):
        yield from _expand(value, room, f"{where}[{position}]")


def _expand_array(item: Any, room: str | None, where: str) -> Iterator[Photo]:
    """Takes an array for a series of photos, or for the pixels of one."""
    values = list_series(item)
    if values is not None:
        if is_table_row(item):
            raise ConfigError(f"{where} is a row of a table; {ROW_WAY}")
        if hasattr(item, "to_dict") and any(isinstance(value, list | tuple) for value in values):
            raise ConfigError(
                f"{where} is a series of lists; give series.to_dict(), whose keys name the rooms"
            )
        yield from _expand_series(values, room, where)
    elif is_array(item):
        if wrong := describe_wrong_array(item):
            raise ConfigError(f"{where} is {wrong}")
        yield Photo.from_picture(item, room=room)
    else:
        mend = name_right_way(item) or name_way_of_numbers(item)
        raise ConfigError(f"{where} is of type {_name_type(item)}; {mend}")


def _expand_rooms(rooms: Mapping[Any, Any], room: str | None, where: str) -> Iterator[Photo]:
    for name, value in rooms.items():
        if not isinstance(name, str):
            raise ConfigError(
                f"{where} has a key of type {type(name).__name__}; the keys of a mapping are "
                "the names of rooms"
            )
        yield from _expand(value, name.strip() or room, f"{where}[{name!r}]")


def _name_type(item: Any) -> str:
    kind = type(item)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _expand_path(text: str, room: str | None, where: str) -> Iterator[Photo]:
    _require_path(text, where)
    path = Path(text).expanduser()
    try:
        is_folder, exists = path.is_dir(), os.path.lexists(path)
    except (OSError, ValueError):  # a name too long, or with a zero byte
        is_folder = exists = False
    if not exists:
        _refuse_other_text(text, where)
    if is_folder:
        yield from _make_photos(list_photos(path), room, path.name or text, "folder", within=path)
    elif exists:
        yield Photo.from_path(path, room=room)
    elif glob.has_magic(text):
        matches = (Path(match) for match in glob.iglob(text, recursive=True))  # noqa: PTH207
        taken = sorted((path for path in matches if looks_like_photo(path)), key=make_sort_key)
        yield from _make_photos(taken, room, path.name, "glob")
    elif path.suffix:
        yield Photo.from_path(path, room=room)
    else:
        yield from _make_photos([], room, path.name, "folder")  # nobody names a photo like that


def _require_path(text: str, where: str) -> None:
    if text.lower().startswith(("http://", "https://")):
        raise ConfigError(
            f"{where} is a URL, and none is fetched unasked; to have it fetched, give "
            "Photo.from_url(url)"
        )
    if text.lower().startswith(("s3://", "gs://", "data:")):
        raise ConfigError(
            f"{where} is a URL of a kind that is not fetched; give the bytes, or "
            "Photo.from_loader(key, load)"
        )
    if not text.strip():
        raise ConfigError(f"{where} is an empty path; {_ACCEPTED}")


def _refuse_other_text(text: str, where: str) -> None:
    """Refuses the text of an encoded photo, and words where all photos are expected."""
    wrong = describe_encoded(text) or (describe_words(text) if where == "photos" else None)
    if wrong:
        raise ConfigError(f"{where} is {wrong}")


def _make_photos(
    paths: list[Path], room: str | None, name: str, kind: str, within: Path | None = None
) -> Iterator[Photo]:
    for path in paths:
        yield Photo.from_path(path, room=room or infer_room(path, within))
    if not paths:
        fault = PhotoError(
            f"{name}: this {kind} has no photos; check it, and that this process may read it",
            photo=name,
            reason="no_photos",
        )
        yield Photo(FaultySource(fault), name, room=room)
