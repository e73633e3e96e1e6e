"""Reads a table of models from a file that changes another table, or stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inspectiq._files import parse_table, read_text
from inspectiq._refusals import validate_raw
from inspectiq._validate import Faults
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.limits._models import ModelTable

__all__ = ["read_models"]

MAPS = ("service_tiers", "cache_lives", "reasoning_tokens")


def read_models(path: Path, under: ModelTable | None) -> ModelTable:
    """Reads a table of models; see `ModelTable.from_file`.

    Args:
        path: The file, in TOML or JSON.
        under: The table that it is laid over.

    Raises:
        ConfigError: The file cannot be read or is wrong, with the place and its line.
    """
    from inspectiq.limits._models import ModelInfo, ModelTable

    raw = parse_table(read_text(path, "model table"), path, exact=True)
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: this is no table; write [[models]], as {WRITTEN}")
    faults = Faults()
    alone = raw.pop("standalone", False)
    if not isinstance(alone, bool):
        faults["standalone",] = "this is neither true nor false; write one of them"
    if alone is True:
        under = None
    models = {model.name: model for model in under.models} if under else {}
    for place, fields in _list_rows(raw.pop("models", []), faults):
        known = models.get(fields["name"])
        before = known.model_dump() if known else {}
        try:
            models[fields["name"]] = validate_raw(ModelInfo, before | fields)
        except ValidationError as error:
            faults.note(error, *place, fields=", ".join(ModelInfo.model_fields))
    shared = {name: getattr(under, name) for name in ModelTable.model_fields} if under else {}
    for name in MAPS:
        if name in raw:
            raw[name] = {**shared.get(name, {}), **faults.take_table(raw[name], name)}
    try:
        table = validate_raw(ModelTable, shared | raw | {"models": tuple(models.values())})
    except ValidationError as error:
        faults.note(error, fields=", ".join(ModelTable.model_fields))
    faults.raise_if_any(path)
    return table


WRITTEN = "inspectiq/limits/models.toml is written"


def _list_rows(rows: object, faults: Faults) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Lists the models of a file that have a name of their own, each with its place."""
    if not isinstance(rows, list):
        faults["models",] = "this is no list of models; write [[models]] above each"
        return []
    found: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for number, row in enumerate(rows):
        place = ("models", number)
        fields = dict(row) if isinstance(row, dict) else {}
        name = fields.get("name")
        if not isinstance(name, str) or not name.strip():
            faults[*place, "name"] = 'a model needs one; write name = "gpt-6-luna"'
        elif name in found:
            faults[*place, "name"] = f"{name!r} stands twice; leave one away"
        else:
            found[name] = place, fields
    return list(found.values())
