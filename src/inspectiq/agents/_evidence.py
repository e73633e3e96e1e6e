"""From an observation to what stands behind a finding: photos with places, and a stated cost."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from decimal import Decimal
from typing import Any

from inspectiq.agents._observations import RepairCost, WireObservation
from inspectiq.agents._prompts import hash_text
from inspectiq.agents._replies import Reading
from inspectiq.domain._findings import Evidence
from inspectiq.domain._observed import StatedCost
from inspectiq.domain._photo import Box
from inspectiq.photos._photo import Photo

__all__ = ["build_evidence", "build_stated_cost"]


def build_evidence(
    observation: WireObservation,
    reply: Reading[Any],
    counts: Container[str],
    photos: Mapping[str | None, Photo],
) -> Iterator[Evidence]:
    """The photos that show it, each place once.

    Args:
        observation: What was seen.
        reply: Where it was said.
        counts: Ids of the photos for which the reply counts.
        photos: Examined photos by id.
    """
    response = reply.answer.response
    assert response is not None
    seen: set[tuple[str, Box | None]] = set()
    for item in observation.evidence:
        photo_id = reply.photo_id(item.photo)
        if photo_id is None or photo_id not in counts:
            continue
        examined = photos[photo_id].examined
        assert examined is not None
        box = item.box_on(examined.ref)
        if (photo_id, box) in seen:
            continue
        seen.add((photo_id, box))
        yield Evidence(
            photo_id=photo_id,
            box=box,
            note="the place it gave has no area" if item.box and not box else None,
            engine=response.engine.identity,
            prompt_sha256=hash_text(reply.answer.request.instructions),
            confidence=observation.confidence,
            confidence_source="stated" if response.engine.groups is None else "score",
        )


def build_stated_cost(
    observation: WireObservation, reply: Reading[Any], currency: str
) -> StatedCost | None:
    """What the engine guesses that it costs; None where it gave no guess.

    Amounts that came in the wrong order are put right.
    """
    guess: RepairCost | None = getattr(observation, "repair_cost", None)
    response = reply.answer.response
    if guess is None or response is None:
        return None
    low, high = sorted(round(Decimal(str(amount)), 2) for amount in (guess.low, guess.high))
    engine = f"{response.engine.provider} {response.engine.model}"
    return StatedCost(low=low, high=high, currency=currency, engine=engine)
