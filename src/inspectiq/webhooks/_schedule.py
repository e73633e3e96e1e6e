"""When a webhook is attempted again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from inspectiq._values import Value

__all__ = ["Schedule"]

Seconds = Annotated[float, Field(ge=0, le=86_400)]

MINUTE, HOUR = 60.0, 3600.0


class Schedule(Value):
    """The waits between attempts. The first is made at once.

    The default is that of the Standard Webhooks specification's recommendation: ten attempts over
    three days, so that an endpoint that is down for a weekend misses nothing.

    Attributes:
        waits: Seconds before each attempt, the first included; as many attempts as there are waits.
        jitter: Each wait is multiplied by a random number between 1 - jitter and 1 + jitter, so
            that what failed together does not come back together.
        busy_wait: At least so many seconds after 429, 503 and a timeout.
        longest_retry_after: An endpoint that asks for more is asked after so many seconds.
    """

    waits: Annotated[tuple[Seconds, ...], Field(min_length=1)] = (
        0.0,
        5.0,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    )
    jitter: Annotated[float, Field(ge=0, lt=1)] = 0.2
    busy_wait: Seconds = 60.0
    longest_retry_after: Seconds = 24 * HOUR

    def wait(
        self,
        attempts: int,
        random: Callable[[], float],
        *,
        busy: bool = False,
        retry_after: float | None = None,
    ) -> float | None:
        """Seconds until the next attempt; None where there is none.

        Args:
            attempts: How many were made.
            random: Gives numbers from 0 to 1.
            busy: Whether the endpoint said that it is busy, or timed out.
            retry_after: Seconds that it asked for.
        """
        if attempts >= len(self.waits):
            return None
        wait = self.waits[attempts] * (1 + self.jitter * (2 * random() - 1))
        if busy:
            wait = max(wait, self.busy_wait)
        if retry_after is not None:
            wait = max(wait, min(retry_after, self.longest_retry_after))
        return wait
