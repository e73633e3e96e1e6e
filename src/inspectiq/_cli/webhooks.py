"""Runs the commands that deliver and look after webhooks."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.terminal import say, say_json
from inspectiq._settings import Settings
from inspectiq._text import to_one_line
from inspectiq.errors import ConfigError
from inspectiq.webhooks._endpoints import list_names
from inspectiq.webhooks._memory_outbox import MemoryOutbox
from inspectiq.webhooks._notifier import WebhookNotifier
from inspectiq.webhooks._operating import Operator
from inspectiq.webhooks._outbox import DeliveryRecord, EndpointCounts, MessageState
from inspectiq.webhooks._schedule import SystemClock
from inspectiq.webhooks._sqlite_outbox import DEFAULT_OUTBOX, SQLiteOutbox

__all__ = [
    "backup",
    "count",
    "deliver",
    "disable",
    "enable",
    "list_dead",
    "list_records",
    "purge",
    "replay",
    "test",
]

T = TypeVar("T")


def deliver(arguments: argparse.Namespace) -> int:
    """Delivers the webhooks that are due."""
    with WebhookNotifier(outbox=_find_outbox(arguments), background=False) as notifier:
        if arguments.forever:
            notifier.start()
            say(f"delivering to {', '.join(notifier.endpoints)}; Ctrl-C ends it", flush=True)
            _wait_for_end()
            return EXIT_CODES["complete"]
        done = notifier.deliver_due()
        said = f"{done.delivered} delivered, {done.failed} to be tried again, {done.dead} given up"
        say(said + (f"; {done.left} left{_describe_next(notifier)}" if done.left else ""))
        _warn_of_unknown_endpoints(notifier)
    if done.dead:
        return EXIT_CODES["failed"]
    return EXIT_CODES["partial" if done.failed else "complete"]


def list_records(arguments: argparse.Namespace) -> int:
    """Lists the webhooks in the outbox, or prints the body of one."""
    if arguments.body is not None:
        say_json(_ask(arguments, lambda one: one.read_body(arguments.body), reading=True).decode())
        return EXIT_CODES["complete"]
    return _print_records(arguments, arguments.state)


def list_dead(arguments: argparse.Namespace) -> int:
    """Lists the dead letters."""
    return _print_records(arguments, "dead")


def replay(arguments: argparse.Namespace) -> int:
    """Sends dead letters again."""
    if not (arguments.ids or arguments.endpoint or arguments.all):
        raise ConfigError("say which: ids, --endpoint NAME or --all")
    count = _ask(
        arguments,
        lambda operator: operator.replay(ids=arguments.ids or None, endpoint=arguments.endpoint),
    )
    say(f"{count} are due again")
    return EXIT_CODES["complete" if count else "failed"]


def disable(arguments: argparse.Namespace) -> int:
    """Parks the webhooks for an endpoint until it is enabled."""
    name, reason = arguments.endpoint, arguments.reason
    _ask(arguments, lambda operator: operator.disable(name, reason))
    say(f"{name} is disabled; what is for it waits for `webhooks enable {name}`")
    return EXIT_CODES["complete"]


def enable(arguments: argparse.Namespace) -> int:
    """Enables an endpoint again; its parked webhooks are due at once."""
    name = arguments.endpoint
    _ask(arguments, lambda operator: operator.enable(name))
    say(f"{name} is enabled")
    return EXIT_CODES["complete"]


def test(arguments: argparse.Namespace) -> int:
    """Sends a test to one endpoint or to all."""
    with WebhookNotifier(outbox=MemoryOutbox(), background=False) as notifier:
        outcomes = notifier.test(arguments.endpoint)
    if arguments.json:
        say_json(json.dumps([asdict(one) for one in outcomes], indent=2))
    for one in () if arguments.json else outcomes:
        said = (
            f"took the test, with {one.status_code}" if one.delivered else f"failed: {one.reason}"
        )
        say(f"{one.endpoint} {said}, in {one.seconds:.2f} s")
    return EXIT_CODES["complete" if all(one.delivered for one in outcomes) else "failed"]


def count(arguments: argparse.Namespace) -> int:
    """Counts the webhooks in the outbox."""
    counts = _ask(arguments, Operator.count, reading=True)
    if arguments.json:
        say_json(json.dumps([asdict(one) for one in counts], indent=2))
        return EXIT_CODES["complete"]
    say(
        *_format_table(
            ("endpoint", "pending", "delivered", "dead", "oldest", ""), map(_to_count_row, counts)
        )
    )
    return EXIT_CODES["complete"]


def backup(arguments: argparse.Namespace) -> int:
    """Copies the outbox while others work with it."""
    made = SQLiteOutbox(_find_outbox(arguments)).backup(arguments.to)
    say(f"copied to {made}")
    return EXIT_CODES["complete"]


def purge(arguments: argparse.Namespace) -> int:
    """Deletes old webhooks that were delivered or given up."""
    state, days = arguments.state, arguments.days
    count = _ask(arguments, lambda operator: operator.purge(state, days=days))
    say(f"{count} forgotten")
    return EXIT_CODES["complete"]


def _describe_next(notifier: WebhookNotifier) -> str:
    """Describes when the next of its messages is due; those of a disabled endpoint never are."""
    due = asyncio.run(notifier.outbox.find_next_due(notifier.endpoints))
    if due is None:
        return ", for an endpoint that is disabled"
    return f", next in {_format_span(max(1.0, due - time.time()))}"


def _warn_of_unknown_endpoints(notifier: WebhookNotifier) -> None:
    for counted in notifier.stats():
        if counted.pending and counted.endpoint not in notifier.endpoints:
            say(
                f"inspectiq: {counted.pending} wait for {counted.endpoint}, which is not among "
                f"this command's endpoints: {', '.join(notifier.endpoints)}",
                file=sys.stderr,
            )


def _wait_for_end() -> None:
    """Waits for Ctrl-C or SIGTERM, so that attempts under way end before it closes."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
    finally:
        signal.signal(signal.SIGTERM, before)


def _find_outbox(arguments: argparse.Namespace) -> Path:
    """Finds the outbox; raises where there is none, so that a mistyped path makes no new one."""
    path = Path(arguments.outbox or Settings.from_env().outbox or DEFAULT_OUTBOX)
    if not path.is_file():
        raise ConfigError(f"there is no outbox {path}; give --outbox or INSPECTIQ_OUTBOX")
    return path


def _ask(
    arguments: argparse.Namespace,
    ask: Callable[[Operator], Coroutine[Any, Any, T]],
    *,
    reading: bool = False,
) -> T:
    """Asks the outbox something; the endpoints of the environment are known besides its own.

    Args:
        arguments: With `outbox`.
        ask: What to ask.
        reading: Whether nothing is changed; then a file that is empty stays so.
    """

    async def ask_and_close() -> T:
        path = _find_outbox(arguments)
        is_empty = reading and not path.stat().st_size
        outbox = MemoryOutbox() if is_empty else SQLiteOutbox(path)
        try:
            names = list_names(Settings.from_env())
            return await ask(Operator(outbox, names, SystemClock()))
        finally:
            await outbox.aclose()

    return asyncio.run(ask_and_close())


def _print_records(arguments: argparse.Namespace, state: MessageState | None) -> int:
    endpoint, limit = arguments.endpoint, arguments.limit
    records = _ask(
        arguments,
        lambda operator: operator.list_records(state=state, endpoint=endpoint, limit=limit),
        reading=True,
    )
    if arguments.json:
        say_json(json.dumps([asdict(record) for record in records], indent=2))
    else:
        head = ("id", "type", "endpoint", "case", "state", "attempts", "accepted", "next", "why")
        say(*_format_table(head, map(_to_record_row, records)))
    return EXIT_CODES["complete"]


def _to_record_row(record: DeliveryRecord) -> tuple[str, ...]:
    due = _format_span(record.due - time.time()) if record.state == "pending" else "-"
    why = f"{record.reason} (likely permanent)" if record.likely_permanent else record.reason
    accepted = datetime.fromtimestamp(record.accepted_at, UTC).strftime("%Y-%m-%d %H:%MZ")
    return (
        record.id,
        record.type,
        record.endpoint,
        record.case_id,
        "in flight" if record.leased else record.state,
        str(record.attempts),
        accepted,
        due,
        why or "-",
    )


def _to_count_row(counted: EndpointCounts) -> tuple[str, ...]:
    oldest = counted.oldest_pending
    return (
        counted.endpoint,
        f"{counted.pending:,}",
        f"{counted.delivered:,}",
        f"{counted.dead:,}",
        "-" if oldest is None else _format_span(time.time() - oldest),
        f"disabled: {counted.disabled}" if counted.disabled else "",
    )


def _format_span(seconds: float) -> str:
    """Formats a length of time, rounded to its largest unit."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return "now" if seconds <= 0 else f"{seconds:.0f} s"


def _format_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, *([to_one_line(cell, 60) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
