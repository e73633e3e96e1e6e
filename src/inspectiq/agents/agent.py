"""The agent: an engine, a loop between `plan` and `absorb`, observers and sinks.

What is asked and what the answers mean is the pure half, `Reasoning`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from inspectiq import _sync
from inspectiq.agents.case import Case
from inspectiq.agents.observations import WireObservation
from inspectiq.agents.prompts import Prompt
from inspectiq.agents.reasoning import Reasoning
from inspectiq.agents.replies import Answer
from inspectiq.agents.sinks import ResultSink, checked_sinks
from inspectiq.agents.watch import Watch
from inspectiq.domain.findings import Finding
from inspectiq.domain.results import Result
from inspectiq.domain.taxonomy import Taxonomy
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    OutputError,
    ProviderUnavailable,
    QuotaExhausted,
    TransportError,
)
from inspectiq.events import (
    Observer,
    PhotoExamined,
    PhotoSettled,
    RequestAnswered,
    RequestFailed,
    RequestSent,
    RunCompleted,
    RunStarted,
    SinkFailed,
)
from inspectiq.photos import Photo, examine
from inspectiq.severity import SeverityPolicy
from inspectiq.transports import Transport, VisionRequest, resolve
from inspectiq.transports.base import aclose, profile_of

__all__ = ["Agent", "Answer"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)

CALLER_FAULTS = (ConfigError, AuthenticationFailed, BadRequest, QuotaExhausted, BudgetExceeded)
"""Errors that the caller must mend; raised where nothing at all was answered."""


class Agent(Reasoning[ObservationT, FindingT, ResultT]):
    """Base of the agents.

    An agent may be used from many threads and loops at once and survives `fork`; it holds live
    connections, so it does not pickle: make one in each process.

    Args:
        engine: `"offline"`, or a `Transport`: a bare one gets the default stack, a wrapped one is
            used as it is.
        taxonomy: What an issue can be.
        severity: How bad it is.
        prompt: Instructions: a `Path` to a text file, or the text.
        photos_per_request: Most photos in one request; the engine's own number if not given.
        concurrency: Most requests in flight at once.
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
        engine: str | Transport | None = None,
        *,
        taxonomy: Taxonomy | None = None,
        severity: SeverityPolicy | None = None,
        prompt: Prompt | Path | str | None = None,
        photos_per_request: int | None = None,
        concurrency: int = 8,
        observers: Iterable[Observer] = (),
        sinks: Iterable[ResultSink[ResultT]] = (),
        sink_timeout: float = 30.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if photos_per_request is not None and photos_per_request < 1:
            raise ConfigError("photos_per_request must be at least 1")
        if concurrency < 1:
            raise ConfigError("concurrency must be at least 1")
        self.transport = resolve(engine)
        profile = profile_of(self.transport)
        super().__init__(
            profile=profile,
            taxonomy=Taxonomy.default() if taxonomy is None else taxonomy,
            severity=SeverityPolicy.default() if severity is None else severity,
            prompt=Prompt.shipped(self.prompt_name) if prompt is None else Prompt.of(prompt),
            photos_per_request=photos_per_request or profile.photos_per_request,
        )
        self.concurrency = concurrency
        self._owns_transport = isinstance(engine, str)
        self._watch = Watch(observers)
        self._sinks = checked_sinks(sinks)
        self.sink_timeout = sink_timeout
        self._clock = clock

    # -- the loop --------------------------------------------------------------------------------

    async def aexamine(self, case: Case) -> Case:
        """The case with its photos read, measured and prepared for this agent's engine."""

        def on_examined(photo: Photo) -> None:
            error = photo.examined.error if photo.examined else None
            self._watch.emit(
                PhotoExamined(
                    case_id=case.id,
                    tags=case.tags,
                    photo_id=photo.id or "",
                    name=photo.name,
                    reason=error.reason if error else None,
                )
            )

        photos = await examine(case.photos, self.profile.image, on_examined=on_examined)
        return case.with_photos(photos)

    def examine(self, case: Case) -> Case:
        """Sync twin of `aexamine`."""
        return _sync.run(self.aexamine(case))

    async def arun(self, case: Case) -> ResultT:
        """Plans, asks, absorbs, and hands the result to the sinks.

        Raises:
            ConfigError: The case has nothing to look at.
            TransportError, BudgetExceeded: The caller must mend something, and nothing at all was
                answered (a wrong key, an unknown model, no credit, no budget).
        """
        self._require_input(case)
        begun = time.monotonic()
        self._watch.emit(RunStarted(case_id=case.id, tags=case.tags, photos=len(case.photos)))
        case = await self.aexamine(case)
        result = await self._to_the_end(case)
        result = result.model_copy(update={"created_at": self._clock()})
        result.remember({photo.id or "": photo for photo in case.photos})
        for outcome in result.photos:
            self._watch.emit(
                PhotoSettled(
                    case_id=case.id,
                    tags=case.tags,
                    photo_id=outcome.photo.id,
                    status=outcome.status,
                )
            )
        self._watch.emit(
            RunCompleted(
                case_id=case.id,
                tags=case.tags,
                result_id=result.id,
                status=result.status,
                findings=sum(result.summary.by_level.values()),
                usage=result.usage,
                seconds=time.monotonic() - begun,
            )
        )
        await self._deliver(case, result)
        return result

    def _require_input(self, case: Case) -> None:
        if not case.photos:
            raise ConfigError("the case has no photos; give at least one")

    async def _to_the_end(self, case: Case) -> ResultT:
        answers: list[Answer] = []
        requests: Sequence[VisionRequest] = self.plan(case)
        for _ in range(self.max_asks + 1):
            answers += await self._ask(case, requests)
            _raise_caller_faults(answers)
            absorbed = self.absorb(case, answers)
            if isinstance(absorbed, Result):
                return absorbed
            requests = absorbed
        raise InspectIQError(
            f"absorb asked for more than {self.max_asks} rounds; an override of it must end"
        )

    async def _ask(self, case: Case, requests: Sequence[VisionRequest]) -> list[Answer]:
        gate = asyncio.Semaphore(self.concurrency)

        async def one(request: VisionRequest) -> Answer:
            async with gate:
                return await self._send(case, request)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(request)) for request in requests]
        except BaseExceptionGroup as faults:
            raise faults.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _send(self, case: Case, request: VisionRequest) -> Answer:
        shared: dict[str, Any] = {
            "case_id": case.id,
            "tags": case.tags,
            "photo_ids": request.photo_ids,
        }
        self._watch.emit(RequestSent(**shared, ask=request.ask))
        begun = time.monotonic()
        try:
            response = await self.transport.send(request)
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
            failure = TransportError(
                f"the transport raised {type(error).__name__}, which is no TransportError; "
                "mend it in the transport's `send`",
                provider=self.profile.provider,
            )
            failure.__cause__ = error
            self._watch.failed("a transport raised", error, transport=repr(self.profile.model))
            answer = Answer(request, error=failure)
        else:
            self._watch.emit(
                RequestAnswered(
                    **shared,
                    provider=response.engine.provider,
                    model=response.engine.model,
                    usage=response.usage,
                    seconds=time.monotonic() - begun,
                    problems=len(response.problems),
                )
            )
            return Answer(request, response=response)
        self._watch.emit(
            RequestFailed(
                **shared,
                error=type(answer.error).__name__,
                seconds=time.monotonic() - begun,
            )
        )
        return answer

    async def _deliver(self, case: Case, result: ResultT) -> None:
        async def one(sink: ResultSink[ResultT]) -> None:
            try:
                async with asyncio.timeout(self.sink_timeout):
                    await sink.accept(result)
            except (Exception, asyncio.CancelledError) as error:
                if _is_cancelled():
                    raise
                self._watch.failed("a sink failed", error, sink=type(sink).__name__)
                self._watch.emit(
                    SinkFailed(
                        case_id=case.id,
                        tags=case.tags,
                        result_id=result.id,
                        sink=type(sink).__name__,
                        error=type(error).__name__,
                    )
                )

        await asyncio.gather(*map(one, self._sinks))

    # -- its life --------------------------------------------------------------------------------

    async def aclose(self) -> None:
        """Closes the engine if it was named; one that was passed in belongs to the host."""
        if self._owns_transport:
            await aclose(self.transport)

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


def _is_cancelled() -> bool:
    """Whether somebody cancelled the current task, rather than something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _raise_caller_faults(answers: Sequence[Answer]) -> None:
    if any(answer.response or isinstance(answer.error, OutputError) for answer in answers):
        return
    for answer in answers:
        if isinstance(answer.error, CALLER_FAULTS):
            raise answer.error
