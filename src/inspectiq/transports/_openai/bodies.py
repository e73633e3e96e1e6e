"""What came as bytes and headers: JSON where it is any, and names that are safe to repeat."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from inspectiq._log import redact
from inspectiq.errors import BadRequest, ProviderUnavailable, TransportError

if TYPE_CHECKING:
    import httpx2

    from inspectiq.transports._openai.faults import Call

__all__ = ["json_in", "no_object", "safe_id", "safe_name"]

MOST_CHARACTERS = 20_000  # of a body that is no JSON, in which words tell what it means


def json_in(raw: httpx2.Response) -> Any:
    """The body as JSON values, whatever stands before it; its text where it is none."""
    text = raw.content.decode("utf-8-sig", errors="replace").strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text[:MOST_CHARACTERS]


def no_object(call: Call, body: Any, raw: httpx2.Response) -> TransportError:
    """The error of a success whose body is no JSON object."""
    shared: dict[str, Any] = {
        "provider": call.provider,
        "status_code": raw.status_code,
        "request_id": safe_id(raw.headers.get("x-request-id")),
    }
    if isinstance(body, str) and body.startswith(("data:", "event:")):
        return BadRequest(
            f"{call.provider} streams an answer although it was not asked to; try the other API: "
            f"{call.other_api}",
            reason="api",
            **shared,
        )
    return ProviderUnavailable(
        f"{call.provider} answered {raw.status_code} with something that is no JSON object; check "
        "base_url, and what stands between here and there",
        **shared,
    )


def safe_id(value: str | None) -> str | None:
    """A provider's id of a request; None for what cannot be one."""
    return _safe(value, r"[\w.:\-]{1,128}")


def safe_name(model: object) -> str | None:
    """The model as a server names it; None for what cannot be a name."""
    return _safe(model, r"[\w.:/@+\-]{1,120}")


def _safe(value: object, form: str) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(form, value, re.ASCII)
    return str(value) if fits and redact(str(value)) == value else None
