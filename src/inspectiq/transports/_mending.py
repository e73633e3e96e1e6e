"""Mends parts of an answer that are not quite in the form asked for, where no guess is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

__all__ = ["mend"]

_WHOLE = re.compile(r"[+-]?\d{1,15}")
_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")


def mend(
    value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]
) -> tuple[Any, Counter[str]]:
    """Returns a copy of a value that is nearer to its schema, and what was done: `(value, counts)`.

    Unknown keys are dropped, missing keys that may be null are null, letter case of listed words is
    folded, numbers as text are read. Whether the result fits is for a validator to say.

    Args:
        value: A JSON value.
        schema: Its JSON Schema, of the kind that `build_answer_schema` makes.
        definitions: The `$defs` that it refers to.
    """
    done = Counter[str]()
    return _mend_part(value, schema, definitions, done), done


def _mend_part(
    value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any], done: Counter[str]
) -> Any:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema:
        fitting = [one for one in schema["anyOf"] if _is_of_type(value, one, definitions)]
        return _mend_part(value, fitting[0], definitions, done) if len(fitting) == 1 else value
    if isinstance(value, str):
        return _mend_text(value, schema, done)
    if isinstance(value, list) and "items" in schema:
        return [_mend_part(item, schema["items"], definitions, done) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    known = schema["properties"]
    done["unknown_keys"] += len(value.keys() - known)
    filled = {}
    for name, part in known.items():
        if name in value:
            filled[name] = _mend_part(value[name], part, definitions, done)
        elif _allows_type(part, "null", definitions):
            filled[name] = None
            done["missing_nulls"] += 1
    return filled


def _mend_text(value: str, schema: Mapping[str, Any], done: Counter[str]) -> Any:
    words = schema.get("enum")
    if words is not None:
        if value in words:
            return value
        folded = value.strip().casefold()
        alike = [word for word in words if isinstance(word, str) and word.casefold() == folded]
        done["letter_case"] += len(alike) == 1
        return alike[0] if len(alike) == 1 else value
    types = _list_types(schema)
    if "string" in types:
        return value
    text = value.strip()
    if "integer" in types and _WHOLE.fullmatch(text):
        done["numbers_as_text"] += 1
        return int(text)
    if "number" in types and _DECIMAL.fullmatch(text):
        done["numbers_as_text"] += 1
        return float(text)
    return value


def _list_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _allows_type(schema: Mapping[str, Any], kind: str, definitions: Mapping[str, Any]) -> bool:
    if "$ref" in schema:
        return _allows_type(definitions[schema["$ref"].removeprefix("#/$defs/")], kind, definitions)
    if "anyOf" in schema:
        return any(_allows_type(option, kind, definitions) for option in schema["anyOf"])
    return kind in _list_types(schema)


def _is_of_type(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    """Whether a value is of the JSON type of a schema, numbers as text included."""
    if isinstance(value, dict):
        return _allows_type(schema, "object", definitions)
    if isinstance(value, list):
        return _allows_type(schema, "array", definitions)
    if isinstance(value, str):
        return "enum" in schema or any(
            _allows_type(schema, kind, definitions) for kind in ("string", "number", "integer")
        )
    return False
