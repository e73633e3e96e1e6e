"""`Limits`: bounds on the calls, money and time of a run and of an agent."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from inspectiq._values import Value

__all__ = ["Limits"]

Positive = Annotated[float, Field(gt=0)]


class Limits(Value):
    """Bounds on calls, money and time. None means no bound.

    `usd`, `calls` and `deadline` are for each run. The others are for the agent: all its runs
    share them. A process has its own; where many share an account, give a limiter that is shared.

    Attributes:
        rpm: Requests a minute that the provider allows; learned from its headers if not given.
        tpm: Tokens a minute that it allows; learned likewise.
        burst_seconds: How many seconds' worth may go at once after a pause. OpenAI counts by whole
            minutes, yet refills all the time; ten seconds keep clear of both.
        usd: Dollars that a run may cost, also as text such as `"0.05"`; 0 for none at all. A float
            is taken as it is written; of a bound, unlike of a price, nothing is added up.
        calls: Requests that a run may send, retries included; 0 for none at all.
        concurrency: Requests in flight at once.
        deadline: Seconds that a run may take; what is not done by then is reported as failed.
    """

    rpm: Positive | None = None
    tpm: Positive | None = None
    burst_seconds: Positive = 10.0
    usd: Annotated[Decimal, Field(ge=0)] | None = None
    calls: Annotated[int, Field(ge=0)] | None = None
    concurrency: Annotated[int, Field(ge=1)] = 128
    deadline: Positive | None = None
