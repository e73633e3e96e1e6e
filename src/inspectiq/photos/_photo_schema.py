"""How pydantic takes a photo in and writes it to JSON: as a path, with room, id and name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    from inspectiq.photos._photo import Photo

__all__ = ["build_photo_schema"]

_OPTIONAL = ("room", "id", "name")


def build_photo_schema(photo: type[Photo]) -> CoreSchema:
    """Builds the schema by which pydantic validates and serialises photos."""
    text = core_schema.str_schema()
    optional = core_schema.typed_dict_field(core_schema.nullable_schema(text), required=False)
    fields = {"path": core_schema.typed_dict_field(text), **dict.fromkeys(_OPTIONAL, optional)}
    from_json = core_schema.union_schema(
        [text, core_schema.typed_dict_schema(fields, extra_behavior="forbid")]
    )
    validate = partial(_validate, photo)
    return core_schema.json_or_python_schema(
        json_schema=core_schema.no_info_after_validator_function(validate, from_json),
        python_schema=core_schema.no_info_plain_validator_function(validate),
        serialization=core_schema.plain_serializer_function_ser_schema(_to_json, when_used="json"),
    )


def _validate(photo: type[Photo], value: Any) -> Photo:
    if isinstance(value, photo):
        return value
    if isinstance(value, str | os.PathLike):
        return photo.from_path(value)
    if isinstance(value, Mapping) and isinstance(value.get("path"), str):
        if unknown := set(value) - {"path", *_OPTIONAL}:
            raise ValueError(f"a photo has no {', '.join(sorted(map(str, unknown)))}")
        return photo.from_path(**value)
    raise ValueError(
        "a photo is a Photo, a path, or a mapping with a path; make one of what else you have "
        "with Photo.from_bytes, from_file, from_picture, from_loader or from_url"
    )


def _to_json(photo: Photo) -> dict[Literal["path", "room", "id", "name"], str | None]:
    if photo.path is None or photo.prepare is not None:
        raise ValueError(
            f"{photo.name}: only path-backed photos go to JSON, and only without prepare=; save "
            "the photo to a file, or pickle it"
        )
    return {"path": str(photo.path), "room": photo.room, "id": photo.id, "name": photo.name}
