"""Compares the table of models with a server's own list."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from inspectiq._settings import Settings
from inspectiq.errors import ProviderUnavailable
from inspectiq.limits._models import ModelTable
from inspectiq.transports._openai.bodies import parse_body
from inspectiq.transports._openai.clients import make_client
from inspectiq.transports._openai.error_mapping import Attempt, map_exception
from inspectiq.transports._openai.keys import require_key
from inspectiq.transports._openai.log_redaction import redact_logs
from inspectiq.transports._openai.models import is_own_server

__all__ = ["compare_models", "list_server_models"]

TIMEOUT = 60.0  # seconds, where INSPECTIQ_TIMEOUT is not set
LOOKS = r"(gpt-\d[\d.]*|o\d+)(-(?!audio|realtime|image|chat|codex|search)[a-z]+)?"  # at pictures


async def list_server_models(settings: Settings) -> list[Mapping[str, Any]]:
    """Lists the server's own entries of models, as JSON: `id`, and `shutdown_date` if it says so.

    Args:
        settings: Which server, and its key.

    Raises:
        ConfigError: There is no key.
        TransportError: By what the server or the network answered.
    """
    from openai import HttpxBinaryResponseContent

    timeout, base_url = settings.timeout or TIMEOUT, settings.openai_base_url
    client = make_client(
        require_key(settings.openai_api_key, base_url),
        base_url=base_url,
        organization=settings.organization,
        project=settings.project,
        timeout=timeout,
    )
    try:
        async with client, asyncio.timeout(timeout):
            with redact_logs():
                answer = await client.get("/models", cast_to=HttpxBinaryResponseContent)
    except Exception as raised:
        error = map_exception(Attempt("openai", "of a list", timeout=timeout), raised)
        raise error from None
    body = parse_body(answer.content)
    entries = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(entries, list):
        raise ProviderUnavailable(
            "openai answered with something that is no list of models; check base_url",
            provider="openai",
        )
    return [one for one in entries if isinstance(one, Mapping) and isinstance(one.get("id"), str)]


def compare_models(
    table: ModelTable, listed: Sequence[Mapping[str, Any]], *, server: str | None, today: date
) -> Iterator[str]:
    """Tells where a server's list differs from the table.

    Args:
        table: The models that are known.
        listed: The server's entries.
        server: Its address; another than OpenAI's own need not serve OpenAI's models.
        today: Decides which models of the table must be there.
    """
    own, days = is_own_server(server), {one["id"]: one.get("shutdown_date") for one in listed}
    for model in table.models:
        gone = model.is_shut_down(today)
        if model.name not in days:
            if own and not gone:
                yield f"{model.name}: in the table, and not listed by the server"
            continue
        told, known = days[model.name], model.shutdown.isoformat() if model.shutdown else None
        if told != known and (own or told):
            days_ = f"{told or 'no day'}, in the table {known or 'no day'}"
            yield f"{model.name}: the day of its shutdown is by the server {days_}"
    for name in sorted(days):
        if table.find(name) is None and re.fullmatch(LOOKS, name):
            yield f"{name}: listed by the server, and not in the table"
