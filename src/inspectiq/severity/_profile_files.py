"""Reads severity profiles as plain tables: those that ship, and files that build on them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from inspectiq._files import parse_table, read_text
from inspectiq.errors import ConfigError

__all__ = ["PROFILES", "read_own_table", "read_profile"]

PROFILES = ("house", "nspire", "nspire_hcv", "awaab", "asap")
"""The profiles that ship with inspectiq."""

OWN = ("name", "version", "source", "mark", "effective_from", "effective_to", "successor")
"""What a profile does not take from the one that it builds on."""


def read_profile(where: str | Path) -> dict[str, Any]:
    """Reads the table of a profile, with what it takes from its `base`.

    Args:
        where: The name of a profile that ships, or the path of a file.

    Raises:
        ConfigError: There is no such profile, or the file cannot be read or is no table.
    """
    if isinstance(where, str):
        return _read_shipped(where, asked_by="")
    return _build_on_base(read_own_table(where), asked_by=f"{where}: base: ")


def read_own_table(path: Path) -> dict[str, Any]:
    """Reads the table of a file alone, without what its base gives.

    Raises:
        ConfigError: The file cannot be read or is no table.
    """
    table = parse_table(read_text(path, "severity profile"), path)
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: this is no table; write it as a profile, with name and levels")
    return table


def _read_shipped(name: Any, *, asked_by: str) -> dict[str, Any]:
    if name not in PROFILES:
        raise ConfigError(
            f"{asked_by}there is no severity profile {name!r}; use one of {', '.join(PROFILES)}, "
            "or read a file of your own with SeverityProfile.from_file"
        )
    return _build_on_base(tomllib.loads(_load_text(name)), asked_by="")


@cache
def _load_text(name: str) -> str:
    place = files("inspectiq.severity").joinpath("profiles", f"{name}.toml")
    return place.read_text(encoding="utf-8")


def _build_on_base(table: dict[str, Any], *, asked_by: str) -> dict[str, Any]:
    """Puts a table over its base: tables merge, its own rules come first, the rest replaces."""
    if "base" not in table:
        return table
    table = dict(table)
    base = _read_shipped(table.pop("base"), asked_by=asked_by)
    merged = {key: value for key, value in base.items() if key not in OWN}
    return merged | {key: _merge_entry(key, value, merged) for key, value in table.items()}


def _merge_entry(key: str, value: Any, below: dict[str, Any]) -> Any:
    if key == "rules" and isinstance(value, list):
        own = {rule.get("id") for rule in value if isinstance(rule, dict)}
        return [*value, *(rule for rule in below.get("rules", []) if rule["id"] not in own)]
    if isinstance(value, dict) and isinstance(below.get(key), dict):
        return {**below[key], **value}
    return value
