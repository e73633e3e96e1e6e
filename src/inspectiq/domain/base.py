"""What every value type shares: frozen, hashable, picklable, the same after JSON and back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, JsonValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["FROZEN", "FrozenMap", "Value", "canonical_json", "content_hash"]

V_co = TypeVar("V_co", covariant=True)


class Value(BaseModel):
    """Base of every value type. Frozen; unknown fields are refused, so that a typo is not lost."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        defer_build=True,  # schemas are built on first use, which keeps `import inspectiq` quick
    )


class FrozenMap(Mapping[str, V_co], Generic[V_co]):
    """A read-only, hashable mapping that keeps its order. Nested lists and dicts freeze too."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        merged = {**(items or {}), **more}
        self._items: dict[str, V_co] = {str(k): _freeze(v) for k, v in merged.items()}
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
            return self._items == FrozenMap(other)._items
        return NotImplemented

    def __repr__(self) -> str:
        return f"FrozenMap({self.to_dict()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (dict(self._items),)

    def to_dict(self) -> dict[str, Any]:
        """A plain, mutable copy: dicts and lists all the way down."""
        return {key: _thaw(value) for key, value in self._items.items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (value_type,) = get_args(source) or (JsonValue,)
        return _map_schema(value_type, handler)


def _map_schema(value_type: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    plain = core_schema.dict_schema(core_schema.str_schema(), handler.generate_schema(value_type))
    return core_schema.no_info_before_validator_function(
        lambda value: value.to_dict() if isinstance(value, FrozenMap) else value,
        core_schema.no_info_after_validator_function(FrozenMap, plain),
        serialization=core_schema.plain_serializer_function_ser_schema(
            FrozenMap.to_dict, return_schema=plain
        ),
    )


class _Frozen:
    """Makes a field that is declared as `Mapping[str, X]` hold a `FrozenMap`.

    So callers may pass a plain dict, and type checkers agree.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _map_schema(get_args(source)[1], handler)


FROZEN = _Frozen()


def _freeze(value: Any) -> Any:
    if isinstance(value, Mapping):
        return FrozenMap(value)
    if isinstance(value, (list, tuple)):
        return tuple(_freeze(item) for item in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("NaN and infinity have no JSON form; use None")
    return value


def _thaw(value: Any) -> Any:
    if isinstance(value, FrozenMap):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_thaw(item) for item in value]
    return value


def canonical_json(value: Any) -> str:
    """The one JSON text of a JSON-like value: sorted keys, no spaces, UTF-8 kept."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def content_hash(value: Any) -> str:
    """sha256 (hex) of a value's canonical JSON; models are dumped first."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    elif isinstance(value, FrozenMap):
        value = value.to_dict()
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
