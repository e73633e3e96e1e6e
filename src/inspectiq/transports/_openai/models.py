"""Finds what is known of a model, and whether its provider still serves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from inspectiq._log import warn_caller
from inspectiq._settings import Settings
from inspectiq.limits._models import ModelInfo, ModelTable, describe_row, take_table
from inspectiq.transports._health import EngineHealth

__all__ = ["add_shutdown", "find_model", "is_own_server", "read_models"]

OWN_HOST = "api.openai.com"


def read_models(given: ModelTable | Path | str | None, settings: Settings) -> ModelTable:
    """Takes the given table, or reads the one that the environment names, or the shipped one."""
    if given is not None:
        return take_table(given, "models")
    return ModelTable.from_file(settings.models) if settings.models else ModelTable.default()


def find_model(
    model: str, models: ModelTable, *, server: str | None, warn: bool = True
) -> ModelInfo | None:
    """Finds what is known of a model; warns the transport's maker of one that cannot work well.

    Args:
        model: Its name.
        models: Where to look.
        server: Address of the server; None for OpenAI's own.
        warn: Whether to warn of a model that is not known, or was shut down.
    """
    known = models.find(model)
    if not warn:
        return known
    if known is None:
        warn_caller(
            f"the model {model!r} is not in the model table, so its prices, picture sizes and "
            f"options are not known; {describe_row(model)}"
        )
    elif is_own_server(server) and known.is_shut_down(today := datetime.now(UTC).date()):
        warn_caller(known.describe_shutdown(today))
    return known


def is_own_server(server: str | None) -> bool:
    """Tells whether an address is one of OpenAI's own; None is."""
    host = urlsplit(server).hostname if server else OWN_HOST
    return host is not None and (host == OWN_HOST or host.endswith(f".{OWN_HOST}"))


def add_shutdown(
    health: EngineHealth, listed: Any, known: ModelInfo | None, *, server: str | None
) -> EngineHealth:
    """Adds to a check when the model was or will be shut down; one that was fails the check.

    Args:
        health: What the check found.
        listed: The server's own entry of the model, as JSON; anything else if it gave none.
        known: What the model table knows, which counts on OpenAI's own server alone.
        server: Address of the server; None for OpenAI's own.
    """
    row = known or ModelInfo(name=health.model)
    if not is_own_server(server):
        row = row.model_copy(update={"shutdown": None})
    if (told := _read_shutdown(listed)) is not None:
        row = row.model_copy(update={"shutdown": told})
    today = datetime.now(UTC).date()
    problem = row.describe_shutdown(today)
    if not problem or problem in (health.message or ""):
        return health
    return health.model_copy(
        update={
            "ok": health.ok and not row.is_shut_down(today),
            "problems": (*health.problems, f"{problem}."),
            "message": " ".join(filter(None, [health.message, f"{problem}."])),
        }
    )


def _read_shutdown(listed: Any) -> date | None:
    told = listed.get("shutdown_date") if isinstance(listed, Mapping) else None
    try:
        return date.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
