"""Explains what is wrong with a profile in a file, and what may be written there instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["explain_fault"]

GUIDE = "see 'A profile of your own' in the severity guide"
FROM_BASE = ("names the level", "must stand for a level")


def explain_fault(
    error: ValidationError, own: Mapping[str, Any], parts: Mapping[str, type[BaseModel]]
) -> str:
    """Explains the first fault: its place, what is wrong, and how to mend it.

    Args:
        error: What the profile was refused for.
        own: The table of the file alone, without what its base gives.
        parts: The model of the entries of each table, by the table's name; `""` for the whole.
    """
    first = error.errors(include_input=False, include_url=False)[0]
    steps = [str(step) for step in first["loc"]]
    hints = [first["msg"], _tell_form(first["type"], steps, parts), _tell_base(first["msg"], own)]
    told = "; ".join(hint for hint in hints if hint)
    return f"{'.'.join(steps) or 'the whole'}: {told}; {GUIDE}"


def _tell_form(kind: str, steps: list[str], parts: Mapping[str, type[BaseModel]]) -> str:
    """Tells which keys there are where one is unknown, and how a threshold is written."""
    if kind == "extra_forbidden":
        table = next((step for step in reversed(steps[:-1]) if step in parts), "")
        return f"use {', '.join(parts[table].model_fields)}"
    if kind in ("model_type", "dict_type") and steps[:-1] == ["thresholds"]:
        return 'write { value = 0.6, unit = "share" }'
    return ""


def _tell_base(message: str, own: Mapping[str, Any]) -> str:
    """Tells that what names a level which is not there stands in the base, not in the file."""
    if "base" not in own or not any(words in message for words in FROM_BASE):
        return ""
    if any(repr(name) in message.partition(" names ")[0] for name in _list_own(own)):
        return ""
    return (
        f"it comes from the base {own['base']!r}: say in [proposals] which of your levels low, "
        "medium, high and critical are, or give the floor, cap or rule again with a level of yours"
    )


def _list_own(own: Mapping[str, Any]) -> list[Any]:
    tables = [own[name] for name in ("floors", "caps", "proposals") if name in own]
    rules = [rule.get("id") for rule in own.get("rules", ()) if isinstance(rule, dict)]
    return [*(key for table in tables if isinstance(table, dict) for key in table), *rules]
