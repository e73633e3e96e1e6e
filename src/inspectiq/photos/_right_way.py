"""Names the right way for things that hold photos, and are none themselves."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from math import isnan
from typing import Any

from inspectiq.photos._folders import is_photo_name

__all__ = ["list_series", "name_right_way"]

_NUMBERS = frozenset("biufcmM")  # numpy's kinds of dtype
_MISSING = frozenset({"NAType", "NaTType"})  # pandas' own
_CONTENT, _NAME = ("content", "body"), ("filename", "name")


def list_series(item: Any) -> list[Any] | None:
    """Lists the values of a pandas Series, an array of paths, and their like; else None.

    Arrays of numbers are none: they are pixels, or the bytes of a file.
    """
    shape = getattr(item, "shape", (0,))
    if not hasattr(item, "__array__") or len(shape) != 1 or hasattr(item, "columns"):
        return None
    kind = getattr(getattr(item, "dtype", None), "kind", "O")
    if kind in _NUMBERS and shape != (0,):
        return None
    for method in ("tolist", "to_list", "to_pylist"):  # numpy and pandas, polars, pyarrow
        if callable(convert := getattr(item, method, None)):
            return list(convert())
    return None


def name_right_way(item: Any) -> str | None:
    """Names what to give instead of something that is known not to be photos, else None.

    What is told here would be refused in general words, or worse: it can be iterated, and gives
    something else than photos.
    """
    if item is None or type(item).__name__ in _MISSING or (isinstance(item, float) and isnan(item)):
        return "leave out what is missing (in pandas, with dropna())"
    if hasattr(item, "__await__"):
        return "await it first"
    if hasattr(item, "__aiter__"):
        return "collect it first: [photo async for photo in ...]"
    if isinstance(item, ItemsView):
        return "give the mapping itself, from room to photos"
    if isinstance(item, Mapping) or hasattr(item, "_fields"):
        return _name_way_of_record(item)
    return _name_way_of_object(item)


def _name_way_of_object(item: Any) -> str | None:
    if hasattr(item, "status_code"):
        return "give Photo.from_bytes(response.content)"
    if hasattr(item, "columns") or hasattr(item, "column_names"):
        return (
            "give one column, such as frame['path']; with rooms, [Photo.from_path(path, room=room) "
            "for path, room in zip(frame['path'], frame['room'])]"
        )
    if hasattr(item, "groups") and hasattr(item, "ngroups"):
        return "give groups.apply(list).to_dict(), which maps rooms to paths"
    if hasattr(item, "namelist"):
        return "give [Photo.from_bytes(archive.read(name), name=name) for name in its namelist()]"
    if hasattr(item, "file") and not hasattr(item, "read"):
        return "give its .file"
    return None


def _name_way_of_record(item: Any) -> str | None:
    """Names the right way for an upload that is a record of a name and content."""

    def has(key: str) -> bool:
        return key in item if isinstance(item, Mapping) else hasattr(item, key)

    content = next(filter(has, _CONTENT), None)
    name = next(filter(has, _NAME), None)
    if content and name:
        form = "file[{!r}]" if isinstance(item, Mapping) else "file.{}"
        return f"give Photo.from_bytes({form.format(content)}, name={form.format(name)})"
    if isinstance(item, Mapping) and any(
        isinstance(key, str) and is_photo_name(key) for key in item
    ):
        return (
            "its keys name files, and those of a mapping name rooms; give list(files.values()), or "
            "[Photo.from_bytes(data, name=name) for name, data in files.items()]"
        )
    return None
