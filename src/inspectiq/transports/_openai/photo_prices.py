"""Says what one photo takes of a model, at each detail and effort."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

from inspectiq._values import FrozenMap, Value
from inspectiq.limits._models import ModelInfo, ModelTable
from inspectiq.transports._estimates import (
    FULL_SIZE,
    OUTPUT_TOKENS_PER_PHOTO,
    TEXT_TOKENS,
    TokenEstimate,
)
from inspectiq.transports._openai.options import choose_image, choose_photos_per_request
from inspectiq.transports._profile import EngineProfile

__all__ = ["PhotoPrice", "list_photo_prices"]


class PhotoPrice(Value):
    """What a phone's photo of 4032 x 3024 pixels takes of a model at one detail.

    Attributes:
        detail: How closely the model looks.
        tokens: Of the picture, as it is sent.
        most_usd: Dollars that a budget holds for it, by effort; under "" for a model that takes no
            effort. Requests are full of photos, and every answer as long as it may be; half of
            that, or less, is usual.
    """

    detail: str
    tokens: int
    most_usd: FrozenMap[Decimal] = FrozenMap()


def list_photo_prices(model: ModelInfo, models: ModelTable) -> Iterator[PhotoPrice]:
    """Lists what a photo takes of a model, a line for each detail."""
    for detail, counting in (model.images or {}).items():
        tokens = counting.count(*choose_image(model, detail).fit(*FULL_SIZE))
        profile = EngineProfile(model=model.name, pricing=model.pricing)
        prices = {}
        for effort in model.reasoning or ("",):
            room = models.estimate_reasoning(model, effort or None)
            packed = choose_photos_per_request(model, room)
            taken = TokenEstimate(
                text_tokens=math.ceil(TEXT_TOKENS / packed),
                image_tokens=tokens,
                output_tokens=OUTPUT_TOKENS_PER_PHOTO + math.ceil(room / packed),
            )
            if (usd := taken.compute_usd(profile)) is not None:
                prices[effort] = usd
        yield PhotoPrice(detail=detail, tokens=tokens, most_usd=FrozenMap(prices))
