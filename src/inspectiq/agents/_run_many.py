"""What an agent has for many cases: `run_many` and `arun_many`, which pull, stream and resume."""

from __future__ import annotations

import asyncio
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sized,
)
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, get_args

from inspectiq import _sync
from inspectiq._files import to_path
from inspectiq._log import bind_fields
from inspectiq._observers import Observers
from inspectiq._taking import refuse, require_all, require_number
from inspectiq._tracebacks import hide_locals
from inspectiq._values import hash_content
from inspectiq.agents._assessor import Assessor
from inspectiq.agents._case import Case
from inspectiq.agents._case_outcome import CaseOutcome
from inspectiq.agents._engine_setup import check_options, choose_deadline
from inspectiq.agents._many import GivenCase, ManyRun
from inspectiq.agents._observations import WireObservation
from inspectiq.agents._provenance import name_class
from inspectiq.domain._findings import Finding
from inspectiq.domain._results import Result, Status
from inspectiq.errors import ConfigError
from inspectiq.events import Observer
from inspectiq.limits._limits import Limits
from inspectiq.run import Run
from inspectiq.transports._base import Transport
from inspectiq.transports._call_limits import CallLimits

if TYPE_CHECKING:
    from inspectiq.agents._checkpoint import Checkpoint

__all__ = ["RunsMany"]

T = TypeVar("T")
ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)

_NO_MORE: Any = object()
AT_ONCE = 32  # cases in flight: some four requests each keep the 128 of `Limits` busy


@hide_locals
class RunsMany(Assessor[ObservationT, FindingT, ResultT]):
    """Runs an agent over many cases; base of `Agent`."""

    limits: Limits
    transport: Transport
    _stacks: tuple[Transport, ...]
    _observers: Observers
    _result_form: ClassVar[type[Result] | None] = None  # what a checkpoint reads results as

    if TYPE_CHECKING:  # of `Agent`

        def _require_input(self, case: Case) -> None: ...

        def _make_run(self, case: Case, deadline: float | None) -> Run: ...

        async def _run(self, case: Case, run: Run) -> ResultT: ...

    def arun_many(
        self,
        cases: Iterable[GivenCase] | AsyncIterable[GivenCase],
        *,
        checkpoint: Path | str | None = None,
        again: Iterable[Status] = ("failed",),
        ordered: bool = False,
        at_once: int = AT_ONCE,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> AsyncGenerator[CaseOutcome[ResultT], None]:
        """Runs many cases, a few at once, and gives their outcomes as they come.

            async for outcome in agent.arun_many(cases, checkpoint="runs.jsonl"):
                print(outcome.case_id, outcome.status, outcome.error or outcome.result.summary)

        Cases are pulled one by one as there is room, so a generator need never hold them all.
        What is wrong with one case is its outcome. What holds for all of them, such as a wrong
        key, is raised after the outcomes of what was in flight. To stop early, close the
        iterator (`contextlib.aclosing`): what is in flight is cancelled, what is done is kept.

        Args:
            cases: A `Case` each, or a mapping of what `inspect` takes, as `{"id": "c1", "photos":
                "photos/"}`, or an `InspectIQError` for one that could not be made. What the
                iterable itself raises ends the run.
            checkpoint: A file of JSON lines where each outcome is kept before it is given. A run
                that is started again with it gives what is done again, reads none of its photos
                and pays nothing; the others are asked. Each case needs an id of its own.
            again: Which results of the checkpoint are asked again, where a fault of the engine or
                a used-up budget is to blame for them. `("failed", "partial")` pays again for what
                was answered, unless a `cache` has it. Errors are asked again in any case.
            ordered: Whether outcomes come in the order of the cases, which holds some back.
            at_once: Most cases in flight.
            limits: For all cases together, besides the agent's own, which are for each case.
            observers: Watch this run only, besides the agent's own; `CasesProgressed` sums it up.

        Raises:
            ConfigError: An argument is wrong, or the checkpoint is of another agent or
                configuration, or in use.
            AuthenticationFailed, QuotaExhausted, BadRequest, BudgetExceeded: The others would fail
                just the same: the key, the account, the request, the budget of all.
            ProviderTimeout: The deadline of `limits` has passed, and cases are left.
            InspectIQError: The checkpoint cannot be written.
        """
        if not isinstance(cases, AsyncIterable):
            _require_cases(cases)
        return _stream(
            self._make_many(
                cases, checkpoint, again, ordered, at_once, limits, observers, total=_count(cases)
            )
        )

    def run_many(
        self,
        cases: Iterable[GivenCase],
        *,
        checkpoint: Path | str | None = None,
        again: Iterable[Status] = ("failed",),
        ordered: bool = False,
        at_once: int = AT_ONCE,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> Generator[CaseOutcome[ResultT], None, None]:
        """Sync twin of `arun_many`; cases are pulled on the thread that asks for outcomes."""
        if isinstance(cases, AsyncIterable):
            refuse(cases, "cases", "give it to `arun_many`, or give an iterable that is not async")
        _require_cases(cases)
        pulled = _PulledHere(cases)
        many = self._make_many(
            pulled, checkpoint, again, ordered, at_once, limits, observers, total=_count(cases)
        )
        return pulled.stream(many)

    def _make_many(
        self,
        cases: Iterable[GivenCase] | AsyncIterable[GivenCase],
        checkpoint: Path | str | None,
        again: Iterable[Status],
        ordered: bool,
        at_once: int,
        limits: Limits | None,
        observers: Iterable[Observer] | None,
        total: int | None,
    ) -> ManyRun[ResultT]:
        check_options(None, limits)
        require_number(at_once, "at_once", least=1, whole=True)
        emit = self._observers.add_for_a_call(observers)
        shared = None if limits is None else CallLimits(limits, *self._stacks, shared=True)
        whole = None if limits is None else limits.deadline
        until = None if whole is None else time.monotonic() + whole
        of_all = () if limits is None else (limits.usd, limits.calls)
        own = {self.limits.usd, self.limits.calls} - {None, *of_all}

        @hide_locals
        async def run_case(case: Case, run_id: str) -> ResultT:
            self._require_input(case)
            run = self._make_run(case, choose_deadline(self.limits, None))
            ends = [one for one in (run.deadline, until) if one is not None]
            run = replace(
                run, id=run_id, deadline=min(ends, default=None), emit=emit, limits=shared
            )
            with run.activate(), bind_fields(run_id=run.id, case_id=case.id):
                return await self._run(case, run)

        return ManyRun(
            cases,
            run_case=run_case,
            is_own=lambda error: error.limit in own,
            checkpoint=None if checkpoint is None else self._make_checkpoint(checkpoint, again),
            total=total,
            ordered=ordered,
            at_once=at_once,
            until=until,
            emit=emit,
        )

    def _make_checkpoint(self, path: Path | str, again: Iterable[Status]) -> Checkpoint[ResultT]:
        from inspectiq.agents._checkpoint import Checkpoint

        statuses = require_all(again, "again", "give a list of statuses, such as ['failed']")
        for status in statuses:
            if status not in get_args(Status):
                refuse(status, "again", f"give some of {', '.join(get_args(Status))}")
        if self._result_form is None:
            raise ConfigError(
                "a checkpoint keeps inspections and diagnoses; subclass InspectionAgent or "
                "DiagnosisAgent to keep results of your own agent"
            )
        return Checkpoint(
            to_path(path, "checkpoint"),
            agent=name_class(type(self)),
            made_by={
                "prompt": self.prompt.sha256,
                "form of the answer": hash_content(self._definitions),
                "taxonomy": self.taxonomy.sha256,
                "severity": self.severity.sha256,
                "cost_book": self.cost_book.sha256 if self.cost_book else "",
                "cost_mode": self.cost_mode,
                "emergency_screen": self.emergency_screen.sha256,
                "engine": self.profile.identity,
                "reads": f"{self.reads} {self.keep}",
                "second_look": hash_content(self.second_look.to_record().model_dump(mode="json"))
                if self.second_look
                else "",
            },
            form=cast(type[ResultT], self._result_form),
            again=statuses,
        )


def _require_cases(cases: object) -> None:
    if isinstance(cases, str | bytes | type | Mapping | Case) or not isinstance(cases, Iterable):
        refuse(cases, "cases", "give an iterable of Case, such as a list or a generator")


def _count(cases: object) -> int | None:
    return len(cases) if isinstance(cases, Sized) else None


async def _stream(many: ManyRun[ResultT]) -> AsyncGenerator[CaseOutcome[ResultT], None]:
    try:
        await many.start()
        while (outcome := await many.next()) is not None:
            yield outcome
    finally:
        await many.stop()


class _PulledHere(AsyncIterator[GivenCase]):
    """Lets a run on our loop pull its cases on the thread that waits for the outcomes.

    So an iterable may block, call sync methods of ours, and read what belongs to that thread, such
    as a cursor of sqlite3.
    """

    def __init__(self, cases: Iterable[GivenCase]) -> None:
        self._cases: Iterator[GivenCase] = iter(cases)
        self._asked: SimpleQueue[Future[GivenCase | None] | None] = SimpleQueue()

    async def __anext__(self) -> GivenCase:
        ticket: Future[Any] = Future()
        self._asked.put(ticket)
        given: GivenCase = await asyncio.wrap_future(ticket)
        if given is _NO_MORE:
            raise StopAsyncIteration
        return given

    def stream(self, many: ManyRun[ResultT]) -> Generator[CaseOutcome[ResultT], None, None]:
        """Gives the outcomes of a run that pulls from here."""
        try:
            _sync.run(many.start())
            while (outcome := self._wait_for(many.next())) is not None:
                yield outcome
        finally:
            _sync.run(many.stop())

    def _wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on our loop, and pulls a case here whenever one is asked for."""
        future = _sync.start(coroutine)
        future.add_done_callback(lambda _: self._asked.put(None))
        try:
            while (ticket := self._asked.get()) is not None:
                self._pull(ticket)
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _pull(self, ticket: Future[Any]) -> None:
        if not ticket.set_running_or_notify_cancel():
            return
        try:
            ticket.set_result(next(self._cases, _NO_MORE))
        except Exception as error:
            ticket.set_exception(error)
