"""The agent: an engine, a loop between `plan` and `absorb`, observers and sinks.

What is asked and what the answers mean is the pure half, `Reasoning`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, TypeVar

from inspectiq import _sync
from inspectiq._gate import Gate
from inspectiq._log import bind_fields
from inspectiq._observers import Observers
from inspectiq._settings import Settings
from inspectiq._usage import Usage
from inspectiq.agents._asking import find_caller_fault
from inspectiq.agents._case import Case, make_case
from inspectiq.agents._engine import (
    choose_pack_size,
    resolve_cache,
    resolve_limits,
    resolve_transport,
)
from inspectiq.agents._observations import WireObservation
from inspectiq.agents._outcomes import sum_usage
from inspectiq.agents._preview import Preview, build_preview
from inspectiq.agents._prompts import Prompt
from inspectiq.agents._reasoning import CostMode, Reasoning
from inspectiq.agents._replies import Answer
from inspectiq.agents._sinks import ResultSink, check_sinks
from inspectiq.domain._findings import Finding
from inspectiq.domain._results import Result
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import (
    ConfigError,
    InspectIQError,
    ProviderUnavailable,
)
from inspectiq.events import (
    EmergencyDetected,
    Observer,
    PhotoCompleted,
    PhotoExamined,
    RequestAnswered,
    RequestFailed,
    RequestSent,
    RunCompleted,
    RunStarted,
    SinkFailed,
)
from inspectiq.limits._budgets import Budget
from inspectiq.limits._limits import Limits
from inspectiq.limits._rates import RateLimiter
from inspectiq.photos._examine import examine_photos
from inspectiq.photos._photo import Photo
from inspectiq.run import Run
from inspectiq.severity._policy import SeverityPolicy
from inspectiq.transports._base import (
    VisionRequest,
    VisionResponse,
    aclose,
    aopen,
    check_transport,
    get_profile,
    wrap_untyped,
)
from inspectiq.transports._checkup import Checkup
from inspectiq.transports._engines import Engine
from inspectiq.transports._retry import add_spent_usage

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook
    from inspectiq.screening._emergencies import EmergencyScreen
    from inspectiq.transports._caching import CacheMode
    from inspectiq.transports._stores import Cache

__all__ = ["Agent", "Answer"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)

MOST_ROUNDS = 50
"""Of asking, far more than halving the largest pack takes."""

GRACE = 0.1  # seconds that the stack has to end a call by itself once the deadline has passed


class Agent(Reasoning[ObservationT, FindingT, ResultT]):
    """Base of the agents.

    An agent may be used from many threads and loops at once and survives `fork`; it holds live
    connections, so it does not pickle: make one in each process.

    What is not given is taken from the environment, once, here; see `Settings`.

    Args:
        engine: `"openai:MODEL"`, `"offline"`, or a `Transport`: a bare one gets the default stack,
            a wrapped one is used as it is. Several of them are fallen back on in that order.
        taxonomy: What an issue can be.
        severity: How bad it is.
        cost_book: What it costs; the shipped US book if not given.
        cost_mode: `book` for the cost book's prices; `model` to ask the engine for a range of its
            own, in the book's currency, which is marked as a guess.
        emergency_screen: Looks for emergencies in the words before any engine is asked; the one
            that ships with inspectiq if not given.
        prompt: Instructions: a `Path` to a text file, or the text.
        photos_per_request: Most photos in one request; if not given, the engine's own number, or
            more where `limits.rpm` is what binds.
        limits: Bounds on rates, dollars, calls, requests in flight, and time.
        limiter: A rate limiter of your own, such as one that many processes share.
        budgets: Budgets besides those of `limits`, such as one for each tenant and day.
        cache: Where answers are kept, so that the same question is paid for once; a path for an
            `SQLiteCache` that is closed with the agent.
        cache_mode: `use`; `only` to never pay; `refresh` to ask anew and keep the new answer.
        observers: Watch runs; see `inspectiq.events`.
        sinks: Take the results, all at once.
        sink_timeout: Seconds that a sink has for one result.
        clock: Tells the time of `created_at`.

    Raises:
        ConfigError: No engine, an unknown one, a missing extra, or a prompt that cannot be read.
    """

    prompt_name: ClassVar[str]
    """The shipped prompt that is used where none is given."""

    def __init__(
        self,
        engine: Engine | None = None,
        *,
        taxonomy: Taxonomy | None = None,
        severity: SeverityPolicy | None = None,
        cost_book: CostBook | None = None,
        cost_mode: CostMode = "book",
        emergency_screen: EmergencyScreen | None = None,
        prompt: Prompt | Path | str | None = None,
        photos_per_request: int | None = None,
        limits: Limits | None = None,
        limiter: RateLimiter | None = None,
        budgets: Iterable[Budget] = (),
        cache: Cache | Path | str | None = None,
        cache_mode: CacheMode = "use",
        observers: Iterable[Observer] = (),
        sinks: Iterable[ResultSink[ResultT]] = (),
        sink_timeout: float = 30.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        # Their tables are read when they are first needed.
        from inspectiq.costs._book import CostBook
        from inspectiq.screening._emergencies import EmergencyScreen

        size: object = photos_per_request
        if size is not None and not (isinstance(size, int) and size >= 1):
            raise ConfigError("photos_per_request must be a whole number from 1")
        if limits is not None and not isinstance(limits, Limits):
            raise ConfigError(f"limits is a {type(limits).__name__}; pass Limits(usd=..., rpm=...)")
        settings = Settings.from_env()
        self._cache, self._owns_cache = resolve_cache(cache, engine, settings)
        taxonomy = Taxonomy.default() if taxonomy is None else taxonomy
        self.transport = resolve_transport(
            engine,
            settings,
            taxonomy=taxonomy,
            limits=limits,
            limiter=limiter,
            budgets=budgets,
            cache=self._cache,
            cache_mode=cache_mode,
        )
        self.limits = resolve_limits(settings, limits)
        profile = get_profile(self.transport)
        super().__init__(
            profile=profile,
            taxonomy=taxonomy,
            severity=SeverityPolicy.default() if severity is None else severity,
            cost_book=CostBook.default() if cost_book is None else cost_book,
            cost_mode=cost_mode,
            emergency_screen=emergency_screen or EmergencyScreen.default(),
            prompt=Prompt.shipped(self.prompt_name) if prompt is None else Prompt.of(prompt),
            photos_per_request=photos_per_request or choose_pack_size(profile, self.limits),
        )
        self._owns_transport = _only_named(engine)
        self._in_flight = Gate(self.limits.concurrency)
        self._observers = Observers([*observers, *_ledgers(settings)])
        self._sinks = check_sinks(sinks)
        self.sink_timeout = sink_timeout
        self._clock = clock

    # -- the loop --------------------------------------------------------------------------------

    async def aexamine(self, case: Case) -> Case:
        """The case with its photos read, measured and prepared for this agent's engine."""
        return await self._examine(case, self._run_of(case, deadline=None))

    async def _examine(self, case: Case, run: Run) -> Case:
        def on_examined(photo: Photo) -> None:
            error = photo.examined.error if photo.examined else None
            run.tell(
                PhotoExamined,
                photo_id=photo.id or "",
                name=photo.name,
                reason=error.reason if error else None,
            )

        photos = await examine_photos(
            case.photos, self.profile.image, until=run.deadline, on_examined=on_examined
        )
        return case.with_photos(photos)

    def _run_of(self, case: Case, deadline: float | None) -> Run:
        return Run(
            id=uuid.uuid4().hex[:16],
            case_id=case.id,
            tags=case.tags,
            deadline=None if deadline is None else time.monotonic() + deadline,
            emit=self._observers.emit,
        )

    def examine(self, case: Case) -> Case:
        """Sync twin of `aexamine`."""
        return _sync.run(self.aexamine(case))

    async def arun(self, case: Case) -> ResultT:
        """Plans, asks, absorbs, and hands the result to the sinks.

        Raises:
            ConfigError: The case has nothing to look at.
            TransportError, BudgetExceeded: The caller must mend something, and nothing at all was
                answered (a wrong key, an unknown model, no credit, no budget). What one photo may
                be to blame for is asked in smaller packs first. In an emergency
                there is a failed result instead, which says what to do now.
        """
        self._require_input(case)
        run = self._run_of(case, self.limits.deadline)
        with run.active(), bind_fields(run_id=run.id):
            return await self._run(case, run)

    def run(self, case: Case) -> ResultT:
        """Sync twin of `arun`."""
        return _sync.run(self.arun(case))

    async def _run(self, case: Case, run: Run) -> ResultT:
        begun = time.monotonic()
        run.tell(RunStarted, photos=len(case.photos))
        urgent = self.screen(case).emergencies  # before anything else can go wrong
        if urgent:
            run.tell(EmergencyDetected, kinds=tuple(emergency.kind for emergency in urgent))
        case, _ = await asyncio.gather(self._examine(case, run), self._get_ready(run))
        result = await self._to_the_end(case, run)
        result = result.model_copy(update={"created_at": self._clock()})
        result.remember({photo.id or "": photo for photo in case.photos})
        for outcome in result.photos:
            run.tell(PhotoCompleted, photo_id=outcome.photo.id, status=outcome.status)
        run.tell(
            RunCompleted,
            result_id=result.id,
            status=result.status,
            findings=sum(result.summary.by_level.values()),
            usage=result.usage,
            seconds=time.monotonic() - begun,
        )
        await self._deliver(run, result)
        return result

    async def _get_ready(self, run: Run) -> None:
        try:
            async with asyncio.timeout(run.remaining()):
                await aopen(self.transport)
        except ConfigError:
            raise
        except Exception as error:
            # If it matters, the calls fail as well, and say so photo by photo.
            self._observers.log_failure(
                "a transport did not get ready", error, transport=repr(self.profile.model)
            )

    def _require_input(self, case: Case) -> None:
        if not case.photos:
            raise ConfigError("the case has no photos; give at least one")

    async def _to_the_end(self, case: Case, run: Run) -> ResultT:
        answers: list[Answer] = []
        requests: Sequence[VisionRequest] = self.plan(case)
        for _ in range(MOST_ROUNDS):
            answers += await self._ask(run, requests)
            fault = find_caller_fault(answers)
            if fault is not None and not self.screen(case).emergencies:
                spent = sum_usage(answers)
                raise add_spent_usage(fault, spent, spent.requests) from fault.__cause__
            absorbed = self.absorb(case, answers)
            if isinstance(absorbed, Result):
                return absorbed
            requests = absorbed
        raise InspectIQError(
            f"absorb asked for more than {MOST_ROUNDS} rounds; an override of it must end"
        )

    async def _ask(self, run: Run, requests: Sequence[VisionRequest]) -> list[Answer]:
        async def one(request: VisionRequest) -> Answer:
            with bind_fields(photo_id=",".join(request.photo_ids)):
                async with AsyncExitStack() as place:
                    with suppress(TimeoutError):  # too late to be sent, which it is told next
                        async with asyncio.timeout(run.remaining()):
                            await place.enter_async_context(self._in_flight.aheld())
                    return await self._send(run, request)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(request)) for request in requests]
        except BaseExceptionGroup as faults:
            raise faults.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _send(self, run: Run, request: VisionRequest) -> Answer:
        photo_ids = request.photo_ids
        run.tell(RequestSent, photo_ids=photo_ids, ask=request.ask)
        begun = time.monotonic()
        try:
            response = await self._in_time(run, request)
        except InspectIQError as error:
            answer = Answer(request, error=error)
        except AssertionError:
            raise  # a test double that was called against its script
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            # Nobody cancelled the run: the transport waited for something that was cancelled.
            cancelled = ProviderUnavailable(
                "the call was cancelled inside the transport", provider=self.profile.provider
            )
            answer = Answer(request, error=cancelled)
        except Exception as error:
            # A fault in one transport call must not lose the answers to the others.
            self._observers.log_failure(
                "a transport raised", error, transport=repr(self.profile.model)
            )
            answer = Answer(request, error=wrap_untyped(error, self.profile.provider))
        else:
            run.tell(
                RequestAnswered,
                photo_ids=photo_ids,
                provider=response.engine.provider,
                model=response.engine.model,
                usage=response.usage,
                seconds=time.monotonic() - begun,
                problems=len(response.problems),
            )
            return Answer(request, response=response)
        run.tell(
            RequestFailed,
            photo_ids=photo_ids,
            provider=self.profile.provider,
            model=self.profile.model,
            error=type(answer.error).__name__,
            seconds=time.monotonic() - begun,
            usage=_usage_of(answer.error),
        )
        return answer

    async def _in_time(self, run: Run, request: VisionRequest) -> VisionResponse:
        remaining = run.remaining()
        if remaining == 0:
            raise run.too_late(self.profile.provider, attempts=0)
        clock = asyncio.timeout(None if remaining is None else remaining + GRACE)
        try:
            async with clock:
                return await self.transport.send(request)
        except TimeoutError:
            if not clock.expired():
                raise
        raise run.too_late(self.profile.provider, attempts=1)

    async def _deliver(self, run: Run, result: ResultT) -> None:
        async def one(sink: ResultSink[ResultT]) -> None:
            try:
                async with asyncio.timeout(self.sink_timeout):
                    await sink.accept(result)
            except (Exception, asyncio.CancelledError) as error:
                if _is_cancelled():
                    raise
                self._observers.log_failure("a sink failed", error, sink=type(sink).__name__)
                run.tell(
                    SinkFailed,
                    result_id=result.id,
                    sink=type(sink).__name__,
                    error=type(error).__name__,
                )

        await asyncio.gather(*map(one, self._sinks))

    # -- before a run ----------------------------------------------------------------------------

    async def apreview(self, photos: Any, /, **case: Any) -> Preview:
        """What a run would take in requests, tokens and dollars; reads the photos, sends nothing.

        Args:
            photos, case: As for a run.

        Raises:
            ConfigError: No photos, or a field that is unknown or wrong.
        """
        made = await asyncio.to_thread(make_case, photos, case)
        self._require_input(made)
        requests = self.plan(await self.aexamine(made))
        return build_preview(len(made.photos), requests, self.profile)

    def preview(self, photos: Any, /, **case: Any) -> Preview:
        """Sync twin of `apreview`."""
        return _sync.run(self.apreview(photos, **case))

    async def acheck(self) -> Checkup:
        """Whether a call would work now: the key, the model, the limits. Live, and cheap."""
        return await check_transport(self.transport)

    def check(self) -> Checkup:
        """Sync twin of `acheck`."""
        return _sync.run(self.acheck())

    # -- its life --------------------------------------------------------------------------------

    async def aclose(self) -> None:
        """Closes what it made: an engine by name, a cache by path. The next run opens them anew."""
        if self._owns_transport:
            await aclose(self.transport)
        if self._owns_cache:
            await aclose(self._cache)

    def close(self) -> None:
        """Sync twin of `aclose`."""
        _sync.run(self.aclose())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncIterator[None]:
        """For ASGI hosts: `FastAPI(lifespan=agent.lifespan)` closes the agent at shutdown."""
        async with self:
            yield

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} holds live connections and does not pickle; "
            "make one in each process and pass cases and results between them"
        )


def _ledgers(settings: Settings) -> list[Observer]:
    if not settings.ledger:
        return []
    from inspectiq.limits._ledger import Ledger

    return [Ledger(settings.ledger)]


def _usage_of(error: InspectIQError | None) -> Usage | None:
    """What a failure cost: nothing if it was never sent; None where it cannot be known."""
    if error is None or not error.attempts:
        return Usage()
    if error.usage is None and getattr(error, "status_code", None) is not None:
        return Usage(requests=error.attempts)  # a provider bills no error
    return error.usage


def _only_named(engine: Engine | None) -> bool:
    if isinstance(engine, list | tuple):
        return all(map(_only_named, engine))
    return engine is None or isinstance(engine, str)


def _is_cancelled() -> bool:
    """Whether somebody cancelled the current task, rather than something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
