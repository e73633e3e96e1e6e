"""How much is asked of one endpoint at a time."""

from __future__ import annotations

from dataclasses import dataclass

from inspectiq.errors import ConfigError
from inspectiq.webhooks._breaker import Breaker, Bucket
from inspectiq.webhooks._endpoints import Endpoint

__all__ = ["Lane", "Pace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much one worker asks of an endpoint. All but the timeout are our assumptions.

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
        if min(self.in_flight, self.failures) < 1 or min(self.per_second, self.timeout) <= 0:
            raise ConfigError(
                "Pace needs in_flight and failures from 1, per_second and timeout above 0"
            )
        if self.rest < 0 or self.lease < self.timeout + LEASE_MARGIN:
            raise ConfigError(
                f"Pace needs a lease of at least timeout + {LEASE_MARGIN:g} seconds, so that no "
                "second worker begins while the first one still waits; and a rest from 0"
            )


LEASE_MARGIN = 5.0  # seconds in which an attempt that is over is noted; our assumption


class Lane:
    """One endpoint, as this worker knows it."""

    def __init__(self, endpoint: Endpoint, pace: Pace, breaker: Breaker, now: float) -> None:
        self.endpoint = endpoint
        self.pace = pace
        self.busy = 0
        self.breaker = breaker
        self.bucket = Bucket(pace.per_second, now)

    def room(self, now: float) -> int:
        return max(
            0,
            min(
                self.pace.in_flight - self.busy,
                self.breaker.allowance(now),
                self.bucket.available(now),
            ),
        )

    def began(self) -> None:
        self.busy += 1
        self.bucket.take(1)
        self.breaker.began()
