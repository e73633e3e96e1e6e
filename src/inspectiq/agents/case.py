"""The input of every agent."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from inspectiq.domain.property import CaseFacts
from inspectiq.errors import ConfigError
from inspectiq.photos import Photo, collect

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
    """A case from whatever `collect` takes, or the case itself.

    Raises:
        ConfigError: A field is unknown or wrong, or a case came with fields besides.
    """
    if isinstance(photos, Case):
        if fields:
            raise ConfigError(
                f"a Case was given, and {', '.join(sorted(fields))} besides; put them in the Case"
            )
        return photos.with_photos(collect(photos.photos)) if photos.photos else photos
    room = fields.pop("room", None)
    try:
        return Case(photos=collect(photos, room=room), **fields)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(step) for step in item['loc']) or 'case'}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError(f"the case cannot be made: {wrong}") from None
