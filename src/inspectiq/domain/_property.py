"""The facts of a case: the property, the words, the dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from inspectiq._values import FROZEN, FrozenMap, Moment, Value
from inspectiq.domain._places import is_country, suggest_code

__all__ = ["CaseFacts", "Property"]

MAX_DESCRIPTION = 50_000  # characters; a bound on cost, our assumption
LANGUAGE = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"  # the form of a BCP 47 tag
MOST_TAGS, LONGEST_TAG, LONGEST_LABEL = 50, 100, 500  # our assumption: a webhook must hold them


class Property(Value):
    """The facts about a property. All are optional; results say which are missing.

    Attributes:
        address: As it should stand on the report. Never sent to an engine, never logged.
        country: ISO 3166-1 alpha-2, such as `US`.
        state: State or region, such as `CA`.
        time_zone: IANA name, such as `America/Los_Angeles`; deadlines are told in it.
        kind: Such as `apartment` or `house`.
        year_built: Year of construction.
        occupants_at_risk: Whether a small child, a frail or an ill person lives there.
    """

    address: Annotated[str | None, Field(repr=False)] = None
    country: str | None = None
    state: str | None = None
    time_zone: str | None = None
    kind: str | None = None
    year_built: Annotated[int | None, Field(ge=1000, le=2200)] = None
    occupants_at_risk: bool | None = None

    @field_validator("country")
    @classmethod
    def _check_country(cls, value: str | None) -> str | None:
        if value is not None and not is_country(value):
            meant = suggest_code("countries", value)
            if not meant and is_country(value.strip().upper()):
                meant = f"; did you mean {value.strip().upper()}?"
            raise ValueError(
                f"{value!r} is no country; give two capital letters, such as 'US', of ISO 3166"
                f"{meant}"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _check_time_zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(
                    f"{value!r} is no IANA time zone; give one such as 'America/Chicago'"
                ) from None
        return value


class CaseFacts(Value):
    """The facts of a case, without its photos; results keep them, to be graded again.

    Attributes:
        id: The host's id of the case; a random one where none is given.
        property: The property.
        description: The tenant's or inspector's words, up to 50,000 characters. More are refused:
            nobody's words are cut.
        inspected_at: When the photos were taken or the visit was made; with a time zone.
        reported_at: When the matter was reported; starts some deadlines.
        investigated_at: When somebody had looked into it; starts others.
        language: BCP 47 tag of the language that findings are written in.
        tags: The host's own labels, such as tenant or portfolio; they reach results, events and
            webhooks. Up to 50, with names of up to 100 and values of up to 500 characters.
    """

    id: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        default_factory=lambda: str(uuid4())
    )
    property: Property = Field(default_factory=Property)
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION, repr=False)] = ""
    inspected_at: Moment | None = None
    reported_at: Moment | None = None
    investigated_at: Moment | None = None
    language: Annotated[str, Field(pattern=LANGUAGE)] = "en"
    tags: Annotated[Mapping[str, str], FROZEN] = FrozenMap()

    @model_validator(mode="before")
    @classmethod
    def _leave_out_none(cls, given: Any) -> Any:
        """Takes None for not given, as empty fields of a form come."""
        if not isinstance(given, Mapping):
            return given
        return {
            name: value
            for name, value in given.items()
            if value is not None or name not in cls.model_fields
        }

    @field_validator("tags")
    @classmethod
    def _check_tags(cls, tags: Mapping[str, str]) -> Mapping[str, str]:
        long = any(
            len(name) > LONGEST_TAG or len(label) > LONGEST_LABEL for name, label in tags.items()
        )
        if long or len(tags) > MOST_TAGS:
            raise ValueError(
                f"at most {MOST_TAGS} tags are taken, with names of up to {LONGEST_TAG} and values "
                f"of up to {LONGEST_LABEL} characters"
            )
        return tags
