"""From what a server says went wrong to our errors.

Servers tell the same fault in many ways: by status, by codes, or in words alone. All of it decides
which error it is, by `RULES`. A message names statuses, codes and settings, never a server's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from inspectiq._log import redact
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
from inspectiq.transports._openai.bodies import json_in, safe_id
from inspectiq.transports._openai.clients import TooMuch
from inspectiq.transports._openai.counting import usage_in
from inspectiq.transports._openai.error_rules import RULES, ServerError

__all__ = ["Call", "error_in", "fault_of", "fault_of_call", "rate_headers"]

CODES = frozenset({"code", "type", "__type", "param", "status", "status_code", "reason", "reasons"})
"""Where a server writes codes; all other text is words."""

ERROR_KEYS = CODES | {"error", "errors", "message", "msg", "detail", "base_resp"}
"""Where a body tells an error."""

# Some servers repeat the request that they refuse, pictures and all.
REPEATED = frozenset({"input", "body", "request", "messages", "instructions"})
DEEPEST = 8  # of nested errors that are read; our assumptions
LONGEST = 1000  # characters of one text
MOST_TEXTS = 40
MOST_NODES = 2000


@dataclass(frozen=True, slots=True)
class Call:
    """What was called, for messages.

    Attributes:
        provider: The engine's provider.
        model: Its model.
        photos: How many photos were sent.
        api: `chat` or `responses`.
        timeout: Seconds for one attempt.
    """

    provider: str
    model: str
    photos: int = 0
    api: str = "responses"
    timeout: float = 60.0

    @property
    def other_api(self) -> str:
        """The setting that chooses the other API."""
        return "api='chat'" if self.api == "responses" else "api='responses'"


def error_in(body: Any) -> Mapping[str, Any] | None:
    """The error that stands where an answer was due; None where there is none."""
    if isinstance(body, list) and len(body) == 1:  # as Google's compatible endpoint writes it
        body = body[0]
    if not isinstance(body, Mapping):
        return None
    if body.get("status") == "failed":  # of the Responses API
        return {"error": body.get("error")}
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, Mapping) and choice.get("error"):
            return {"error": choice["error"]}
    told = {name: value for name, value in body.items() if name in ERROR_KEYS}
    if body.get("error") or body.get("errors"):
        return told
    held = body.get("base_resp")  # MiniMax's, beside an answer that is null
    if isinstance(held, Mapping) and held.get("status_code"):
        return {"base_resp": held}
    if any(body.get(name) for name in ("choices", "output")):
        return None
    in_words = any(isinstance(body.get(name), str) for name in ("message", "detail", "msg"))
    coded = "code" in body or "detail" in body or body.get("object") == "error"
    return told if in_words and coded else None


def fault_of(
    call: Call, body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> InspectIQError:
    """Our error for one of a server.

    Args:
        call: What was called.
        body: Of the answer, as JSON values; what is none counts for nothing.
        status: Of HTTP.
        headers: Of the answer.
    """
    headers = _plain_headers(headers or {})
    said = _read(body, status)
    rule = next(rule for rule in RULES if rule.holds(said))
    kind: type[Any] = rule.kind
    advice = rule.advice.format(**_settings(said, call))
    place = " ".join(_places(body))
    told = f"{status}" if status >= 400 or said.status is None else f"{status} with {said.status}"
    message = f"{call.provider} answered {told}{f' ({place})' if place else ''}; {advice}"
    usage = usage_in(body)
    if not issubclass(kind, TransportError):
        return rule.kind(message, usage=usage, attempts=1)
    fault: TransportError = kind(
        message,
        provider=call.provider,
        request_id=safe_id(headers.get("x-request-id")),
        status_code=said.status or status,
        retry_after=parse_retry_after(headers),
        rate_headers=rate_headers(headers),
        usage=usage,
    )
    if isinstance(fault, BadRequest) and rule.reason is not None:
        fault.reason = rule.reason
    if headers.get("x-should-retry") == "false" and kind is not RateLimited:
        fault.retryable = False
    return fault


def fault_of_call(call: Call, error: Exception) -> InspectIQError:
    """Our error for whatever the SDK, its HTTP client or a key's function raised."""
    import openai

    if isinstance(error, InspectIQError):
        return error
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return ProviderTimeout(
            f"{call.provider} did not answer within {call.timeout:g} s; raise timeout= or send "
            "fewer photos in a request",
            provider=call.provider,
        )
    if isinstance(error, openai.APIStatusError):
        answer = error.response
        return fault_of(call, json_in(answer), status=error.status_code, headers=answer.headers)
    if isinstance(error, openai.OpenAIError) and not isinstance(error, openai.APIError):
        return AuthenticationFailed(
            f"no key for {call.provider}; give api_key=", provider=call.provider
        )
    if isinstance(error, openai.APIError):
        told = "failed or broke off; check the network and base_url"
        return ProviderUnavailable(
            f"the connection to {call.provider} {told}", provider=call.provider
        )
    # Such as a client of the host's that reads a charset which is none.
    what = "is more than an answer can be" if isinstance(error, TooMuch) else "could not be read"
    fault = ProviderUnavailable(
        f"what {call.provider} answered {what} ({type(error).__name__}); check base_url, and what "
        "stands between here and there",
        provider=call.provider,
    )
    fault.retryable = not isinstance(error, TooMuch)
    return fault


def _settings(said: ServerError, call: Call) -> dict[str, Any]:
    """What a message may name: places in our own configuration, never a server's words."""
    smaller = "send smaller pictures: image=ImageRule(long_side=...), or give the model more room"
    if call.photos > 1:
        most = re.search(r"(?:at most |up to |image=)(\d{1,3})\b", said.words)
        fewer = min(int(most[1]) if most else call.photos // 2, call.photos - 1)
        smaller = f"send fewer photos a request: photos_per_request={max(1, fewer)}"
    return {
        "provider": call.provider,
        "model": call.model,
        "smaller": smaller,
        "other": call.other_api,
    }


# -- what was said ---------------------------------------------------------------------------------


def _read(body: Any, status: int) -> ServerError:
    said = ServerError()
    words: list[str] = []
    for name, value in islice(_nodes(body), MOST_NODES):
        if isinstance(value, bool) or not isinstance(value, str | int):
            continue
        if name in CODES:
            said.codes.append(str(value)[:LONGEST].lower())
        elif isinstance(value, str):
            words.append(value[:LONGEST].lower())
    said.words = "\n".join(words[:MOST_TEXTS])
    del said.codes[MOST_TEXTS:]
    if status >= 400:
        said.status = status
    else:
        numbers = [int(code) for code in said.codes if re.fullmatch(r"[45]\d\d", code)]
        said.status = numbers[0] if numbers else None
    return said


def _nodes(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """All values in JSON values, each with the key that it stands under."""
    yield name, value
    if depth == DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in REPEATED:
                yield from _nodes(item, str(key).lower(), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item, name, depth + 1)


def _places(body: Any) -> list[str]:
    """Code and parameter of an error, as far as they are plainly that."""
    error = body.get("error", body) if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return []
    return [word for name in ("code", "param") if (word := _word(error.get(name)))]


def _word(value: Any) -> str:
    """A code or a parameter's path; nothing that could be prose, a number or a key."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.\[\]]{0,59}", value):
        return ""
    return value if sum(map(str.isdigit, value)) <= 4 and redact(value) == value else ""


def _plain_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by name in lower case; what LiteLLM's proxy passes on has its own name again."""
    lower = {name.lower(): value for name, value in headers.items()}
    passed_on = {
        name.removeprefix("llm_provider-"): value
        for name, value in lower.items()
        if name.startswith("llm_provider-")
    }
    return passed_on | lower


def rate_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those headers that speak of rate limits, by name in lower case."""
    return {
        name: value
        for name, value in _plain_headers(headers).items()
        if name.startswith(("x-ratelimit-", "retry-after"))
    }
