"""Prints where the shipped table of models differs from genai-prices, which others keep up to date.

    pip install genai-prices && python tools/compare_prices.py

Ends with 1 where something differs. Neither of the two is right by itself: the provider is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from inspectiq.limits import ModelTable

NAMES = {  # ours, and theirs
    "input": "input_mtok",
    "cached_input": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "output": "output_mtok",
}


def find_price(model: Any) -> Any:
    """Finds the price that counts today of those that a model had."""
    if not isinstance(model.prices, list):
        return model.prices
    today = datetime.now(UTC).date()
    begun = [
        each.prices
        for each in model.prices
        if getattr(each.constraint, "start_date", today) <= today
    ]
    return begun[-1]


def read_amount(price: Any, name: str) -> Decimal | None:
    """Reads one price; of one that grows with the length of a request, the first."""
    amount = getattr(price, name, None)
    amount = getattr(amount, "base", amount)
    return None if amount is None else Decimal(amount)


def compare() -> Iterator[str]:
    """Compares all models that both know; tells what one of them lacks."""
    from genai_prices.data import providers

    (openai,) = [each for each in providers if each.id == "openai"]
    theirs = {model.id: model for model in openai.models}
    today = datetime.now(UTC).date()
    for ours in ModelTable.default().models:
        if ours.is_shut_down(today) or ours.pricing is None:
            continue
        if ours.name not in theirs:
            yield f"{ours.name}: not in genai-prices"
            continue
        price = find_price(theirs[ours.name])
        for mine, their in NAMES.items():
            here, there = getattr(ours.pricing, mine), read_amount(price, their)
            if here != there:
                yield f"{ours.name}: {mine} is {here} here and {there} in genai-prices"


if __name__ == "__main__":
    differences = list(compare())
    print(*differences or ["nothing differs"], sep="\n")
    print(f"genai-prices {version('genai-prices')}, {len(differences)} differences")
    sys.exit(1 if differences else 0)
