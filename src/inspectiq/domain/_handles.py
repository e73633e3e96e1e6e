"""Photo handles that live values remember beside their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Handles"]


class Handles:
    """Photos that a live value remembers by id; no part of its equality, JSON or pickle."""

    __slots__ = ("by_id",)

    def __init__(self, by_id: Mapping[str, Any] | None = None) -> None:
        self.by_id = dict(by_id or {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handles)

    def __hash__(self) -> int:
        return 0

    def __reduce__(self) -> tuple[Any, ...]:
        return Handles, ()
