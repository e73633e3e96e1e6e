"""What an attempt came to, by the rules of Standard Webhooks."""

from __future__ import annotations

from dataclasses import dataclass

from inspectiq._retry_after import parse_retry_after
from inspectiq.errors import ConfigError, UnsafeURL
from inspectiq.net._guarded_transport import is_tls_failure
from inspectiq.webhooks._sending import WebhookResponse

__all__ = ["EndpointAnswer", "judge_error", "judge_response"]

GONE = 410
BUSY = frozenset({429, 503})
LIKELY_PERMANENT = frozenset({400, 401, 403, 404, 413, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAnswer:
    """What an attempt came to.

    Attributes:
        delivered: Whether the endpoint took it.
        reason: Why not, such as `http_500`.
        status_code: HTTP status, None where there was none.
        hopeless: Whether it becomes a dead letter at once.
        gone: Whether the endpoint is to be disabled.
        likely_permanent: Whether trying again is not likely to help.
        busy: Whether the endpoint needs a rest.
        retry_after: Seconds that it asked for.
    """

    delivered: bool = False
    reason: str = ""
    status_code: int | None = None
    hopeless: bool = False
    gone: bool = False
    likely_permanent: bool = False
    busy: bool = False
    retry_after: float | None = None


def judge_response(reply: WebhookResponse | None, now: float) -> EndpointAnswer:
    """2xx is success, and nothing else is.

    Args:
        reply: The answer; None where it was taken without one.
        now: Seconds since the epoch, for a `Retry-After` that is a date.
    """
    if reply is None:
        return EndpointAnswer(delivered=True)
    status = reply.status_code
    if 200 <= status <= 299:
        return EndpointAnswer(delivered=True, status_code=status)
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return EndpointAnswer(
        reason=f"http_{status}",
        status_code=status,
        gone=status == GONE,
        likely_permanent=status in LIKELY_PERMANENT,
        busy=status in BUSY,
        retry_after=parse_retry_after(headers, now),
    )


def judge_error(error: Exception) -> EndpointAnswer:
    """No answer: what stands behind it decides."""
    import httpx

    if isinstance(error, UnsafeURL):
        return EndpointAnswer(
            reason=f"unsafe_url_{error.reason}", hopeless=True, likely_permanent=True
        )
    if is_tls_failure(error):
        return EndpointAnswer(reason="tls", hopeless=True, likely_permanent=True)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return EndpointAnswer(reason="timeout", busy=True)
    if isinstance(error, ConfigError):
        return EndpointAnswer(reason="secret", likely_permanent=True)
    if isinstance(error, httpx.ConnectError):
        return EndpointAnswer(reason="connect")
    if isinstance(error, httpx.TransportError):
        return EndpointAnswer(reason="broken_off")
    return EndpointAnswer(reason=f"raised_{type(error).__name__}")
