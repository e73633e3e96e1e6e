"""What a notifier works with where its caller, or the environment, says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from inspectiq._settings import Settings
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.webhooks._endpoints import Endpoint, SecretSource
from inspectiq.webhooks._outbox import Outbox
from inspectiq.webhooks._payloads import BodyForm
from inspectiq.webhooks._sqlite_outbox import SQLiteOutbox

__all__ = [
    "DEFAULT_OUTBOX",
    "make_linker",
    "require_transport",
    "resolve_endpoints",
    "resolve_outbox",
]

DEFAULT_OUTBOX = "inspectiq-outbox.sqlite"


def resolve_endpoints(
    given: str | Endpoint | Iterable[str | Endpoint] | None,
    settings: Settings,
    secret: SecretSource | None,
    events: tuple[str, ...],
    body: BodyForm,
) -> list[Endpoint]:
    if given is None:
        variables = {
            "inspection": settings.inspection_webhook_url,
            "diagnosis": settings.diagnosis_webhook_url,
        }
        made = [
            Endpoint(url=url, secret=secret, events=events, results=(kind,), body=body, name=kind)
            for kind, url in variables.items()
            if url is not None
        ]
    else:
        listed = [given] if isinstance(given, str | Endpoint) else list(given)
        made = [
            one
            if isinstance(one, Endpoint)
            else Endpoint(url=one, secret=secret, events=events, body=body)
            for one in listed
        ]
    if not made:
        raise ConfigError(
            "there is no endpoint for webhooks; give a URL, or set INSPECTION_WEBHOOK_URL, "
            "DIAGNOSIS_WEBHOOK_URL or BACKEND_BASE_URL"
        )
    return made


def resolve_outbox(given: Outbox | str | Path | None, settings: Settings) -> Outbox:
    if isinstance(given, str | Path):
        return SQLiteOutbox(given)
    if given is None:
        return SQLiteOutbox(settings.outbox or DEFAULT_OUTBOX)
    if isinstance(given, type) or not isinstance(given, Outbox):
        raise ConfigError(
            f"{given!r} is no outbox: pass a path, an SQLiteOutbox, a MemoryOutbox or your own"
        )
    return given


def require_transport(given: object) -> None:
    if isinstance(given, type) or not callable(getattr(given, "send", None)):
        raise ConfigError(
            f"{given!r} is no webhook transport: pass an object with "
            "`async def send(self, request)`"
        )


def make_linker(settings: Settings) -> Callable[[Result], str | None]:
    base = settings.backend_base_url

    def link(result: Result) -> str | None:
        if base is None:
            return None
        kind = "diagnoses" if isinstance(result, Diagnosis) else "inspections"
        return f"{base.rstrip('/')}/api/v1/{kind}/{result.id}"

    return link
