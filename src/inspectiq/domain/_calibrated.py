"""The share of findings like one that people confirmed: what an engine's confidence is worth."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inspectiq._values import Value
from inspectiq.domain._observed import Share

__all__ = ["Basis", "CalibratedShare"]

Basis = Literal["type", "group", "all"]


class CalibratedShare(Value):
    """The share of findings like this one that people confirmed, by a calibration.

    It stands beside the confidence that the engine stated, and changes no level and no deadline.

    Attributes:
        share: 0–1: how many of those with as much stated confidence people accepted or edited.
        n: Reviewed findings that it is told from.
        properties: Of how many properties these are.
        basis: Which findings they are: those of the type, of its group, or all of the model.
        sha256: Content hash of the calibration.
    """

    share: Share
    n: Annotated[int, Field(ge=1)]
    properties: Annotated[int, Field(ge=1)]
    basis: Basis
    sha256: str
