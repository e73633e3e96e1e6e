"""Estimates what a request will take before it is sent, on the high side: limits must hold."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pydantic import JsonValue

from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.photos._photo import Photo
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._profile import EngineProfile

__all__ = [
    "FULL_SIZE",
    "OUTPUT_TOKENS_PER_PHOTO",
    "TEXT_TOKENS",
    "TokenEstimate",
    "estimate_tokens",
]

# Our assumptions, each on the high side. English prose has about four bytes a token, JSON about
# three and a half.
BYTES_PER_TOKEN = 3
TOKENS_PER_PICTURE = 3000  # where it is not known how an engine counts: the dearest detail=high
OUTPUT_TOKENS_PER_PHOTO = 1000  # eight findings of about 110 tokens, and a verdict
TEXT_TOKENS = 1500  # instructions and schema of an inspection, in every request
FULL_SIZE = (4032, 3024)  # a phone's photo that nobody has looked at yet


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """The tokens that one request may take.

    Attributes:
        text_tokens: Instructions, schema and words.
        image_tokens: Pictures.
        output_tokens: The most that the answer may have, reasoning included.
    """

    text_tokens: int
    image_tokens: int
    output_tokens: int

    @property
    def tokens(self) -> int:
        """Tokens as OpenAI counts them per minute: those sent, or the most that may come if more.

        Source: its guide to rate limits, as of 2026-11.
        """
        return max(self.text_tokens + self.image_tokens, self.output_tokens)

    def compute_usd(self, profile: EngineProfile) -> Decimal | None:
        """Computes the dollars, as if nothing came from a cache; None if the price is unknown."""
        if profile.pricing is None:
            return None
        taken = self.text_tokens + self.image_tokens
        usage = Usage(
            input_tokens=taken,
            cache_write_tokens=taken if profile.pricing.cache_write is not None else 0,
            output_tokens=self.output_tokens,
        )
        return profile.pricing.compute_usd(usage)


def estimate_tokens(request: VisionRequest, profile: EngineProfile) -> TokenEstimate:
    """Estimates the most that a request will take, if the engine keeps to its limits."""
    words = [request.instructions, request.text, *(part.label for part in request.photos)]
    size = sum(len(text.encode()) for text in words)
    size += _measure_schema(request.schema)
    answer = request.max_output_tokens or OUTPUT_TOKENS_PER_PHOTO * max(1, len(request.photos))
    return TokenEstimate(
        text_tokens=math.ceil(size / BYTES_PER_TOKEN),
        image_tokens=sum(_count_picture_tokens(part.photo, profile) for part in request.photos),
        output_tokens=answer + profile.reasoning_tokens,
    )


@lru_cache(maxsize=256)
def _measure_schema(schema: FrozenMap[JsonValue]) -> int:
    return len(json.dumps(schema.to_dict(), separators=(",", ":")))


def _count_picture_tokens(photo: Photo, profile: EngineProfile) -> int:
    if profile.image_tokens is None:
        return TOKENS_PER_PICTURE
    original = photo.examined.ref.original if photo.examined else None
    width, height = (original.width, original.height) if original else FULL_SIZE
    return profile.image_tokens.count(*profile.image.fit(width, height))
