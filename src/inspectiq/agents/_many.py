"""Runs many cases, a few at once: pulls the next one when there is room, and loses none that ended.

What is wrong with one case is its outcome. What holds for all of them ends the run, once what is in
flight has ended.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
)
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from inspectiq._log import describe_failure, get_logger
from inspectiq._taking import name_kind
from inspectiq._tracebacks import hide_locals
from inspectiq.agents._caller_errors import is_callers
from inspectiq.agents._case import Case, amake_case
from inspectiq.agents._case_outcome import CaseOutcome
from inspectiq.agents._many_progress import ManyProgress
from inspectiq.domain._results import Result
from inspectiq.errors import (
    AuthenticationFailed,
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    ProviderTimeout,
    QuotaExhausted,
)
from inspectiq.events import Event
from inspectiq.photos._sources import BytesSource

if TYPE_CHECKING:
    from inspectiq.agents._checkpoint import Checkpoint

__all__ = ["GivenCase", "ManyRun"]

ResultT = TypeVar("ResultT", bound=Result)
GivenCase = Case | Mapping[str, Any] | InspectIQError
"""A case; or the arguments that make one, by name; or why it could not be made."""

# Our assumptions. The pictures of a photo that is sent take about as much as is counted for it.
MOST_BYTES = 256_000_000
SENT_BYTES = 400_000
HELD = 4  # times as many as are in flight wait for their turn, where outcomes come in order


class ManyRun(Generic[ResultT]):
    """One run over many cases. `start` it, ask for the `next` outcome until None, then `stop` it.

    Args:
        cases: Pulled one by one, when there is room.
        run_case: Runs one case; the id is that of its run.
        is_own: Tells whether a budget is the case's own, so that the others may go on.
        checkpoint: Keeps the outcomes; None to keep none.
        total: How many cases there are; None where that is not known.
        ordered: Whether outcomes come in the order of the cases.
        at_once: Most cases in flight.
        until: When no more is pulled, on the clock of `time.monotonic`; None for never.
        emit: Hands an event to the observers.
    """

    def __init__(
        self,
        cases: Iterable[GivenCase] | AsyncIterable[GivenCase],
        *,
        run_case: Callable[[Case, str], Awaitable[ResultT]],
        is_own: Callable[[BudgetExceeded], bool],
        checkpoint: Checkpoint[ResultT] | None,
        total: int | None,
        ordered: bool,
        at_once: int,
        until: float | None,
        emit: Callable[[Event], None],
    ) -> None:
        self._cases = aiter(cases) if isinstance(cases, AsyncIterable) else _go_through(cases)
        self._run_case, self._is_own = run_case, is_own
        self._checkpoint, self._ordered, self._at_once = checkpoint, ordered, at_once
        self._until = until
        self._progress = ManyProgress(total, emit)
        self._ended: asyncio.Queue[tuple[int, CaseOutcome[ResultT] | None]] = asyncio.Queue()
        self._ready: deque[CaseOutcome[ResultT]] = deque()
        self._held: dict[int, CaseOutcome[ResultT] | None] = {}
        self._turn = 1  # the number whose outcome comes next, where they come in order
        self._pulling: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._seen: set[tuple[str, int]] = set()
        self._number = self._bytes = 0
        self._started = self._exhausted = self._broken = self._stopping = False
        self._error: BaseException | None = None

    async def start(self) -> None:
        """Opens the checkpoint.

        Raises:
            ConfigError: It cannot be used.
        """
        if self._checkpoint is not None:
            await self._checkpoint.open()
        self._started = True
        self._progress.tell()

    async def next(self) -> CaseOutcome[ResultT] | None:
        """Waits for the next outcome; None when all have come.

        Raises:
            InspectIQError: The run cannot go on; all outcomes of what was in flight have come.
        """
        while not self._ready:
            if self._has_room() and self._pulling is None:
                self._pulling = asyncio.create_task(self._pull())
            if self._broken or not (self._running or self._pulling or self._ended.qsize()):
                if self._error is not None:
                    raise self._error
                return None
            await self._await_one()
        outcome = self._ready.popleft()
        self._progress.count(outcome)
        return outcome

    async def stop(self) -> None:
        """Cancels what is in flight, and closes the checkpoint once what ended is in it."""
        first, self._stopping = not self._stopping, True
        tasks = [*self._running, *([self._pulling] if self._pulling else ())]
        if first:
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._checkpoint is not None:
            await self._checkpoint.close()
        if first and self._started:
            self._progress.tell(ended=True)

    # -- pulling ---------------------------------------------------------------------------------

    def _has_room(self) -> bool:
        untaken = self._ended.qsize() + len(self._ready)  # by whoever is slow to ask for outcomes
        return (
            not (self._exhausted or self._stopping)
            and self._error is None
            and len(self._running) + untaken < self._at_once
            and len(self._held) < HELD * self._at_once
            and self._bytes < MOST_BYTES
        )

    async def _pull(self) -> None:
        """Pulls cases while there is room."""
        try:
            while self._has_room():
                given = await anext(self._cases)
                self._number += 1
                self._running.add(asyncio.create_task(self._take(self._number, given)))
                await asyncio.sleep(0)  # it begins, and what it weighs is known
        except StopAsyncIteration:
            self._exhausted = True
        except Exception as error:
            error.add_note(
                f"raised by the iterable of cases, after {self._number} of them; the outcomes of "
                "these have come"
            )
            self._end(error)
        finally:
            self._pulling = None
            self._ended.put_nowait((0, None))  # so that whoever waits looks again

    async def _await_one(self) -> None:
        """Waits until a case has ended, and puts it where it is ready or waits for its turn."""
        try:
            async with asyncio.timeout(self._get_patience()):
                number, outcome = await self._ended.get()
        except TimeoutError:
            if self._pulling is not None:
                self._pulling.cancel()
            self._end(
                ProviderTimeout(
                    "the deadline of the run has passed, and the cases that are left were not "
                    "begun; allow a longer deadline, and start again with the same checkpoint",
                    attempts=0,
                )
            )
            return
        if not number:
            return
        if not self._ordered:
            self._ready.extend([] if outcome is None else [outcome])
            return
        self._held[number] = outcome
        while self._turn in self._held:
            in_turn = self._held.pop(self._turn)
            self._ready.extend([] if in_turn is None else [in_turn])
            self._turn += 1

    def _get_patience(self) -> float | None:
        """Returns the seconds in which more cases may be begun; None where nothing ends that."""
        all_begun = self._exhausted or self._number == self._progress.total
        if self._until is None or self._error is not None or all_begun:
            return None
        return max(0.0, self._until - time.monotonic())

    def _end(self, error: BaseException) -> None:
        """Ends the run with the first error that holds for all cases."""
        self._error = self._error or error

    # -- one case --------------------------------------------------------------------------------

    async def _take(self, number: int, given: object) -> None:
        task, outcome = asyncio.current_task(), None
        settling = self._settle(number, given)
        del given  # what an error passes here holds no case
        try:
            outcome = await settling
        except Exception as error:  # of the checkpoint, or one that holds for all cases
            self._end(error)
        finally:
            self._running.discard(task)
            self._ended.put_nowait((number, outcome))

    @hide_locals
    async def _settle(self, number: int, given: object) -> CaseOutcome[ResultT] | None:
        case_id = _find_id(given)
        try:
            revision = self._claim(given, case_id)
            if self._checkpoint is not None:
                kept = self._checkpoint.find(number, case_id, revision)
                if kept is not None:
                    return kept
        except InspectIQError as error:
            return _make_failed(number, case_id, error)
        outcome = await self._run(number, case_id, given)
        if self._checkpoint is not None:
            try:
                await self._checkpoint.keep(outcome, revision)
            except InspectIQError:
                self._broken = True  # nothing more can be kept, so nothing more is paid for
                raise
        return outcome

    async def _run(self, number: int, case_id: str, given: Any) -> CaseOutcome[ResultT]:
        weight = 0
        try:
            case = await _make(given)
            case_id, weight = case.id, _weigh(case)
            self._bytes += weight
            result = await self._run_case(case, f"{self._progress.run_id}-{number}")
        except AssertionError:
            raise  # a test double that was called against its script
        except InspectIQError as error:
            if self._holds_for_all(error):
                raise
            return _make_failed(number, case_id, error)
        except Exception as error:
            get_logger("inspectiq.agents").warning(
                "a case failed", **describe_failure(error, case_id=case_id)
            )
            wrapped = InspectIQError(
                f"the case failed with a {type(error).__name__}, which is logged; the fault is in "
                "code around the agent, such as an override of it"
            )
            return _make_failed(number, case_id, wrapped)
        finally:
            self._bytes -= weight
        return CaseOutcome(number=number, case_id=case_id, result=result)

    def _holds_for_all(self, error: InspectIQError) -> bool:
        if isinstance(error, BudgetExceeded):
            return not self._is_own(error)
        return isinstance(error, AuthenticationFailed | QuotaExhausted) or is_callers(error)

    def _claim(self, given: object, case_id: str) -> int:
        """Makes sure that what was given is a case that is not there twice; returns its revision.

        Raises:
            ConfigError: It is none, or is there already, or cannot be found after a restart.
        """
        if isinstance(given, Case):
            named, revision = "id" in given.model_fields_set, given.revision
        elif isinstance(given, Mapping):
            named, asked = bool(case_id), given.get("revision")
            revision = asked if isinstance(asked, int) else 1  # what is none is refused later
        elif isinstance(given, InspectIQError):
            raise given
        else:
            raise ConfigError(
                f"cases: {name_kind(given)} was given; give a Case, or the arguments of one by "
                "name, such as {'id': 'c1', 'photos': 'photos/'}"
            )
        if self._checkpoint is not None and not named:
            raise ConfigError(
                "a case without an id of its own cannot be found in the checkpoint after a "
                "restart; give each case an id that stays, such as Case(id='c1', ...)"
            )
        if named and (case_id, revision) in self._seen:
            raise ConfigError(
                f"the case {case_id!r} was given before in this run; give each case an id of its "
                "own, or a higher revision"
            )
        if named:
            self._seen.add((case_id, revision))
        return revision


async def _go_through(cases: Iterable[GivenCase]) -> AsyncIterator[GivenCase]:
    for case in cases:
        yield case


@hide_locals
async def _make(given: Any) -> Case:
    if isinstance(given, Case):
        return given
    fields = dict(given)
    photos, description = fields.pop("photos", None), fields.pop("description", None)
    return await amake_case(photos, fields, description or "")


def _make_failed(number: int, case_id: str, error: InspectIQError) -> CaseOutcome[Any]:
    # A value that is kept must not keep the frames that it passed, which hold the case.
    return CaseOutcome(number=number, case_id=case_id, error=error.with_traceback(None))


def _find_id(given: object) -> str:
    if isinstance(given, Case):
        return given.id
    found = given.get("id") if isinstance(given, Mapping) else None
    return found if isinstance(found, str) else ""


def _weigh(case: Case) -> int:
    sources = (photo.source for photo in case.photos)
    return sum(
        len(source.content) if isinstance(source, BytesSource) else SENT_BYTES for source in sources
    )
