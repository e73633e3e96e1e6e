"""`Pricing`: what the tokens of an engine cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from inspectiq._taking import require
from inspectiq._usage import Usage
from inspectiq._values import Value

__all__ = ["Pricing"]

PerMillion = Annotated[Decimal, Field(ge=0)]
MILLION = Decimal(1_000_000)


class Pricing(Value):
    """Prices of an engine, in dollars for a million tokens.

    Attributes:
        input: Input that no cache served.
        cached_input: Input that the provider's prompt cache served; None for no rebate.
        cache_write: Input that was written to that cache; None where writing costs no extra.
        output: Output, reasoning included.
    """

    input: PerMillion
    cached_input: PerMillion | None = None
    cache_write: PerMillion | None = None
    output: PerMillion

    def multiply(self, factor: Decimal) -> Pricing:
        """Multiplies every price, as a service tier does."""
        require(factor, Decimal, "factor", "give a Decimal from 0")
        prices = {name: getattr(self, name) for name in Pricing.model_fields}
        return Pricing(**{name: price and price * factor for name, price in prices.items()})

    def compute_usd(self, usage: Usage) -> Decimal:
        """Computes what these tokens cost, in dollars."""
        require(usage, Usage, "usage", "give a Usage")
        read, written = usage.cached_tokens, usage.cache_write_tokens
        plain = max(0, usage.input_tokens - read - written)
        cached = self.input if self.cached_input is None else self.cached_input
        writing = self.input if self.cache_write is None else self.cache_write
        parts = plain * self.input + read * cached + written * writing
        return (parts + usage.output_tokens * self.output) / MILLION
