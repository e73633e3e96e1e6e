"""Reads values that another version stored or sent, and keeps fields that it added."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, ClassVar, Self, TypeVar

from pydantic import (
    BaseModel,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from inspectiq._values import Value, freeze, thaw
from inspectiq.errors import ConfigError

__all__ = ["Stored", "keep_unknown", "read_with_unknown"]

ModelT = TypeVar("ModelT", bound=BaseModel)
Place = tuple[str | int, ...]


class Stored(Value):
    """Base of values that are stored or sent, and may be read by another version.

    A version is `MAJOR` or `MAJOR.MINOR`. A minor version adds fields, and nothing else.
    """

    current_schema: ClassVar[str] = "1"
    """The version that is written; raise its minor part with each field that is added."""
    _made_in_code: ClassVar[bool] = True  # where it is, a dict with an unknown field is a slip

    @model_validator(mode="wrap")
    @classmethod
    def _read_stored(
        cls, value: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if not isinstance(value, Mapping):
            return read(value)
        written = str(value.get("schema_version", cls.current_schema))
        newer = _is_newer_minor(written, cls.current_schema)
        if newer or info.mode == "json" or not cls._made_in_code:
            return read_with_unknown(read, value)
        return read(value)


def read_with_unknown(read: Callable[[Any], ModelT], stored: Mapping[str, Any]) -> ModelT:
    """Reads a value and keeps the fields that it does not know, at every level.

    Args:
        read: Makes the value, and refuses fields that it does not know.
        stored: What may have more fields than are known here.

    Raises:
        pydantic.ValidationError: Something else is wrong with it.
    """
    try:
        return read(stored)
    except ValidationError as error:
        unknown = _list_unknown(error)
        if not unknown:
            raise
        known: Any = thaw(stored)
        taken: dict[Place, dict[str, Any]] = {}
        try:
            for *place, name in unknown:
                fields = reduce(lambda outer, part: outer[part], place, known)
                taken.setdefault((*place,), {})[str(name)] = fields.pop(name)
        except (LookupError, TypeError):  # its place is no path, as in a union of forms
            raise error from None
    value = read(known)
    for found, fields in taken.items():
        keep_unknown(reduce(_get_part, found, value), fields)
    return value


def keep_unknown(value: BaseModel, fields: Mapping[str, Any] | None) -> None:
    """Attaches fields that are not known here to a value, which then writes them as well."""
    if fields:
        kept = {**(value.model_extra or {}), **{name: freeze(fields[name]) for name in fields}}
        object.__setattr__(value, "__pydantic_extra__", kept)


def _list_unknown(error: ValidationError) -> list[Place]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [fault["loc"] for fault in found if fault["type"] == "extra_forbidden"]


def _get_part(value: Any, part: str | int) -> Any:
    return getattr(value, str(part)) if isinstance(value, BaseModel) else value[part]


def _is_newer_minor(written: str, known: str) -> bool:
    """Tells whether a version may have fields that are not known here.

    Raises:
        ConfigError: It has another major part.
    """
    major, minor = _split_version(written)
    known_major, known_minor = _split_version(known)
    if major == known_major:
        return minor > known_minor
    older = "read it with the inspectiq that wrote it"
    raise ConfigError(
        f"this was written with schema version {written}, and this inspectiq reads {known_major} "
        f"and {known_major}.x; {'upgrade inspectiq to read it' if major > known_major else older}"
    )


def _split_version(version: str) -> tuple[int, int]:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", version):
        raise ConfigError(f"{version!r} is no schema version; give what `to_json` wrote")
    major, _, minor = version.partition(".")
    return int(major), int(minor or 0)
