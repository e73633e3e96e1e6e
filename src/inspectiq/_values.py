"""The base of all values: frozen, hashable, picklable, the same after JSON and back."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    JsonValue,
    SerializerFunctionWrapHandler,
    WrapSerializer,
    model_serializer,
)
from pydantic.json_schema import GenerateJsonSchema

from inspectiq._refusals import RefusingModel
from inspectiq._short_forms import shorten
from inspectiq._taking import require
from inspectiq.errors import ConfigError

__all__ = [
    "FROZEN",
    "FrozenMap",
    "Moment",
    "PlainSchema",
    "Value",
    "freeze",
    "hash_content",
    "thaw",
    "write_canonical_json",
]

V_co = TypeVar("V_co", covariant=True)

TEXT_BOUND = 10_000_000  # characters; a guard, no part of any form


class PlainSchema(GenerateJsonSchema):
    """Builds the JSON Schemas that are published: without the guard on long texts.

    Versions of pydantic differ in where they write that.
    """

    @classmethod
    def build(cls, form: type[BaseModel], name: str, version: str) -> dict[str, Any]:
        """Builds the schema of a form as it is written; its `$id` carries name and version."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:inspectiq:{name}:{version}",
            **form.model_json_schema(mode="serialization", schema_generator=cls),
        }

    def str_schema(self, schema: Any) -> dict[str, Any]:
        written = super().str_schema(schema)
        if written.get("maxLength") == TEXT_BOUND:
            del written["maxLength"]
        return written


class Value(RefusingModel):
    """Base of every value type. Frozen; unknown fields are refused, so that a typo is not lost.

    Wrong values are a `ConfigError`, which names the field and what to write instead.

    Defaults that are values themselves are given by `default_factory`: making one at import would
    build its schema there, at some 8 ms each.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        defer_build=True,  # schemas are built on first use, which keeps `import inspectiq` quick
        str_max_length=TEXT_BOUND,  # with a bound, pydantic refuses lone surrogates
    )

    # A return type would stand in JSON Schemas in place of the fields.
    @model_serializer(mode="wrap")
    def _write_with_unknown(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        """Writes the fields, and those of a newer version that `keep_unknown` attached."""
        written = write(self)
        return written | thaw(self.__pydantic_extra__) if self.__pydantic_extra__ else written

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Shows the fields that are not as they come, in short; `model_dump()` has all."""
        fields = type(self).model_fields
        for name, value in super().__repr_args__():
            if name not in fields or value != fields[name].default:
                yield name, shorten(value)

    def __copy__(self) -> Self:
        return _drop_caches(super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return super(Value, self.__copy__()).__deepcopy__(memo)


ValueT = TypeVar("ValueT", bound=BaseModel)


def _drop_caches(value: ValueT) -> ValueT:
    """Drops cached properties from a copy, whose fields may change."""
    for name in set(value.__dict__) - set(type(value).model_fields):
        del value.__dict__[name]
    return value


class FrozenMap(Mapping[str, V_co], Generic[V_co]):
    """A read-only, hashable mapping that keeps its order. Nested lists and dicts freeze too.

    It is no `dict`: give `json.dumps` what `to_dict()` returns.
    """

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        require(items or {}, Mapping, "items", "give a mapping")
        merged: dict[Any, Any] = {**(items or {}), **more}
        if wrong := [key for key in merged if not isinstance(key, str)]:
            raise ConfigError(f"keys must be text, and {wrong[0]!r} is not")
        self._items: dict[str, V_co] = {key: freeze(value) for key, value in merged.items()}
        self._hash: int | None = None

    def __getitem__(self, key: str) -> V_co:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return self._items == other._items
        if isinstance(other, Mapping):
            return bool(self.to_dict() == thaw(other))
        return NotImplemented

    def __repr__(self) -> str:
        return f"FrozenMap({self.to_dict()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (dict(self._items),)

    def to_dict(self) -> dict[str, Any]:
        """Makes a plain, mutable copy: dicts and lists all the way down."""
        return {key: thaw(value) for key, value in self._items.items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
        (value_type,) = get_args(source) or (JsonValue,)
        return _build_map_schema(value_type, handler)


def _build_map_schema(value_type: Any, handler: GetCoreSchemaHandler) -> Any:
    plain: Any = dict[str, value_type]
    return handler.generate_schema(
        Annotated[
            plain,
            AfterValidator(FrozenMap),
            BeforeValidator(lambda value: thaw(value) if isinstance(value, Mapping) else value),
            WrapSerializer(lambda value, write: write(thaw(value))),
        ]
    )


class _Frozen:
    """Makes a field that is declared as `Mapping[str, X]` hold a `FrozenMap`.

    So callers may pass a plain dict, and type checkers agree.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return _build_map_schema(get_args(source)[1], handler)


FROZEN = _Frozen()


def freeze(value: Any) -> Any:
    if isinstance(value, str | FrozenMap):
        return value
    if isinstance(value, Mapping):
        return FrozenMap(value)
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError("NaN and infinity have no JSON form; use None")
    if isinstance(value, set | bytearray):
        raise ConfigError(f"a {type(value).__name__} has no JSON form; use a list")
    return value


def thaw(value: Any) -> Any:
    if type(value) is str:  # most of them, and asking whether it is a Mapping takes long
        return value
    if type(value) is FrozenMap:
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


def _round_offset(moment: datetime) -> datetime:
    """Rounds a moment's offset to whole minutes, all that JSON keeps of a time zone."""
    offset = moment.utcoffset() or timedelta()
    minutes = round(offset / timedelta(minutes=1))
    try:
        moment.astimezone(UTC)
        return moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        raise ValueError("it is outside of the years 1 to 9999; give another time") from None


def _refuse_numbers(value: Any) -> Any:
    """Refuses what would be taken as seconds since 1970: `20240507` is meant as a day."""
    is_number = isinstance(value, int | float | Decimal)
    if is_number or (isinstance(value, str) and re.fullmatch(r"\s*[-+]?[\d_.]+\s*", value)):
        raise ValueError("a number is no time; write it as 2026-03-02T10:00-06:00")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_refuse_numbers), AfterValidator(_round_offset)]
"""A point in time, with a time zone; the same after JSON and back."""


def write_canonical_json(value: Any) -> str:
    """Writes a value as the same JSON text every time: sorted keys, no spaces, UTF-8 kept."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def hash_content(value: Any) -> str:
    """Hashes a value by its canonical JSON (sha256, hex); models are dumped first."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    elif isinstance(value, FrozenMap):
        value = value.to_dict()
    try:
        text = write_canonical_json(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"this cannot be hashed, since it has no JSON form: {error}") from None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
