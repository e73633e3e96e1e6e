"""What one endpoint is allowed at a moment: a circuit breaker and a token bucket."""

from __future__ import annotations

import math

__all__ = ["Breaker", "Bucket"]

MANY = 1_000_000_000
TINY = 1e-9  # of a token; a sum of fractions may fall short of 1 by so much


class Breaker:
    """Stops asking an endpoint that keeps failing, but for one probe at a time.

    Args:
        failures: So many in a row open it.
        rest: Seconds until a probe, after each failure of it anew.
    """

    def __init__(self, failures: int, rest: float) -> None:
        self._most, self._rest = failures, rest
        self._failures = 0
        self._open_until = -math.inf
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._failures >= self._most

    def allowance(self, now: float) -> int:
        """How many attempts may begin."""
        if not self.is_open:
            return MANY
        return int(now >= self._open_until and not self._probing)

    def next_probe(self, now: float) -> float:
        """Seconds until an attempt may begin; 0 where one may."""
        return max(0.0, self._open_until - now) if self.is_open else 0.0

    def began(self) -> None:
        self._probing = self.is_open

    def ended(self, *, delivered: bool, now: float) -> None:
        self._probing = False
        if delivered:
            self._failures = 0
            return
        self._failures += 1
        if self.is_open:
            self._open_until = now + self._rest

    def broken_off(self) -> None:
        """An attempt ended without an answer of the endpoint."""
        self._probing = False

    def close(self) -> None:
        """Forgets the failures: somebody says that the endpoint works again."""
        self._failures, self._probing, self._open_until = 0, False, -math.inf


class Bucket:
    """Lets so many attempts a second begin, with a burst of one second.

    Args:
        rate: A second.
        now: The time, on the clock that is asked with later.
    """

    def __init__(self, rate: float, now: float) -> None:
        self._rate, self._size = rate, max(1.0, rate)
        self._tokens, self._at = self._size, now

    def available(self, now: float) -> int:
        self._tokens = min(self._size, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        return int(self._tokens + TINY)

    def take(self, count: int) -> None:
        self._tokens -= count

    def next_token(self) -> float:
        """Seconds until one is available."""
        return max(0.0, (1 - self._tokens) / self._rate)
