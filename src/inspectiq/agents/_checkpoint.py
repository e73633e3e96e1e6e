"""The checkpoint of many cases: JSON lines, a header and then one line for each finished case.

    {"inspectiq": "checkpoint", "version": 1, "agent": "...", "made_by": {"prompt": "sha256", ...}}
    {"case_id": "c1", "revision": 1, "status": "complete", "unfinished": false, "result": {...}}
    {"case_id": "c2", "revision": 1, "status": "failed", "unfinished": true, "error": {...}}

A line counts once its line break is on the disk. Of several results of a case, the last one counts.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from inspectiq._log import get_logger
from inspectiq.agents._case_outcome import CaseOutcome
from inspectiq.domain._results import Result, Status
from inspectiq.errors import ConfigError, InspectIQError

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows, where two processes on one checkpoint are not noticed
    flock = None  # type: ignore[assignment]

__all__ = ["Checkpoint"]

ResultT = TypeVar("ResultT", bound=Result)
Key = tuple[str, int]
"""The id of a case, and the revision of its result."""

FORM = {"inspectiq": "checkpoint", "version": 1}
LONGEST_HEADER = 100_000  # bytes, far more than ours has
OF_THE_CALL = frozenset(
    {
        "AuthenticationFailed", "BudgetExceeded", "ProviderTimeout", "ProviderUnavailable",
        "QuotaExhausted", "RateLimited",
    }
)  # fmt: skip
"""Faults that a later run may not have: neither the photo nor the answer is to blame."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where the line of a case stands in the file."""

    begin: int
    length: int


class Checkpoint(Generic[ResultT]):
    """Keeps outcomes in a file, and finds them after a restart. One process works with it.

    Args:
        path: The file; made if it is not there.
        agent: Name of the agent's class.
        made_by: Hashes of all that decides a result, by name.
        form: The class of its results.
        again: Unfinished cases of these statuses are not found, so that they are asked again.
    """

    def __init__(
        self,
        path: Path,
        *,
        agent: str,
        made_by: Mapping[str, str],
        form: type[ResultT],
        again: Iterable[Status],
    ) -> None:
        self._path = path
        self._header: dict[str, Any] = {**FORM, "agent": agent, "made_by": dict(made_by)}
        self._form = form
        self._again = frozenset(again)
        self._kept: dict[Key, _Kept] = {}
        self._waiting: list[bytes] = []
        self._next: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        # Its own, so that what is written last is written before the file is closed.
        self._thread = ThreadPoolExecutor(1, "inspectiq-checkpoint")
        self._file = -1
        self._end = 0

    async def open(self) -> None:
        """Opens the file, and reads which cases are done.

        Raises:
            ConfigError: It cannot be opened, another process has it, or it is of another agent,
                configuration or version.
        """
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    def _open(self) -> None:
        binary: int = getattr(os, "O_BINARY", 0)  # Windows
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | binary, 0o600)
            self._lock()
            with self._path.open("rb") as file:
                self._read_header(file.readline(LONGEST_HEADER))
                self._read_lines(file)
            if not self._end:
                self._write(_write_line(self._header))
                _sync_folder(self._path.parent)
        except OSError as error:
            raise ConfigError(
                f"the checkpoint {self._path} cannot be opened ({os.strerror(error.errno or 0)}); "
                "give the path of a file that can be written"
            ) from error

    def _lock(self) -> None:
        if flock is None:
            return
        try:
            flock(self._file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"the checkpoint {self._path} is in use by another run; wait for its end, or give "
                "this run a checkpoint of its own"
            ) from None

    def _read_header(self, line: bytes) -> None:
        own = _write_line(self._header)
        if not line.endswith(b"\n") and own.startswith(line):
            os.ftruncate(self._file, 0)  # new, or cut off while it was made
            return
        found = _parse(line)
        if found is None or found.get("inspectiq") != FORM["inspectiq"]:
            raise ConfigError(f"{self._path} is no checkpoint; give the path of a new file")
        if found.get("version") != FORM["version"]:
            raise ConfigError(
                f"the checkpoint {self._path} has the form {found.get('version')}, and this "
                f"version of inspectiq writes {FORM['version']}; end the run with the version that "
                "began it, or give a new file"
            )
        if differing := self._compare(found):
            raise ConfigError(
                f"the checkpoint {self._path} was begun with another {', '.join(differing)}, whose "
                "results would differ; make the agent as it was then, or give a new file, with "
                "which all cases are asked again"
            )
        self._end = len(line)

    def _compare(self, found: Mapping[str, Any]) -> list[str]:
        """Names what decides results and differs from what the file says."""
        if found.get("agent") != self._header["agent"]:
            return ["agent"]
        own, theirs = self._header["made_by"], found.get("made_by") or {}
        return [name for name in own | theirs if own.get(name) != theirs.get(name)]

    def _read_lines(self, lines: Iterable[bytes]) -> None:
        damaged = 0
        for line in lines:
            if not line.endswith(b"\n"):
                os.ftruncate(self._file, self._end)
                self._say("the last line of the checkpoint was cut off; its case is asked again")
                break
            if (found := _parse(line)) is None:
                damaged += 1
            else:
                self._take(found, _Kept(self._end, len(line)))
            self._end += len(line)
        if damaged:
            self._say("the checkpoint has damaged lines; their cases are asked again", damaged)

    def _take(self, found: Mapping[str, Any], kept: _Kept) -> None:
        again = found.get("unfinished") and found.get("status") in self._again
        if "result" in found and not again:
            self._kept[str(found.get("case_id")), found.get("revision", 1)] = kept

    def _say(self, what: str, lines: int = 1) -> None:
        get_logger("inspectiq.agents").warning(what, file=self._path.name, lines=lines)

    def find(self, number: int, case_id: str, revision: int) -> CaseOutcome[ResultT] | None:
        """Finds the kept outcome of a case; None where the case must still be run.

        Raises:
            InspectIQError: It cannot be read any more.
        """
        kept = self._kept.get((case_id, revision))
        if kept is None:
            return None
        try:
            with self._path.open("rb") as file:
                file.seek(kept.begin)
                line = json.loads(file.read(kept.length))
        except (OSError, ValueError) as error:
            raise InspectIQError(
                f"the result of the case cannot be read from the checkpoint {self._path} "
                f"({type(error).__name__}); was the file changed meanwhile?"
            ) from error
        result = self._form.model_validate_json(json.dumps(line["result"]))
        return CaseOutcome(number=number, case_id=case_id, result=result, resumed=True)

    async def keep(self, outcome: CaseOutcome[ResultT], revision: int) -> None:
        """Keeps an outcome; it is on the disk when this returns. Many share one sync of the disk.

        Raises:
            InspectIQError: It cannot be written; what was kept before stays.
        """
        self._waiting.append(_write_outcome(outcome, revision))
        if self._next is None:
            self._next = asyncio.create_task(self._write_waiting())
        await asyncio.shield(self._next)  # whoever is cancelled, the others' lines are written

    async def _write_waiting(self) -> None:
        async with self._writing:  # meanwhile, more lines come to wait
            lines, self._waiting, self._next = self._waiting, [], None
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._write, b"".join(lines))

    def _write(self, lines: bytes) -> None:
        left = memoryview(lines)
        try:
            while left:
                left = left[os.write(self._file, left) :]
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise InspectIQError(
                f"the checkpoint {self._path} cannot be written "
                f"({os.strerror(error.errno or 0)}), so the run has ended; what it has is kept: "
                "mend that, and start again with the same checkpoint"
            ) from error
        self._end += len(lines)

    async def close(self) -> None:
        """Writes what waits, and closes the file."""
        while self._next is not None:
            await asyncio.gather(self._next, return_exceptions=True)
        async with self._writing:
            self._thread.shutdown()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _write_line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _write_outcome(outcome: CaseOutcome[Any], revision: int) -> bytes:
    result, error = outcome.result, outcome.error
    line = _write_line(
        {
            "case_id": outcome.case_id,
            "revision": revision,
            "result_id": None if result is None else result.id,
            "status": outcome.status,
            "unfinished": result is None or _is_unfinished(result),
            **({} if error is None else {"error": error.to_dict()}),
        }
    )
    if result is None:
        return line
    written: str = result.model_dump_json()
    return line[:-2] + b', "result": ' + written.encode() + b"}\n"


def _is_unfinished(result: Result) -> bool:
    """Tells whether something of a case failed for what is neither its photos' nor an answer's."""
    outcomes = (*result.photos, getattr(result, "words", None))
    names = ("fault", "second_look_fault")
    faults = (getattr(outcome, name, None) for outcome in outcomes for name in names)
    return any(fault is not None and fault.error in OF_THE_CALL for fault in faults)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _sync_folder(folder: Path) -> None:
    """Has the disk know a file that is new in a folder, where that can be asked for."""
    with suppress(OSError):  # Windows opens no folders
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
