"""`Ledger`: an observer that keeps account of requests, runs and webhooks, in memory or a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType

from inspectiq._files import to_path
from inspectiq._fork import make_lock_held_over_fork
from inspectiq._log import get_logger
from inspectiq._taking import refuse, require, require_all, require_number
from inspectiq.errors import ConfigError
from inspectiq.events import Event
from inspectiq.limits._ledger_entries import LedgerEntry, make_entry
from inspectiq.limits._ledger_lines import LedgerLine, LedgerSums, render_table

__all__ = ["Ledger"]

LONGEST_LINE = 64 * 1024  # the most that is read of one; our assumption


class Ledger:
    """Keeps account of money, time and outcomes of runs and webhooks, by day, model and tag.

        ledger = Ledger("usage.jsonl")
        agent = InspectionAgent("openai:gpt-6-luna", observers=[ledger])
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
        require_number(keep, "keep", least=1, whole=True)
        self._path = None if path is None else to_path(path, "ledger").absolute()
        self._sums = LedgerSums(keep)
        if not callable(clock):
            refuse(clock, "clock", "give a function that returns a datetime with a time zone")
        self._clock = clock
        self._skipped = 0
        self._torn = True  # the file may end amid a line, until one was written whole
        self._failed = False
        if self._path is not None:
            try:
                _check_file(self._path)
            except ConfigError:
                raise
            except (OSError, ValueError) as error:
                raise ConfigError(
                    f"cannot write the ledger {self._path} ({type(error).__name__}); "
                    "give a file in a folder that exists and that this process may write to"
                ) from error

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, keep: int = 100_000) -> Ledger:
        """Reads a ledger from a file into memory, also while others append to it.

        Torn lines, those of other programs, and those in which a newer version says more, are
        skipped and counted in `skipped`.

        Raises:
            ConfigError: The file cannot be read, or no line of it is a ledger's.
        """
        ledger = cls(keep=keep)
        taken = 0
        try:
            with to_path(path, "ledger").open("rb") as file:
                while line := file.readline(LONGEST_LINE):
                    taken += ledger._take(line)
        except ConfigError:
            raise
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cannot read the ledger {os.fspath(path)} ({type(error).__name__}); "
                "give the file that Ledger(path) writes"
            ) from error
        if ledger.skipped and not taken:
            raise ConfigError(
                f"{os.fspath(path)} is no ledger: no line of it can be read; "
                "give the file that Ledger(path) writes"
            )
        return ledger

    @property
    def skipped(self) -> int:
        """How many lines of the file could not be read."""
        return self._skipped

    def summarise(
        self, by: str | None = "model", *, since: date | None = None, until: date | None = None
    ) -> tuple[LedgerLine, ...]:
        """Sums up: one line for each model, day or value of a tag, or one for all.

        Args:
            by: `model`, `day` (UTC), `tag:NAME`, or None for one line of all.
            since: The first day, UTC.
            until: The last day, itself included.

        Raises:
            ConfigError: `by` is something else, or a day has a time.
        """
        require(by, (str, NoneType), "by", "give model, day, tag:NAME, or None")
        with _lock:
            return self._sums.build_lines(by, since, until)

    @staticmethod
    def to_text(lines: Iterable[LedgerLine]) -> str:
        """Writes lines as a table for a terminal."""
        given = require_all(lines, "lines", "give what `summarise` returns")
        for line in given:
            require(line, LedgerLine, "lines", "give what `summarise` returns")
        return render_table(given)

    def on_event(self, event: Event, /) -> None:
        """Records an event in memory, and in the file if there is one."""
        entry = make_entry(event, self._clock())
        if entry is None:
            return
        with _lock:
            self._sums.add(entry)
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

    def _take(self, line: bytes) -> bool:
        """Adds a line of the file to the sums; tells whether it was one of a ledger."""
        if line.isspace():
            return False
        try:
            self._sums.add(LedgerEntry.model_validate_json(line))
        except ConfigError:
            self._skipped += 1
            return False
        return True

    def __str__(self) -> str:
        return self.to_text(self.summarise())


def _open_file(path: Path) -> int:
    binary: int = getattr(os, "O_BINARY", 0)  # Windows
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | binary, 0o600)


def _check_file(path: Path) -> None:
    """Makes the file if there is none, and raises for one that is plainly no ledger.

    Raises:
        ConfigError: Its first byte begins no line of a ledger; a photo would be spoilt by one.
        OSError: It cannot be written to.
    """
    file = _open_file(path)
    try:
        begin = os.read(file, 1)
    finally:
        os.close(file)
    if begin not in (b"", b"{", b"\n"):
        raise ConfigError(f"{path} is no ledger; give the path of a new file, or of a ledger")


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
