"""A token bucket: so much a second, and a burst after a pause."""

from __future__ import annotations

import math

__all__ = ["TokenBucket"]


class TokenBucket:
    """Counts the tokens that a rate allows. It starts full; taking more than it has makes a debt.

    It reads no clock: whoever owns it says how much time has passed.

    Attributes:
        rate: Tokens that come in a second; `math.inf` where there is no limit.
        capacity: Tokens that it holds at most.
        level: Tokens that are there; below 0 for a debt.
    """

    def __init__(self, rate: float = math.inf, capacity: float = math.inf) -> None:
        self.rate, self.capacity, self.level = rate, capacity, capacity

    def resize(self, rate: float, capacity: float) -> None:
        """Sets another rate and capacity; tokens beyond the capacity are lost."""
        self.rate, self.capacity = rate, capacity
        self.add(0.0)

    def add(self, amount: float) -> None:
        """Adds tokens, or takes them where the amount is negative."""
        self.level = min(self.level + amount, self.capacity)

    def refill(self, seconds: float) -> None:
        """Adds the tokens that come in so many seconds."""
        if self.rate < math.inf:
            self.add(self.rate * seconds)

    def compute_wait(self, amount: float) -> float:
        """Computes the seconds until so many tokens are there; a full bucket will do."""
        lacking = min(amount, self.capacity) - self.level
        return lacking / self.rate if lacking > 0 else 0.0
