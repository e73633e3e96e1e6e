"""Reads what a server sent: JSON of the body, rate limits, and names that are safe to repeat."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from inspectiq._redaction import redact

__all__ = ["parse_body", "pick_rate_headers", "read_headers", "read_model", "read_request_id"]

MOST_CHARACTERS = 20_000  # of a body that is no JSON, in which words tell what it means


def parse_body(content: bytes) -> Any:
    """Parses a body as JSON, after white space or a byte order mark; returns text if it is none."""
    text = content.decode("utf-8-sig", errors="replace").strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text[:MOST_CHARACTERS]


def read_model(body: Mapping[str, Any]) -> str | None:
    """Reads the model as a server names it; None for what cannot be a name."""
    return _keep_safe(body.get("model"), r"[\w.:/@+\-]{1,120}")


def read_request_id(headers: Mapping[str, str]) -> str | None:
    """Reads a provider's id of a request; None for what cannot be one."""
    return _keep_safe(headers.get("x-request-id"), r"[\w.:\-]{1,128}")


def read_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Reads headers by name in lower case, also those that LiteLLM's proxy passes on renamed."""
    lower = {name.lower(): value for name, value in headers.items()}
    passed_on = {
        name.removeprefix("llm_provider-"): value
        for name, value in lower.items()
        if name.startswith("llm_provider-")
    }
    return passed_on | lower


def pick_rate_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Picks the headers that speak of rate limits, by name in lower case."""
    return {
        name: value
        for name, value in read_headers(headers).items()
        if name.startswith(("x-ratelimit-", "retry-after"))
    }


def _keep_safe(value: object, form: str) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(form, value, re.ASCII)
    return str(value) if fits and redact(str(value)) == value else None
