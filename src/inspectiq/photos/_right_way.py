"""Names the right way for things that hold photos, and are none themselves."""

from __future__ import annotations

import os
from collections.abc import ItemsView, Mapping
from math import isnan
from typing import Any

from pydantic import BaseModel

from inspectiq.photos._folders import is_photo_name

__all__ = ["ROW_WAY", "is_table_row", "list_series", "name_right_way", "name_way_of_numbers"]

ROW_WAY = "give one column, or for a row Photo.from_path(row['path'], room=row['room'])"

_NUMBERS = frozenset("biufcmM")  # numpy's kinds of dtype
_MISSING = frozenset({"NAType", "NaTType"})  # pandas' own
_DROP = "leave out what is missing (in pandas, with dropna())"
# Names that tables give to what holds a file's path, and that no room has.
_PATHS = (
    *("path", "file", "filename", "filepath", "file_path", "file_name"),
    *("photo_path", "image_path", "image_file"),
)
_CONTENT, _NAME = ("content", "body"), ("filename", "name")


def list_series(item: Any) -> list[Any] | None:
    """Lists the values of a pandas Series, an array of paths, and their like; else None.

    Arrays of numbers are none: they are pixels, or the bytes of a file.
    """
    shape = getattr(item, "shape", (0,))
    if not hasattr(item, "__array__") or len(shape) != 1 or hasattr(item, "columns"):
        return None
    if hasattr(item, "levels") and hasattr(item, "get_level_values"):
        return None
    kind = getattr(getattr(item, "dtype", None), "kind", "O")
    if kind in _NUMBERS and shape != (0,):
        return None
    for method in ("tolist", "to_list", "to_pylist"):  # numpy and pandas, polars, pyarrow
        if callable(convert := getattr(item, method, None)):
            return list(convert())
    return None


def is_table_row(series: Any) -> bool:
    """Tells whether a series of values is a row of a table: their labels name its columns."""
    labels = list(getattr(series, "index", ())) if hasattr(series, "iloc") else []
    if not labels or not all(isinstance(label, str) for label in labels):
        return False
    if any(label.lower() in _PATHS for label in labels):
        return True
    name = getattr(series, "name", None)  # a column's is text, a row's most often a number
    has_more = any(isinstance(value, str) and not is_photo_name(value) for value in series)
    return has_more and not (name is None or isinstance(name, str))


def name_way_of_numbers(item: Any) -> str:
    """Names what to give instead of a series that holds no photos, or of an array without sides."""
    if getattr(item, "shape", None) == () and hasattr(item, "item"):
        return "give array.item(), where it holds a path or bytes"
    values: list[Any] = list(getattr(item, "tolist", list)())
    if values and all(isinstance(value, float) and isnan(value) for value in values):
        return _DROP
    return (
        f"values of dtype {getattr(item, 'dtype', 'unknown')} are no photos; give paths or "
        "pictures, such as frame['path']; pixels are taken as a numpy array of shape (height, "
        "width, 3), RGB, dtype uint8"
    )


def name_right_way(item: Any) -> str | None:
    """Names what to give instead of something that is known not to be photos, else None.

    What is told here would be refused in general words, or worse: it can be iterated, and gives
    something else than photos.
    """
    if item is None or type(item).__name__ in _MISSING or (isinstance(item, float) and isnan(item)):
        return _DROP
    if hasattr(item, "__await__"):
        return "await it first"
    if hasattr(item, "__aiter__"):
        return "collect it first: [photo async for photo in ...]"
    if isinstance(item, ItemsView):
        return "give the mapping itself, from room to photos"
    if isinstance(item, int | float):
        return (
            "numbers are no photos; give paths, of pairs such as series.items() "
            "[path for _, path in pairs]"
        )
    if isinstance(item, Mapping) or hasattr(item, "_fields"):
        return _name_way_of_record(item)
    return _name_way_of_object(item)


def _name_way_of_object(item: Any) -> str | None:
    if isinstance(item, BaseModel):  # it can be iterated, and gives its fields
        is_case = any(kind.__name__ == "Case" for kind in type(item).__mro__)
        return "a Case goes alone, one in each call: agent.inspect(case)" if is_case else None
    return _name_way_of_table(item) or _name_way_of_archive(item)


def _name_way_of_table(item: Any) -> str | None:
    if hasattr(item, "status_code"):
        return "give Photo.from_bytes(response.content)"
    if hasattr(item, "columns") or hasattr(item, "column_names"):
        return (
            "give one column, such as frame['path']; with rooms, [Photo.from_path(path, room=room) "
            "for path, room in zip(frame['path'], frame['room'])]"
        )
    if hasattr(item, "groups") and hasattr(item, "ngroups"):
        return "give groups.apply(list).to_dict(), which maps rooms to paths"
    if hasattr(item, "levels") and hasattr(item, "get_level_values"):
        return "give one level, such as index.get_level_values('path')"
    return None


def _name_way_of_archive(item: Any) -> str | None:
    if hasattr(item, "getmembers") and hasattr(item, "extractfile"):
        return "give [archive.extractfile(member) for member in archive if member.isfile()]"
    if hasattr(item, "isreg") and hasattr(item, "linkname"):
        return "give archive.extractfile(member)"
    if hasattr(item, "compress_size") and hasattr(item, "filename"):
        return "give Photo.from_bytes(archive.read(info), name=info.filename)"
    if hasattr(item, "read_bytes") and hasattr(item, "iterdir"):
        return (
            "give Photo.from_bytes(path.read_bytes(), name=path.name), of a folder for each path "
            "in its iterdir()"
        )
    if hasattr(item, "typecode") and hasattr(item, "tobytes"):
        return "give array.tobytes() where it holds the bytes of a file"
    if hasattr(item, "namelist"):
        return "give [Photo.from_bytes(archive.read(name), name=name) for name in its namelist()]"
    if hasattr(item, "file") and not hasattr(item, "read"):
        return "give its .file"
    return None


def _find_path(record: Any) -> str | None:
    """Finds what names the path in a row of a table."""
    if isinstance(record, Mapping):
        fields = dict(record)
    else:
        fields = {name: getattr(record, name, None) for name in record._fields}
    for name, value in fields.items():
        is_path = isinstance(value, str | os.PathLike)
        if isinstance(name, str) and name.lower() in _PATHS and is_path:
            return name
    return "path" if "Index" in fields and not isinstance(record, Mapping) else None


def _name_way_of_record(item: Any) -> str | None:
    """Names the right way for an upload that is a record of a name and content."""

    def has(key: str) -> bool:
        return key in item if isinstance(item, Mapping) else hasattr(item, key)

    content = next(filter(has, _CONTENT), None)
    name = next(filter(has, _NAME), None)
    if content and name:
        form = "file[{!r}]" if isinstance(item, Mapping) else "file.{}"
        return f"give Photo.from_bytes({form.format(content)}, name={form.format(name)})"
    if path := _find_path(item):
        form = "row[{!r}]" if isinstance(item, Mapping) else "row.{}"
        room = f", room={form.format('room')}" if has("room") else ""
        way = f"Photo.from_path({form.format(path)}{room})"
        return f"a row of a table is no mapping of rooms; give {way}"
    if isinstance(item, Mapping) and any(
        isinstance(key, str) and is_photo_name(key) for key in item
    ):
        return (
            "its keys name files, and those of a mapping name rooms; give list(files.values()), or "
            "[Photo.from_bytes(data, name=name) for name, data in files.items()]"
        )
    return None
