"""The input of every agent."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from inspectiq.domain._property import CaseFacts, Property
from inspectiq.errors import ConfigError
from inspectiq.photos._collect import collect_photos
from inspectiq.photos._photo import Photo

__all__ = ["Case", "make_case"]


class Case(CaseFacts):
    """Photos and what is known besides. One case serves every agent.

    Attributes:
        photos: Handles; their bytes are read late.
        revision: Raise it to make a new result of the same case.
    """

    photos: tuple[Photo, ...] = ()
    revision: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _distinct_photos(self) -> Case:
        ids = [photo.id for photo in self.photos if photo.id is not None]
        if len(set(ids)) != len(ids):
            raise ValueError("two photos share an id")
        return self

    @property
    def facts(self) -> CaseFacts:
        """The case without its photos, as results keep it."""
        return CaseFacts(**{name: getattr(self, name) for name in CaseFacts.model_fields})

    def with_photos(self, photos: tuple[Photo, ...]) -> Case:
        """The same case with other handles, such as examined ones."""
        return self.model_copy(update={"photos": photos})


def make_case(photos: Any, fields: dict[str, Any]) -> Case:
    """A case from whatever `collect_photos` takes, from None for no photos, or the case itself.

    Raises:
        ConfigError: A field is unknown or wrong, or a case came with fields besides.
    """
    if isinstance(photos, Case):
        if fields:
            raise ConfigError(
                f"a Case was given, and {', '.join(sorted(fields))} besides; put them in the Case"
            )
        return photos.with_photos(collect_photos(photos.photos)) if photos.photos else photos
    fields = dict(fields)
    room = fields.pop("room", None)
    try:
        return Case(photos=() if photos is None else collect_photos(photos, room=room), **fields)
    except ValidationError as error:
        wrong = "; ".join(
            _wrong(item) for item in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError(f"the case cannot be made: {wrong}") from None


def _wrong(item: ErrorDetails) -> str:
    """What is wrong with one field, and what to write instead."""
    *outer, last = [str(step) for step in item["loc"]] or ["case"]
    where = ".".join([*outer, last])
    if item["type"] == "extra_forbidden":
        fields = Property.model_fields if outer == ["property"] else [*Case.model_fields, "room"]
        close = get_close_matches(last, fields, n=1)
        return f"{where}: there is no such field" + (f"; did you mean {close[0]}?" if close else "")
    if item["type"] == "timezone_aware":
        return f"{where}: give it a time zone, such as tzinfo=datetime.UTC"
    return f"{where}: {item['msg'].removeprefix('Value error, ')}"
