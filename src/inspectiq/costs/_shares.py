"""Splits money that is charged once among several, exact to the smallest coin."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

__all__ = ["split_amount"]


def split_amount(
    whole: Decimal, weights: Sequence[Decimal], ties: Sequence[str], coin: Decimal
) -> list[Decimal]:
    """Splits a sum in proportion to weights; the parts add up to the whole.

    Coins that are left over go to the largest remainders.

    Args:
        whole: A multiple of `coin`, not negative.
        weights: Not negative; all of them 0 means equal parts.
        ties: Which of two equal remainders is served first: the lower text. So the parts do not
            depend on the order.
        coin: The smallest part, such as 0.01.
    """
    total = sum(weights, Decimal(0))
    if not total:
        weights, total = [Decimal(1)] * len(weights), Decimal(len(weights))
    exact = [whole * weight / total for weight in weights]
    parts = [share.quantize(coin, ROUND_FLOOR) for share in exact]
    left = int((whole - sum(parts, Decimal(0))) / coin)
    by_remainder = sorted(
        range(len(parts)), key=lambda place: (parts[place] - exact[place], ties[place])
    )
    for place in by_remainder[:left]:
        parts[place] += coin
    return parts
