"""An engine's own words and figures on a finding, kept as they came."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from inspectiq._values import Value
from inspectiq.domain._taxonomy import Condition

__all__ = ["Observed", "Share", "StatedCost"]

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class StatedCost(Value):
    """A range of money that an engine gave of itself.

    Attributes:
        low: The least, in `currency`.
        high: The most, at least `low`.
        currency: ISO 4217.
        engine: Which engine said so.
    """

    low: Annotated[Decimal, Field(ge=0)]
    high: Annotated[Decimal, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    engine: str

    @model_validator(mode="after")
    def _check_order(self) -> StatedCost:
        if self.low > self.high:
            raise ValueError("a range needs low <= high")
        return self


class Observed(Value):
    """An engine's own words and figures on a finding, kept so that it can be graded again.

    Attributes:
        description: What is seen, in the case's language.
        facts: Keys of facts that the taxonomy knows.
        proposed_level: The engine's own idea of the severity.
        confidence: 0–1 as the engine gave it.
        extent: How much of it, in the type's unit.
        condition: Wear or damage, as the engine saw it.
        hours: Hours of work as the engine guessed them.
        materials: Materials as the engine named them; a diagnosis asks for them.
        stated_cost: What the engine guessed that it costs; only where it was asked.
    """

    description: str
    facts: tuple[str, ...] = ()
    proposed_level: str | None = None
    confidence: Share | None = None
    extent: Annotated[float | None, Field(ge=0)] = None
    condition: Condition | None = None
    hours: Annotated[float | None, Field(ge=0)] = None
    materials: tuple[str, ...] = ()
    stated_cost: StatedCost | None = None
