"""Builds the JSON Schema of answers: a verdict for each photo, and findings with their evidence.

    {"photos": {"photo_1": verdict, "photo_2": verdict, …}, "issues": [{finding}, …]}

Each photo of the request is a required property, so that an engine with strict schemas cannot
leave one out. A finding names the photos that show it in `evidence`. An agent may ask for an
`overall` besides: what is said about the whole case, such as about its words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, JsonValue, TypeAdapter

from inspectiq._values import FrozenMap
from inspectiq.errors import ConfigError

__all__ = [
    "BOX_SCALE",
    "PARTS",
    "asks_overall",
    "build_answer_schema",
    "build_definitions",
    "fill_blank",
    "make_photo_key",
]

BOX_SCALE = 1000
"""Boxes on the wire are whole thousandths, which cost fewer tokens than decimals."""

PARTS = ("verdict", "finding", "overall")
"""Names of the definitions that an answer is made of."""


def make_photo_key(number: int) -> str:
    """Makes the name of the property that holds the verdict on photo `number`."""
    return f"photo_{number}"


@lru_cache(maxsize=64)  # agents are made often, and of few kinds
def build_definitions(
    verdict: Any, finding: type[BaseModel], overall: type[BaseModel] | None = None
) -> FrozenMap[JsonValue]:
    """Builds the schemas of an answer's parts, by name: `verdict`, `finding` and what they use.

    Args:
        verdict: Type of a verdict on one photo.
        finding: Wire model of a finding.
        overall: Wire model of what is said about the whole case; None to ask for none.

    Raises:
        ConfigError: A model within them has one of these names.
    """
    defs: dict[str, Any] = {}
    models = {"verdict": verdict, "finding": finding}
    if overall is not None:
        models["overall"] = overall
    for name, model in models.items():
        schema = _strip_schema(TypeAdapter(model).json_schema(ref_template=_make_ref("{model}")))
        parts = schema.pop("$defs", {})
        for key, part in parts.items():
            if key in PARTS or defs.get(key, part) != part:
                raise ConfigError(f"{finding.__name__} uses a model named {key!r}; rename it")
        defs.update(parts)
        defs[name] = schema
    return FrozenMap(_inline_parts(defs))


def build_answer_schema(
    parts: FrozenMap[JsonValue], numbers: Iterable[int]
) -> FrozenMap[JsonValue]:
    """Builds the JSON Schema of an answer about the photos of these numbers.

    Args:
        parts: What `build_definitions` made.
        numbers: Photo numbers of the request; may be none.
    """
    keys = [make_photo_key(number) for number in numbers]
    properties: dict[str, Any] = {
        "photos": {
            "type": "object",
            "properties": {key: {"$ref": _make_ref("verdict")} for key in keys},
            "required": keys,
            "additionalProperties": False,
        },
        "issues": {"type": "array", "items": {"$ref": _make_ref("finding")}},
    }
    if "overall" in parts:
        properties["overall"] = {"$ref": _make_ref("overall")}
    return FrozenMap(
        {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
            "$defs": parts,
        }
    )


def asks_overall(schema: Mapping[str, Any]) -> bool:
    """Tells whether a schema asks for an `overall`, which is said once of all that was sent."""
    return "overall" in schema["properties"]


def _inline_parts(defs: dict[str, Any]) -> dict[str, Any]:
    """Puts a part that is used once where it is used: its name would be tokens for nothing."""
    text = json.dumps(defs)
    once = {key for key in defs.keys() - set(PARTS) if text.count(f'"{_make_ref(key)}"') == 1}

    def inline(schema: Any) -> Any:
        if isinstance(schema, list):
            return [inline(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        key = schema.get("$ref", "").removeprefix(_make_ref(""))
        return inline(defs[key]) if key in once else {k: inline(v) for k, v in schema.items()}

    return {key: inline(schema) for key, schema in defs.items() if key not in once}


def _make_ref(name: str) -> str:
    return f"#/$defs/{name}"


def _strip_schema(schema: Any) -> Any:
    """Strips a schema to fewer tokens: no titles, no docstrings of classes, short nullables."""
    if isinstance(schema, list):
        return [_strip_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    unneeded = {"title", "description"} if "properties" in schema else {"title"}
    bare = {key: _strip_value(key, schema[key]) for key in schema if key not in unneeded}
    if "const" in bare:
        bare["enum"] = [bare.pop("const")]  # which more servers know
    return _shorten_nullable(bare)


def _strip_value(key: str, value: Any) -> Any:
    if key in ("properties", "$defs"):  # its keys are names, and `title` may be one of them
        return {name: _strip_schema(sub) for name, sub in value.items()}
    return _strip_schema(value)


def _shorten_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Shortens `{"anyOf": [{"type": T}, {"type": "null"}]}` to `{"type": [T, "null"]}`."""
    options = schema.get("anyOf", ())
    if len(options) != 2 or options[1] != {"type": "null"}:
        return schema
    kind = options[0].get("type")
    if not isinstance(kind, str):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    short = {**rest, **options[0], "type": [kind, "null"]}
    if "enum" in short:
        short["enum"] = [*short["enum"], None]
    return short


def fill_blank(schema: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Fills an object of definition `name` with what is given, else with null or an empty list.

    Raises:
        KeyError: A property is neither given nor may it be null or an empty list.
    """
    definition = schema["$defs"][name]
    filled: dict[str, Any] = dict(given)
    for key, sub in definition["properties"].items():
        if key in filled:
            continue
        if _allows_type(sub, "null"):
            filled[key] = None
        elif sub.get("type") == "array" and not sub.get("minItems"):
            filled[key] = []
        else:
            raise KeyError(key)
    return filled


def _allows_type(schema: Mapping[str, Any], kind: str) -> bool:
    types = schema.get("type", ())
    if kind == types or (not isinstance(types, str) and kind in types):
        return True
    return any(_allows_type(option, kind) for option in schema.get("anyOf", ()))
