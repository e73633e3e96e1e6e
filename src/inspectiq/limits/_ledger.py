"""Keeps account of requests and runs: an observer, in memory or in a file that processes share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inspectiq._fork import make_lock_held_over_fork
from inspectiq._log import get_logger
from inspectiq._text import to_one_line
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.errors import ConfigError
from inspectiq.events import (
    BudgetRefused,
    CacheHit,
    Event,
    RequestAnswered,
    RequestFailed,
    RunCompleted,
    WebhookAttemptFailed,
    WebhookDeadLettered,
    WebhookDelivered,
    WebhookEvent,
)
from inspectiq.limits._spending import LedgerEntry, LedgerLine, LedgerSums, render_table

__all__ = ["Ledger", "LedgerEntry", "LedgerLine"]

# Our assumptions: what one line holds, so that it stays at a few KB, and the most that is read.
MOST_TAGS, LONGEST_WORDS, LONGEST_ID = 16, 100, 200
LONGEST_LINE = 64 * 1024


class Ledger:
    """What was spent, how long it took and what came of it, by day, model and tag of the host.

        ledger = Ledger("usage.jsonl")
        agent = InspectionAgent("openai:gpt-4.1", observers=[ledger])
        print(ledger)

    With a file, each accounted event is appended to it as one JSON line (a `LedgerEntry`), by as
    many threads and processes as there are on one machine; on a network drive give each process a
    file of its own. The file is opened for each line, so it may be moved away at any time. A full
    disk is logged once and breaks no run; what was not written still counts in memory.

    Memory is bounded by `keep`: measured, 2 KB for a combination of 20 requests, 12 KB for one
    whose requests took anything from a millisecond to a day. A summary tells what this ledger saw,
    `Ledger.read` what stands in the file of all. For threads and any number of event loops; a
    forked process goes on from a copy of its parent's sums. At most 16 tags of a case are kept,
    each name and value cut to 100 characters.

    Args:
        path: A file of JSON lines; made with mode 0600 if it does not exist.
        keep: How many combinations of day, model and tags are kept apart in memory (our
            assumption). After that, new ones are counted without their tags: totals, days and
            models stay exact.
        clock: The time of day, with a time zone.

    Raises:
        ConfigError: The file cannot be written to.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        keep: int = 4_096,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if keep < 1:
            raise ConfigError("keep must be at least 1")
        self._path = None if path is None else Path(path).absolute()
        self._spending = LedgerSums(keep)
        self._clock = clock
        self._skipped = 0
        self._torn = True  # the file may end amid a line, until one was written whole
        self._failed = False
        if self._path is not None:
            try:
                os.close(_open_file(self._path))
            except (OSError, ValueError) as error:
                raise ConfigError(
                    f"cannot write the ledger {self._path} ({type(error).__name__}); "
                    "give a file in a folder that exists and that this process may write to"
                ) from error

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, keep: int = 100_000) -> Ledger:
        """A ledger in memory of what stands in a file, also while others append to it.

        Torn lines, those of other programs, and those in which a newer version says more, are
        skipped and counted in `skipped`.

        Raises:
            ConfigError: The file cannot be read.
        """
        ledger = cls(keep=keep)
        try:
            with Path(path).open("rb") as file:
                while line := file.readline(LONGEST_LINE):
                    ledger._take(line)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cannot read the ledger {os.fspath(path)} ({type(error).__name__}); "
                "give the file that Ledger(path) writes"
            ) from error
        return ledger

    @property
    def skipped(self) -> int:
        """How many lines of the file could not be read."""
        return self._skipped

    def summarise(
        self, by: str | None = "model", *, since: date | None = None, until: date | None = None
    ) -> tuple[LedgerLine, ...]:
        """One line for each model, day or value of a tag; or one for all.

        Args:
            by: `model`, `day` (UTC), `tag:NAME`, or None for one line of all.
            since: The first day, UTC.
            until: The last day, itself included.

        Raises:
            ConfigError: `by` is something else, or a day has a time.
        """
        with _lock:
            return self._spending.lines(by, since, until)

    @staticmethod
    def to_text(lines: Iterable[LedgerLine]) -> str:
        """A table for a terminal."""
        return render_table(lines)

    def on_event(self, event: Event, /) -> None:
        entry = make_entry(event, self._clock())
        if entry is None:
            return
        with _lock:
            self._spending.add(entry)
        if self._path is not None:
            self._write(self._path, entry)

    def _write(self, path: Path, entry: LedgerEntry) -> None:
        try:
            _append_line(path, entry.model_dump_json().encode() + b"\n", torn=self._torn)
            self._torn = False
        except OSError as error:
            self._torn = True
            if not self._failed:
                self._failed = True
                get_logger("inspectiq.limits").warning(
                    "the ledger cannot be written", file=path.name, error=type(error).__name__
                )

    def _take(self, line: bytes) -> None:
        if line.isspace():
            return
        try:
            self._spending.add(LedgerEntry.model_validate_json(line))
        except ValidationError:
            self._skipped += 1

    def __str__(self) -> str:
        return self.to_text(self.summarise())


def make_entry(event: Event, now: datetime) -> LedgerEntry | None:
    fields: dict[str, Any]
    match event:
        case RequestAnswered():
            fields = {"kind": "answered", "usage": event.usage}
        case RequestFailed():
            fields = {"kind": "failed", "usage": event.usage or Usage(usd=None)}
            fields["error"] = event.error
        case CacheHit():
            fields = {"kind": "cached", "usage": event.saved}
        case BudgetRefused():
            fields = {"kind": "refused"}
        case RunCompleted():
            fields = {"kind": "run", "status": event.status}
        case WebhookDelivered():
            fields = {"kind": "webhook_delivered"}
        case WebhookAttemptFailed():
            fields = {"kind": "webhook_failed", "error": event.reason}
        case WebhookDeadLettered():
            fields = {"kind": "webhook_dead", "error": event.reason}
        case _:
            return None
    if isinstance(event, WebhookEvent):
        fields["endpoint"] = _shorten(event.endpoint)
    if isinstance(event, _TIMED):
        fields["seconds"] = round(event.seconds, 3)
    tags = list(event.tags.items())[:MOST_TAGS]
    return LedgerEntry(
        ts=now.astimezone(UTC),
        run_id=to_one_line(event.run_id, LONGEST_ID),
        case_id=to_one_line(event.case_id, LONGEST_ID),
        tags=FrozenMap({_shorten(name): _shorten(value) for name, value in tags}),
        # Not every event knows its engine.
        provider=_shorten(getattr(event, "provider", "")),
        model=_shorten(getattr(event, "model", "")),
        photos=len(getattr(event, "photo_ids", ())),
        **fields,
    )


_TIMED = (RequestAnswered, RequestFailed, RunCompleted, WebhookAttemptFailed, WebhookDelivered)


def _shorten(text: str) -> str:
    return to_one_line(text, LONGEST_WORDS)


def _open_file(path: Path) -> int:
    binary: int = getattr(os, "O_BINARY", 0)  # Windows
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | binary, 0o600)


def _append_line(path: Path, line: bytes, *, torn: bool) -> None:
    """Adds a line with one write, which other processes' writes do not cut through."""
    file = _open_file(path)
    try:
        if torn and not _ends_a_line(file):
            line = b"\n" + line  # what a full disk or a crash cut off must not take this one along
        if os.write(file, line) < len(line):
            raise OSError("no room for the whole line")
    finally:
        os.close(file)


def _ends_a_line(file: int) -> bool:
    if os.fstat(file).st_size == 0:
        return True
    os.lseek(file, -1, os.SEEK_END)
    return os.read(file, 1) == b"\n"


# One for all ledgers, held over a fork, so that a child neither hangs nor sees a half-added sum.
_lock = make_lock_held_over_fork()
