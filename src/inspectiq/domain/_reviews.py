"""The decisions of people about a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from inspectiq._values import FROZEN, FrozenMap, Moment, Value

__all__ = ["Decision", "Review"]

Decision = Literal["accepted", "edited", "rejected"]


class Review(Value):
    """One decision about a finding, and the finding as it was before.

    Attributes:
        decision: `accepted` as it was, `edited`, or `rejected`.
        by: Who decided.
        at: When.
        because: Why, in their words.
        changed: Names of the fields that were edited.
        before: The finding as it was, as JSON, without its reviews.
    """

    decision: Decision
    by: Annotated[str, Field(min_length=1)]
    at: Moment
    because: str = ""
    changed: tuple[str, ...] = ()
    before: Annotated[Mapping[str, JsonValue], FROZEN] = FrozenMap()
