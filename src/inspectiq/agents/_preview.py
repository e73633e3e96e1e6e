"""Previews a run: requests, tokens and dollars, before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from inspectiq._values import Value
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._estimates import TokenEstimate, estimate_tokens
from inspectiq.transports._profile import EngineProfile

__all__ = ["Preview", "build_preview"]

VERDICT_TOKENS = 10  # what is said of a photo without findings; our assumption


class Preview(Value):
    """The requests, tokens and dollars that a run would take, at least and at most.

    Least is for photos without findings, most for answers as long as they may be. The estimates are
    on the high side. Questions that must be asked again are not counted.

    Attributes:
        photos: How many the case has.
        sent: How many of them would be sent: readable, and no duplicates.
        requests: In how many requests, those of all reads together.
        reads: How often each photo is read.
        provider: The engine's provider.
        model: Its model.
        input_tokens: Instructions, schema, words and pictures.
        output_tokens: Least and most.
        usd: Least and most; None where the price is not known.
        second_look: What a second look takes on top if all photos seem clean; None without one.
    """

    photos: int
    sent: int
    requests: int
    reads: int = 1
    provider: str
    model: str
    input_tokens: int
    output_tokens: tuple[int, int]
    usd: tuple[Decimal, Decimal] | None
    second_look: Preview | None = None

    def __str__(self) -> str:
        cost = "price unknown"
        if self.usd is not None:
            cost = f"${self.usd[0]:.4f} to ${self.usd[1]:.4f}"
        often = f", read {self.reads} times," if self.reads > 1 else ""
        return (
            f"{self.provider}:{self.model}: {self.sent} of {self.photos} photos{often} in "
            f"{self.requests} requests, {self.input_tokens} tokens in, {self.output_tokens[0]} to "
            f"{self.output_tokens[1]} out, {cost}"
            + (f"; for a second look, at most {self.second_look}" if self.second_look else "")
        )

    def _repr_html_(self) -> str:
        from inspectiq.reports._notebook_values import render_preview

        return render_preview(self)


def build_preview(
    photos: int, requests: Sequence[VisionRequest], profile: EngineProfile
) -> Preview:
    """Builds the preview of planned requests, for a case with so many photos."""
    most = [estimate_tokens(request, profile) for request in requests]
    least = list(map(_estimate_least, most, requests))
    return Preview(
        photos=photos,
        sent=len({photo_id for request in requests for photo_id in request.photo_ids}),
        requests=len(requests),
        reads=max((request.read for request in requests), default=1),
        provider=profile.provider,
        model=profile.model,
        input_tokens=sum(one.text_tokens + one.image_tokens for one in most),
        output_tokens=(
            sum(one.output_tokens for one in least),
            sum(one.output_tokens for one in most),
        ),
        usd=None
        if profile.pricing is None
        else (_sum_usd(least, profile), _sum_usd(most, profile)),
    )


def _estimate_least(most: TokenEstimate, request: VisionRequest) -> TokenEstimate:
    """Estimates what a request takes if nothing is found in its photos."""
    return TokenEstimate(
        text_tokens=math.floor(most.text_tokens * 3 / 4),  # four bytes a token and not three
        image_tokens=most.image_tokens,
        output_tokens=min(most.output_tokens, VERDICT_TOKENS * max(1, len(request.photos))),
    )


def _sum_usd(estimates: Sequence[TokenEstimate], profile: EngineProfile) -> Decimal:
    return sum((one.compute_usd(profile) or Decimal(0) for one in estimates), Decimal(0))
