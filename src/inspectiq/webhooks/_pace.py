"""Limits what is sent to one endpoint: by a pace, and by a circuit breaker."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inspectiq._taking import require_number
from inspectiq._token_bucket import TokenBucket
from inspectiq.errors import ConfigError
from inspectiq.webhooks._endpoints import Endpoint

__all__ = ["Breaker", "Lane", "Pace"]

LEASE_MARGIN = 5.0  # seconds in which an attempt that is over is noted; our assumption
NO_LIMIT = 1_000_000_000
TINY = 1e-9  # of a token; a sum of fractions may fall short of 1 by so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast one worker sends to an endpoint. All but the timeout are our assumptions.

    Attributes:
        in_flight: Attempts at once.
        per_second: Attempts that may begin in a second.
        failures: So many failures in a row open the circuit breaker.
        rest: Seconds until an open breaker lets one probe through. It uses up no attempts.
        timeout: Seconds that an attempt may take in all, looking up the name included. Standard
            Webhooks advises 15 to 30.
        lease: Seconds after which another worker takes over what this one has begun; at least 5
            more than an attempt may take.

    Raises:
        ConfigError: A number is out of its bounds.
    """

    in_flight: int = 4
    per_second: float = 50.0
    failures: int = 10
    rest: float = 60.0
    timeout: float = 20.0
    lease: float = 60.0

    def __post_init__(self) -> None:
        for name in ("in_flight", "failures", "per_second", "rest", "timeout", "lease"):
            require_number(getattr(self, name), name)
        if min(self.in_flight, self.failures) < 1 or min(self.per_second, self.timeout) <= 0:
            raise ConfigError(
                "Pace needs in_flight and failures from 1, per_second and timeout above 0"
            )
        if self.rest < 0 or self.lease < self.timeout + LEASE_MARGIN:
            raise ConfigError(
                f"Pace needs a lease of at least timeout + {LEASE_MARGIN:g} seconds, so that no "
                "second worker begins while the first one still waits; and a rest from 0"
            )


class Breaker:
    """The circuit breaker of an endpoint: after failures in a row, one probe at a time.

    Args:
        failures: So many in a row open it.
        rest: Seconds until a probe, after each failure of it anew.
    """

    def __init__(self, failures: int, rest: float) -> None:
        self._most, self._rest = failures, rest
        self.close()

    @property
    def is_open(self) -> bool:
        return self._failures >= self._most

    def close(self) -> None:
        """Forgets the failures: somebody says that the endpoint works again."""
        self._failures, self._probing, self._open_until = 0, False, -math.inf

    def count_allowed(self, now: float) -> int:
        """Counts the attempts that may begin."""
        if not self.is_open:
            return NO_LIMIT
        return int(now >= self._open_until and not self._probing)

    def compute_wait(self, now: float) -> float:
        """Computes the seconds until an attempt may begin; 0 where one may."""
        return max(0.0, self._open_until - now) if self.is_open else 0.0

    def begin(self) -> None:
        """Notes that an attempt begins."""
        self._probing = self.is_open

    def end(self, *, delivered: bool | None, now: float) -> None:
        """Notes that an attempt ended; `delivered` is None where it was cut off."""
        self._probing = False
        if delivered is None:
            return
        self._failures = 0 if delivered else self._failures + 1
        if self.is_open:
            self._open_until = now + self._rest


class Lane:
    """One endpoint as one worker sees it: attempts in flight, and how many more may begin.

    Args:
        endpoint: Where they go.
        pace: How fast it is sent webhooks.
        breaker: Its circuit breaker, which all workers of a notifier share.
        now: Seconds, on the clock that is given later.
    """

    def __init__(self, endpoint: Endpoint, pace: Pace, breaker: Breaker, now: float) -> None:
        self.endpoint = endpoint
        self.in_flight = 0
        self._most = pace.in_flight
        self._breaker = breaker
        self._tokens = TokenBucket(pace.per_second, max(1.0, pace.per_second))
        self._refilled = now

    def count_allowed(self, now: float) -> int:
        """Counts the attempts that may begin."""
        return min(
            max(0, self._most - self.in_flight),
            self._breaker.count_allowed(now),
            self._count_tokens(now),
        )

    def lacks_token(self, now: float) -> bool:
        """Tells whether only the rate keeps attempts from beginning."""
        return self._breaker.count_allowed(now) > 0 and not self._count_tokens(now)

    def compute_wait(self, now: float) -> float:
        """Computes the seconds until rate and breaker let an attempt begin."""
        return max(self._breaker.compute_wait(now), self._tokens.compute_wait(1))

    def begin(self) -> None:
        """Notes that an attempt begins."""
        self.in_flight += 1
        self._tokens.add(-1)
        self._breaker.begin()

    def end(self, *, delivered: bool | None, now: float) -> None:
        """Notes that an attempt ended; `delivered` is None where it was cut off."""
        self.in_flight -= 1
        self._breaker.end(delivered=delivered, now=now)

    def _count_tokens(self, now: float) -> int:
        self._tokens.refill(max(0.0, now - self._refilled))
        self._refilled = now
        return max(0, int(self._tokens.level + TINY))
