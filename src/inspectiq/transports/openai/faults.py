"""From the SDK's errors to ours. A message names codes and places, never the server's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inspectiq._retry_after import retry_after
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    InspectIQError,
    OutputFiltered,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
    TransportError,
)

if TYPE_CHECKING:
    import openai

__all__ = ["fault_of", "rate_headers"]

# From OpenAI's guide to error codes, and Azure's to content filters.
NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
FILTERED = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})


def fault_of(error: openai.APIError, provider: str, model: str) -> InspectIQError:
    """Our error for one of the SDK's."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ProviderTimeout(
            f"{provider} did not answer in time; raise timeout= or send fewer photos in a request",
            provider=provider,
        )
    if not isinstance(error, openai.APIStatusError):
        return ProviderUnavailable(
            f"the connection to {provider} failed or broke off; check the network and base_url",
            provider=provider,
        )
    headers = error.response.headers
    shared: dict[str, Any] = {
        "provider": provider,
        "request_id": error.request_id,
        "status_code": error.status_code,
        "retry_after": retry_after(headers),
        "rate_headers": rate_headers(headers),
    }
    kind, advice = _kind(error, provider, model)
    place = " ".join(filter(None, (_word(error.code), _word(error.param))))
    message = f"{provider} answered {error.status_code}{f' ({place})' if place else ''}; {advice}"
    if issubclass(kind, TransportError):
        fault: InspectIQError = kind(message, **shared)
        if headers.get("x-should-retry") == "false":
            fault.retryable = False  # type: ignore[attr-defined]
        return fault
    return kind(message, attempts=1)


def _kind(
    error: openai.APIStatusError, provider: str, model: str
) -> tuple[type[InspectIQError], str]:
    status, code = error.status_code, error.code or ""
    body = error.body if isinstance(error.body, Mapping) else {}
    said = str(body.get("message", ""))
    if code in NO_CREDIT or body.get("type") in NO_CREDIT:
        return QuotaExhausted, f"the account at {provider} has no credit left; add some"
    if status == 429:
        if said.startswith("Request too large"):  # more than a whole minute's tokens
            return BadRequest, "one request is over the tokens a minute; send fewer photos in it"
        return RateLimited, "its rate limit is reached; set rpm and tpm to what the account has"
    if status in (401, 403):
        return AuthenticationFailed, f"check the key, and whether it may use {model!r}"
    if code in FILTERED:
        return OutputFiltered, "a content filter stopped the request; look at the photos yourself"
    if status == 404:
        return BadRequest, f"check the model {model!r} and base_url"
    if status in (408, 504):
        return ProviderTimeout, "it did not answer in time"
    if status == 409 or status >= 500:
        return ProviderUnavailable, "it failed on its side; try again later"
    if status == 413 or code == "context_length_exceeded":
        return BadRequest, "the request is too large; send fewer photos in it"
    return BadRequest, "it takes the request for malformed; check model, detail and base_url"


def _word(value: object) -> str:
    """A code or a parameter's path; nothing that could be prose."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w.\[\]-]{1,80}", value) else ""


def rate_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those headers that speak of rate limits, by name in lower case."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower().startswith(("x-ratelimit-", "retry-after"))
    }
