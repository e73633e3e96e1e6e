"""Tells whether an engine would answer now, for health checks and smoke tests."""

from __future__ import annotations

from inspectiq._usage import Usage
from inspectiq._values import Value
from inspectiq.limits._rate_limits import RateSnapshot

__all__ = ["EngineHealth"]


class EngineHealth(Value):
    """What a live check of an engine found.

    Attributes:
        ok: Whether a request would work now; None where the engine has no way to tell.
        provider: The engine's provider.
        model: Its model, as the provider names it where it answered.
        error: Class of the error, such as `AuthenticationFailed`.
        message: What is wrong and how to mend it.
        problems: What the engine answered but did not do, each with its cure: a picture not read
            (then `ok` is false), a schema or a bound on the answer not kept to; and when its model
            was shut down (then `ok` is false) or will be.
        request_id: The provider's id of the call.
        rate: The provider's rate limits as it stated them.
        usage: What the check cost; None where nothing is known of it.
        seconds: How long it took.
    """

    ok: bool | None
    provider: str
    model: str
    error: str | None = None
    message: str | None = None
    problems: tuple[str, ...] = ()
    request_id: str | None = None
    rate: RateSnapshot | None = None
    usage: Usage | None = None
    seconds: float = 0.0
