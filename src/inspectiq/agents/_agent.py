"""The agent: runs a case through `plan`, the engine and `absorb`, and tells observers and sinks.

What is asked and what the answers mean is the pure half, `Assessor`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Unpack

from inspectiq import _sync
from inspectiq._log import bind_fields
from inspectiq._settings import Settings
from inspectiq._taking import require, require_clock, require_number
from inspectiq._tracebacks import hide_locals
from inspectiq.agents._agent_life import AgentLife
from inspectiq.agents._answers import Answer, sum_usage
from inspectiq.agents._assessor import CostMode
from inspectiq.agents._caller_errors import find_caller_error
from inspectiq.agents._case import Case, amake_case
from inspectiq.agents._case_fields import CaseFields, show_case_fields
from inspectiq.agents._engine_setup import (
    check_options,
    choose_deadline,
    choose_pack_size,
    is_named,
    make_observers,
    make_resolver,
    resolve_cache,
    resolve_limits,
)
from inspectiq.agents._observations import WireObservation
from inspectiq.agents._packs import find_usable
from inspectiq.agents._parts import take_parts
from inspectiq.agents._preview import Preview, build_preview
from inspectiq.agents._prompts import Prompt
from inspectiq.agents._run_many import RunsMany
from inspectiq.agents._second_look import SecondLook, plan_look, require_look
from inspectiq.agents._sending import RequestSender
from inspectiq.agents._sinks import ResultSink, Sinks
from inspectiq.agents._subclasses import require_made
from inspectiq.domain._agreement import Keep
from inspectiq.domain._findings import Finding
from inspectiq.domain._results import Result
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError, InspectIQError
from inspectiq.events import (
    EmergencyDetected,
    Observer,
    PhotoCompleted,
    PhotoExamined,
    RunCompleted,
    RunStarted,
)
from inspectiq.limits._budgets import Budget
from inspectiq.limits._limits import Limits
from inspectiq.limits._models import ModelTable
from inspectiq.limits._rate_limits import RateLimiter
from inspectiq.photos._examine import examine_photos
from inspectiq.photos._photo import Photo
from inspectiq.run import Run
from inspectiq.severity._profile import SeverityProfile
from inspectiq.transports._base import (
    Transport,
    get_profile,
)
from inspectiq.transports._call_limits import CallLimits
from inspectiq.transports._engines import Engine
from inspectiq.transports._retry import add_spent_usage

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook
    from inspectiq.screening._emergencies import EmergencyScreen
    from inspectiq.transports._caching import CacheMode
    from inspectiq.transports._stores import Cache

__all__ = ["Agent"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)

MOST_ROUNDS = 50
"""Of asking again, far more than halving the largest pack takes."""


@hide_locals
class Agent(AgentLife, RunsMany[ObservationT, FindingT, ResultT]):
    """Asks an engine about a case, and makes a result of the answers; base of the agents.

    An agent may be used from many threads and loops at once and survives `fork`; it holds live
    connections, so it does not pickle: make one in each process.

    What is not given is taken from the environment, once, here; see `Settings`.

    Args:
        engine: `"openai:MODEL"`, `"offline"`, or a `Transport`: a bare one gets the default stack,
            a wrapped one is used as it is. Several of them are fallen back on in that order.
        taxonomy: The types of issue that can be found; here and below, a path will do as well.
        severity: Grades findings: a policy, a profile or its name; `house` if not given.
        cost_book: Prices findings; `us`, the book that ships, if not given.
        cost_mode: `book` for the book's prices; `model` for the engine's guess, marked as that.
        emergency_screen: Looks for emergencies in the words before any engine is asked; the one
            that ships with inspectiq if not given.
        prompt: Instructions: a `Path` to a text file, or the text.
        photos_per_request: Most photos of one room in a request: an inspection asks about each room
            apart, a diagnosis about up to ten photos of all rooms together, unless this is 1. The
            engine's own number if not given, or more where `limits.rpm` is what binds.
        reads: How often each photo is read: as many times the requests and dollars. Each finding
            then says in how many reads it was seen (`agreement`), and one that a single read saw is
            left to a person. Refused where the engine answers alike each time.
        keep: `union` keeps what any read saw; `majority` what more than half of them saw.
        second_look: Asks once more about photos that seem clean.
        models: What is known of named models; the file of `INSPECTIQ_MODELS` if not given.
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
        taxonomy: Taxonomy | Path | str | None = None,
        severity: SeverityProfile | Path | str | None = None,
        cost_book: CostBook | Path | str | None = None,
        cost_mode: CostMode = "book",
        emergency_screen: EmergencyScreen | Path | str | None = None,
        prompt: Prompt | Path | str | None = None,
        photos_per_request: int | None = None,
        reads: int = 1,
        keep: Keep = "union",
        second_look: SecondLook | None = None,
        models: ModelTable | Path | str | None = None,
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
        check_options(photos_per_request, limits)
        settings = Settings.from_env()
        self._cache, self._owns_cache = resolve_cache(cache, engine, settings)
        parts = take_parts(
            taxonomy=taxonomy,
            severity=severity,
            cost_book=cost_book,
            emergency_screen=emergency_screen,
            prompt=prompt,
            prompt_name=self.prompt_name,
        )
        resolve = make_resolver(
            settings,
            taxonomy=parts["taxonomy"],
            models=models,
            limits=limits,
            limiter=limiter,
            budgets=budgets,
            cache=self._cache,
            cache_mode=cache_mode,
        )
        self.transport: Transport = resolve(engine)
        self.limits: Limits = resolve_limits(settings, limits)
        profile = get_profile(self.transport)
        pack_size = photos_per_request or choose_pack_size(profile, self.limits)
        other = None if second_look is None else require_look(second_look).engine
        second = self.transport if other is None else resolve(other)
        super().__init__(
            profile=profile,
            **parts,
            cost_mode=cost_mode,
            photos_per_request=pack_size,
            reads=reads,
            keep=keep,
            second_look=None
            if second_look is None
            else plan_look(
                second_look,
                get_profile(second),
                photos_per_request or choose_pack_size(get_profile(second), self.limits),
            ),
        )
        named = (self.transport, is_named(engine)), (second, other is not None and is_named(other))
        self._owned = tuple(transport for transport, is_ours in named if is_ours)
        self._stacks = (self.transport,) if other is None else (self.transport, second)
        self._observers = make_observers(observers, settings)
        self._sender = RequestSender(self._stacks, self.limits.concurrency, self._observers)
        self._sinks = Sinks(sinks, self._observers)
        self.sink_timeout = require_number(sink_timeout, "sink_timeout", above=0)
        self._clock = require_clock(clock)

    async def aexamine(self, case: Case) -> Case:
        """Returns the case with its photos read, measured and prepared for this agent's engine."""
        require(case, Case, "case", "give a Case")
        return await self._examine(case, self._make_run(case, deadline=None))

    async def _examine(
        self, case: Case, run: Run, then: Callable[[Photo], None] | None = None
    ) -> Case:
        """Examines the photos; `then` takes each one, in order, once it and all before are done."""

        def on_examined(photo: Photo) -> None:
            error = photo.examined.error if photo.examined else None
            run.tell(
                PhotoExamined,
                photo_id=photo.id or "",
                name=photo.name,
                reason=error.reason if error else None,
            )
            if then is not None:
                then(photo)

        photos = await examine_photos(
            case.photos, self.profile.image, until=run.deadline, on_examined=on_examined
        )
        return case.with_photos(photos)

    def _make_run(
        self,
        case: Case,
        deadline: float | None,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> Run:
        return Run(
            id=uuid.uuid4().hex[:16],
            case_id=case.id,
            tags=case.tags,
            deadline=None if deadline is None else time.monotonic() + deadline,
            emit=self._observers.add_for_a_call(observers),
            limits=None if limits is None else CallLimits(limits, *self._stacks),
        )

    def examine(self, case: Case) -> Case:
        """Reads, measures and prepares the photos of a case; sync twin of `aexamine`."""
        return _sync.run(self.aexamine(case))

    async def arun(
        self,
        case: Case,
        *,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> ResultT:
        """Plans, asks, absorbs, and hands the result to the sinks.

        Args:
            case: Photos, and what is known besides.
            limits: For this call only, besides the agent's own: a request must fit both.
            observers: Watch this call only, besides the agent's own.

        Raises:
            ConfigError: The case has nothing to look at, or the limits cannot be kept.
            TransportError, BudgetExceeded: The caller must mend something, and nothing at all was
                answered (a wrong key, an unknown model, no credit, no budget). What one photo may
                be to blame for is asked in smaller packs first. In an emergency
                there is a failed result instead, which says what to do now.
        """
        self._require_input(case)
        deadline = choose_deadline(self.limits, limits)
        run = self._make_run(case, deadline, limits, observers)
        with run.activate(), bind_fields(run_id=run.id, case_id=case.id):
            return await self._run(case, run)

    def run(
        self,
        case: Case,
        *,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> ResultT:
        """Sync twin of `arun`."""
        return _sync.run(self.arun(case, limits=limits, observers=observers))

    async def _run(self, case: Case, run: Run) -> ResultT:
        begun = time.monotonic()
        run.tell(RunStarted, photos=len(case.photos))
        urgent = self.screen(case).emergencies  # before anything else can go wrong
        if urgent:
            run.tell(EmergencyDetected, kinds=tuple(emergency.kind for emergency in urgent))
        case, answers = await self._examine_and_ask(case, run)
        result = await self._ask_until_done(case, answers, run)
        result = result.model_copy(update={"created_at": self._clock()})
        result.remember({photo.id or "": photo for photo in case.photos})
        own = {photo.id for photo in case.photos}  # a result may have those of earlier rounds too
        for outcome in (one for one in result.photos if one.photo.id in own):
            run.tell(PhotoCompleted, photo_id=outcome.photo.id, status=outcome.status)
        run.tell(
            RunCompleted,
            result_id=result.id,
            status=result.status,
            findings=sum(result.summary.by_level.values()),
            usage=result.usage,
            seconds=time.monotonic() - begun,
            emergencies=len(result.emergencies),
        )
        await self._sinks.deliver(result, run, self.sink_timeout)
        return result

    def _require_input(self, case: Case) -> None:
        require_made(self)
        require(case, Case, "case", "give a Case, or call inspect(photos)")
        if case.photos or (self._rests_on_words and case.words):
            return
        if self._rests_on_words:
            raise ConfigError(
                "the case has neither photos nor words; give photos, a description, or both"
            )
        raise ConfigError("the case has no photos; give at least one")

    async def _examine_and_ask(self, case: Case, run: Run) -> tuple[Case, list[Answer]]:
        """Examines the photos, and sends each request of `plan` once its photos are examined."""
        packer = self._make_packer(case.photos)
        early: set[tuple[str, ...]] = set()
        async with self._sender.begin(run) as sending:

            def send_early(photo: Photo) -> None:
                if packer is not None and (pack := packer.add(photo)):
                    request = self._build_request(case, pack)
                    early.add(request.photo_ids)
                    sending.add(request)

            examined = await self._examine(case, run, send_early)
            for request in self.plan(examined):
                if request.read > 1 or request.photo_ids not in early:
                    sending.add(request)
        return examined, sending.answers

    async def _ask_until_done(self, case: Case, answers: list[Answer], run: Run) -> ResultT:
        for _ in range(MOST_ROUNDS):
            error = find_caller_error(answers)
            if error is not None and not self.screen(case).emergencies:
                spent = sum_usage(answers)
                raise add_spent_usage(error, spent, spent.requests) from error.__cause__
            absorbed = self.absorb(case, answers)
            if isinstance(absorbed, Result):
                return absorbed
            answers += await self._sender.send_all(run, absorbed)
        raise InspectIQError(
            f"absorb asked for more than {MOST_ROUNDS} further rounds; an override of it must end"
        )

    @show_case_fields
    async def apreview(
        self, photos: Any, *, description: str = "", **case: Unpack[CaseFields]
    ) -> Preview:
        """Estimates the requests, tokens and dollars of a run; reads photos, sends nothing.

        Args:
            photos: As for a run.
            description: As for a run.
            case: As for a run.

        Raises:
            ConfigError: No photos, or a field that is unknown or wrong.
        """
        made = await amake_case(photos, case, description)
        self._require_input(made)
        examined = await self.aexamine(made)
        preview = build_preview(len(made.photos), self.plan(examined), self.profile)
        if self.second_look is None:
            return preview
        most = self._plan_second_look(examined, find_usable(examined.photos))
        second = build_preview(len(made.photos), most, self.second_look.profile)
        return preview.model_copy(update={"second_look": second})

    @show_case_fields
    def preview(self, photos: Any, *, description: str = "", **case: Unpack[CaseFields]) -> Preview:
        """Sync twin of `apreview`."""
        return _sync.run(self.apreview(photos, description=description, **case))
