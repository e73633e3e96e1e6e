"""Counts what was spent: requests, tokens, dollars."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from inspectiq._values import Value

__all__ = ["Usage"]

Count = Annotated[int, Field(ge=0)]


class Usage(Value):
    """Tokens and dollars of one answer or of a whole run; add them with `+`.

    Attributes:
        requests: Requests sent, each retry counted.
        input_tokens: All input tokens, images and cached ones included.
        image_tokens: Those of the input that were images, where the provider says so; else 0.
        cached_tokens: Those of the input that the provider's prompt cache served.
        cache_write_tokens: Those of the input that were written to that cache.
        output_tokens: All output tokens, reasoning included.
        reasoning_tokens: Those of the output that were reasoning.
        usd: Dollars; None where the price is not known.
    """

    requests: Count = 0
    input_tokens: Count = 0
    image_tokens: Count = 0
    cached_tokens: Count = 0
    cache_write_tokens: Count = 0
    output_tokens: Count = 0
    reasoning_tokens: Count = 0
    usd: Decimal | None = Decimal(0)

    def __add__(self, other: Usage) -> Usage:
        known = self.usd is not None and other.usd is not None
        return Usage(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            image_tokens=self.image_tokens + other.image_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            usd=(self.usd or Decimal(0)) + (other.usd or Decimal(0)) if known else None,
        )
