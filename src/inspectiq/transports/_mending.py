"""Mends parts of an answer that are not quite in the form asked for, where no guess is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["mend"]

_NUMBERS: tuple[tuple[str, re.Pattern[str], Callable[[str], float]], ...] = (
    ("integer", re.compile(r"[+-]?\d{1,15}"), int),
    ("number", re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?"), float),
)
"""How numbers of each JSON type are written as text, and what reads them."""


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
    schema = _resolve(schema, definitions)
    if "anyOf" in schema:
        return _mend_option(value, schema["anyOf"], definitions, done)
    if isinstance(value, str):
        return _mend_text(value, schema, done)
    if isinstance(value, list) and "items" in schema:
        return [_mend_part(item, schema["items"], definitions, done) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        return _mend_object(value, schema["properties"], definitions, done)
    return value


def _mend_option(
    value: Any,
    options: Sequence[Mapping[str, Any]],
    definitions: Mapping[str, Any],
    done: Counter[str],
) -> Any:
    """Mends a value by the one option that it can be meant for; leaves it if there are several."""
    fitting = [option for option in options if _is_of_type(value, option, definitions)]
    return _mend_part(value, fitting[0], definitions, done) if len(fitting) == 1 else value


def _mend_object(
    value: Mapping[str, Any],
    properties: Mapping[str, Any],
    definitions: Mapping[str, Any],
    done: Counter[str],
) -> dict[str, Any]:
    done["unknown_keys"] += len(value.keys() - properties)
    filled = {}
    for name, part in properties.items():
        if name in value:
            filled[name] = _mend_part(value[name], part, definitions, done)
        elif _allows_type(part, "null", definitions):
            filled[name] = None
            done["missing_nulls"] += 1
    return filled


def _mend_text(value: str, schema: Mapping[str, Any], done: Counter[str]) -> Any:
    words = schema.get("enum")
    if words is not None:
        return _mend_letter_case(value, words, done)
    types = _list_types(schema)
    if "string" in types:
        return value
    text = value.strip()
    for kind, form, read in _NUMBERS:
        if kind in types and form.fullmatch(text):
            done["numbers_as_text"] += 1
            return read(text)
    return value


def _mend_letter_case(value: str, words: Sequence[Any], done: Counter[str]) -> str:
    """Returns the listed word that a text is but for letter case; the text if none or several."""
    if value in words:
        return value
    folded = value.strip().casefold()
    alike = [word for word in words if isinstance(word, str) and word.casefold() == folded]
    if len(alike) != 1:
        return value
    done["letter_case"] += 1
    return alike[0]


def _resolve(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the definition that a schema refers to; itself where it refers to none."""
    if "$ref" not in schema:
        return schema
    definition: Mapping[str, Any] = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return definition


def _list_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _allows_type(schema: Mapping[str, Any], kind: str, definitions: Mapping[str, Any]) -> bool:
    schema = _resolve(schema, definitions)
    if "anyOf" in schema:
        return any(_allows_type(option, kind, definitions) for option in schema["anyOf"])
    return kind in _list_types(schema)


def _is_of_type(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    """Tells whether a value is of the JSON type of a schema, numbers as text included."""
    if isinstance(value, dict):
        return _allows_type(schema, "object", definitions)
    if isinstance(value, list):
        return _allows_type(schema, "array", definitions)
    if isinstance(value, str):
        return "enum" in schema or any(
            _allows_type(schema, kind, definitions) for kind in ("string", "number", "integer")
        )
    return False
