"""Maps what a server says went wrong, and what the SDK raises, to our errors.

Servers tell the same error in many ways: by status, by codes, or in words alone. All of it decides
which of ours it is, by the table of rules. A message names statuses, codes and settings, never a
server's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspectiq._redaction import redact
from inspectiq._retry_after import parse_retry_after
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    InspectIQError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    TransportError,
)
from inspectiq.transports._openai.bodies import (
    parse_body,
    pick_rate_headers,
    read_headers,
    read_request_id,
)
from inspectiq.transports._openai.clients import AnswerTooLong
from inspectiq.transports._openai.error_table import find_rule
from inspectiq.transports._openai.server_errors import ServerError
from inspectiq.transports._openai.usage import read_usage

__all__ = ["Attempt", "map_error", "map_exception", "map_stray_body"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending of a request, as messages of errors name it.

    Attributes:
        provider: The engine's provider.
        model: Its model.
        photos: How many photos were sent.
        api: `chat` or `responses`.
        timeout: Seconds that it may take.
        shutdown: When the model was or will be shut down, and what replaces it; "" if not known.
    """

    provider: str
    model: str
    photos: int = 0
    api: str = "responses"
    timeout: float = 60.0
    shutdown: str = ""

    @property
    def other_api(self) -> str:
        """The setting that chooses the other API."""
        return "api='chat'" if self.api == "responses" else "api='responses'"


def map_error(
    attempt: Attempt, body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> InspectIQError:
    """Maps an error that a server answered to ours.

    Args:
        attempt: What was sent.
        body: Of the answer, as JSON values; of one that is text, the words count.
        status: Of HTTP.
        headers: Of the answer.
    """
    headers = read_headers(headers or {})
    said = ServerError.from_body(body, status)
    rule = find_rule(said)
    kind: type[Any] = rule.kind
    advice = rule.advice.format(**_name_settings(said, attempt))
    message = f"{attempt.provider} answered {_name_status(said, status, body)}; {advice}"
    if rule.reason == "model" and attempt.shutdown:
        message += f" ({attempt.shutdown})"
    usage = read_usage(body)
    if not issubclass(kind, TransportError):
        return rule.kind(message, usage=usage, attempts=1)
    error: TransportError = kind(
        message,
        provider=attempt.provider,
        request_id=read_request_id(headers),
        status_code=said.status or status,
        retry_after=parse_retry_after(headers),
        rate_headers=pick_rate_headers(headers),
        usage=usage,
    )
    if isinstance(error, BadRequest) and rule.reason is not None:
        error.reason = rule.reason
    if headers.get("x-should-retry") == "false" and kind is not RateLimited:
        error.retryable = False
    return error


def map_stray_body(
    attempt: Attempt, body: Any, *, status: int, headers: Mapping[str, str]
) -> TransportError:
    """Maps a success whose body is no JSON object to an error; see `map_error`."""
    shared: dict[str, Any] = {
        "provider": attempt.provider,
        "status_code": status,
        "request_id": read_request_id(headers),
    }
    if isinstance(body, str) and body.startswith(("data:", "event:")):
        return BadRequest(
            f"{attempt.provider} streams an answer although it was not asked to; try the other "
            f"API: {attempt.other_api}",
            reason="api",
            **shared,
        )
    return ProviderUnavailable(
        f"{attempt.provider} answered {status} with something that is no JSON object; check "
        "base_url, and what stands between here and there",
        **shared,
    )


def map_exception(attempt: Attempt, error: Exception) -> InspectIQError:
    """Maps an exception of the SDK, its HTTP client or a key's function to our error."""
    import openai

    if isinstance(error, InspectIQError):
        return error
    if isinstance(error.__cause__, AnswerTooLong):  # the SDK's 2.x takes it for a lost connection
        error = error.__cause__
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return ProviderTimeout(
            f"{attempt.provider} did not answer within {attempt.timeout:g} s; raise timeout= or "
            "send fewer photos in a request",
            provider=attempt.provider,
        )
    if isinstance(error, openai.APIStatusError):
        answer = error.response
        if 300 <= error.status_code < 400:
            return _make_redirect_error(attempt, error.status_code)
        body = parse_body(answer.content)
        return map_error(attempt, body, status=error.status_code, headers=answer.headers)
    if isinstance(error, openai.APIError):
        return ProviderUnavailable(
            f"the connection to {attempt.provider} failed or broke off; check the network and "
            "base_url",
            provider=attempt.provider,
        )
    if isinstance(error, openai.OpenAIError):
        return AuthenticationFailed(
            f"no key for {attempt.provider}; give api_key=", provider=attempt.provider
        )
    return _map_unreadable(attempt, error)


def _make_redirect_error(attempt: Attempt, status: int) -> BadRequest:
    return BadRequest(
        f"{attempt.provider} answered {status}, a redirect, which is not followed: it would send "
        "photos and words to another address; give base_url= the address that answers itself",
        provider=attempt.provider,
        status_code=status,
        reason="option",
    )


def _map_unreadable(attempt: Attempt, error: Exception) -> ProviderUnavailable:
    # Such as a client of the host's that reads a charset which is none.
    what = (
        "is more than an answer can be" if isinstance(error, AnswerTooLong) else "could not be read"
    )
    mapped = ProviderUnavailable(
        f"what {attempt.provider} answered {what} ({type(error).__name__}); check base_url, and "
        "what stands between here and there",
        provider=attempt.provider,
    )
    mapped.retryable = not isinstance(error, AnswerTooLong)
    return mapped


def _name_status(said: ServerError, status: int, body: Any) -> str:
    """Names the status of an error, with the code and the parameter that the body tells."""
    told = str(status) if status >= 400 or said.status is None else f"{status} with {said.status}"
    place = " ".join(_find_places(body))
    return f"{told} ({place})" if place else told


def _name_settings(said: ServerError, attempt: Attempt) -> dict[str, Any]:
    """Names the settings that a message may advise: our own, never a server's words."""
    smaller = "send smaller pictures: image=ImageRule(long_side=...), or give the model more room"
    if attempt.photos > 1:
        most = re.search(r"(?:at most |up to |image=)(\d{1,3})\b", said.words)
        fewer = min(int(most[1]) if most else attempt.photos // 2, attempt.photos - 1)
        smaller = f"send fewer photos a request: photos_per_request={max(1, fewer)}"
    return {
        "provider": attempt.provider,
        "model": attempt.model,
        "smaller": smaller,
        "other": attempt.other_api,
    }


def _find_places(body: Any) -> list[str]:
    """Finds the code and the parameter of an error, where they are safe to repeat."""
    error = body.get("error", body) if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return []
    return [place for name in ("code", "param") if (place := _keep_place(error.get(name)))]


def _keep_place(value: Any) -> str:
    """Returns a code or a parameter's path; "" for what could be prose, a number or a key."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.\[\]]{0,59}", value):
        return ""
    return value if sum(map(str.isdigit, value)) <= 4 and redact(value) == value else ""
