"""The agent: two pure halves, `plan` and `absorb`, small template methods, and a loop between.

Subclass a finished agent and override the one method that says what you mean.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar

from inspectiq import _sync
from inspectiq.agents.case import Case
from inspectiq.agents.observations import PhotoVerdict, WireObservation, bound_to
from inspectiq.agents.outcomes import outcome_of, provenance_of, result_id, usage_of
from inspectiq.agents.prompts import Prompt
from inspectiq.agents.replies import Answer, Reading, Reply, read_reply, readings
from inspectiq.agents.requests import case_text, numbered, pack, smaller_packs
from inspectiq.agents.sinks import ResultSink
from inspectiq.agents.watch import Watch
from inspectiq.domain.base import FrozenMap, content_hash
from inspectiq.domain.findings import Evidence, Finding, Severity
from inspectiq.domain.money import CostEstimate
from inspectiq.domain.photo import Box
from inspectiq.domain.property import CaseFacts
from inspectiq.domain.results import Result
from inspectiq.domain.taxonomy import Taxonomy
from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    OutputError,
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
from inspectiq.transports.wire import reply_schema

__all__ = ["Agent", "Answer"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)

CALLER_FAULTS = (ConfigError, AuthenticationFailed, BadRequest, QuotaExhausted, BudgetExceeded)
"""Errors that the caller must mend; raised where nothing at all was answered."""


class Agent(ABC, Generic[ObservationT, FindingT, ResultT]):
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
        sinks: Take the results.
        clock: Tells the time of `created_at`.

    Raises:
        ConfigError: No engine, an unknown one, a missing extra, or a prompt that cannot be read.
    """

    observation_model: type[ObservationT]
    """What the engine fills in for each finding; subclass it to ask for more."""

    prompt_name: ClassVar[str]
    """The shipped prompt that is used where none is given."""

    max_asks: ClassVar[int] = 3
    """How often a photo is asked about at most; our assumption."""

    _shipped_observation: ClassVar[type[WireObservation]]

    def __init__(
        self,
        engine: str | Transport | None = None,
        *,
        taxonomy: Taxonomy | None = None,
        severity: SeverityPolicy | None = None,
        prompt: Any = None,
        photos_per_request: int | None = None,
        concurrency: int = 8,
        observers: Iterable[Observer] = (),
        sinks: Iterable[ResultSink[ResultT]] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if photos_per_request is not None and photos_per_request < 1:
            raise ConfigError("photos_per_request must be at least 1")
        if concurrency < 1:
            raise ConfigError("concurrency must be at least 1")
        self.transport = resolve(engine)
        self.profile = profile_of(self.transport)
        self.taxonomy = taxonomy or Taxonomy.default()
        self.severity = severity or SeverityPolicy.default()
        self.prompt = Prompt.shipped(self.prompt_name) if prompt is None else Prompt.of(prompt)
        self.photos_per_request = photos_per_request or self.profile.photos_per_request
        self.concurrency = concurrency
        self._owns_transport = isinstance(engine, str)
        self._watch = Watch(observers)
        self._sinks = tuple(sinks)
        self._clock = clock
        self._observation = bound_to(self.taxonomy, self.observation_model)
        self._extra_fields = frozenset(self.observation_model.model_fields) - frozenset(
            self._shipped_observation.model_fields
        )

    # -- template methods, in the order in which they are called ---------------------------------

    def instructions(self, case: CaseFacts) -> str:
        """What the engine is told to do; the same for every request of a case."""
        groups = "; ".join(self.taxonomy.groups.values())
        return (
            f"{self.prompt.text.strip()}\n\nLook at each of: {groups}.\n"
            f"Write all free text in the language with the BCP 47 tag {case.language}.\n"
        )

    @abstractmethod
    def refine(self, observation: ObservationT, case: CaseFacts) -> FindingT | None:
        """A finding from what was observed; None drops it. Evidence and room are added after."""

    def merge(self, findings: Sequence[FindingT], case: CaseFacts) -> Sequence[FindingT]:
        """One finding for each defect; by default what the engine told apart stays apart."""
        return findings

    def grade(self, finding: FindingT, case: CaseFacts) -> Severity:
        """How bad a finding is."""
        return self.severity.grade(finding)

    def estimate(self, finding: FindingT, case: CaseFacts) -> CostEstimate | None:
        """What it costs; None where nothing is known of it."""
        return None

    @abstractmethod
    def assemble(
        self, case: CaseFacts, common: dict[str, Any], findings: tuple[FindingT, ...]
    ) -> ResultT:
        """The result, from the fields that all results share and the findings, worst first."""

    # -- the two pure halves ---------------------------------------------------------------------

    def plan(self, case: Case) -> tuple[VisionRequest, ...]:
        """The requests that a case needs. Pure; the case's photos must have been examined.

        Raises:
            ConfigError: The photos were not examined.
        """
        usable = [photo for photo in case.photos if _is_usable(photo)]
        return tuple(
            self._request(case, photos, ask=1) for photos in pack(usable, self.photos_per_request)
        )

    def absorb(self, case: Case, answers: Sequence[Answer]) -> ResultT | tuple[VisionRequest, ...]:
        """The result, or the requests that are still needed. Pure.

        Args:
            case: The examined case that was planned.
            answers: All answers so far, of all rounds, in any order within a round.
        """
        replies = [read_reply(answer, self._observation) for answer in answers]
        standing = readings(replies)
        again = self._ask_again(case, standing)
        if again:
            return again
        findings = [
            finding for reply in replies for finding in self._findings(case, reply, standing)
        ]
        graded = [self._graded(case, finding) for finding in self.merge(findings, case)]
        order = {photo.id: position for position, photo in enumerate(case.photos)}
        graded.sort(
            key=lambda finding: (
                -finding.severity.order,
                min((order[item.photo_id] for item in finding.evidence), default=len(order)),
            )
        )
        outcomes = tuple(outcome_of(photo, standing.get(photo.id or "")) for photo in case.photos)
        provenance = provenance_of(
            replies,
            standing,
            prompt=self.prompt,
            schema_sha256=self._schema_sha256,
            taxonomy=self.taxonomy,
            severity=self.severity,
        )
        identity = {"agent": type(self).__qualname__, "engine": self.profile.identity}
        common = {
            "id": result_id(case, provenance, identity),
            "revision": case.revision,
            "case": case.facts,
            "photos": outcomes,
            "usage": usage_of(answers),
            "provenance": provenance,
        }
        return self.assemble(case, common, _with_ids(case.id, graded))

    def _request(self, case: Case, photos: Sequence[Photo], *, ask: int) -> VisionRequest:
        room_for_each = self.profile.max_output_tokens_per_photo
        return VisionRequest(
            instructions=self.instructions(case),
            text=case_text(case),
            photos=numbered(photos),
            schema=self._schema(range(1, len(photos) + 1)),
            max_output_tokens=room_for_each and room_for_each * max(1, len(photos)) * ask,
            ask=ask,
            metadata=FrozenMap(case.tags, case_id=case.id),
        )

    def _schema(self, numbers: Iterable[int]) -> FrozenMap[Any]:
        return reply_schema(PhotoVerdict, self._observation, numbers)

    @property
    def _schema_sha256(self) -> str:
        return content_hash(self._schema(()))

    def _ask_again(
        self, case: Case, standing: dict[str, Reading[ObservationT]]
    ) -> tuple[VisionRequest, ...]:
        """Requests for the photos that no answer settled, while it may help."""
        unsettled: dict[int, list[Photo]] = {}
        last: dict[int, tuple[Reply[ObservationT], int]] = {}
        for photo in case.photos:
            reading = standing.get(photo.id or "")
            if reading is None or reading.last is None or reading.stands is not None:
                continue
            error = reading.last.problems[photo.id or ""]
            if reading.asked < self.max_asks and isinstance(error, OutputError):
                unsettled.setdefault(id(reading.last), []).append(photo)
                last[id(reading.last)] = (reading.last, reading.asked)
        return tuple(
            self._request(case, part, ask=last[key][1] + 1)
            for key, photos in unsettled.items()
            for part in smaller_packs(photos, len(last[key][0].photo_ids))
        )

    def _findings(
        self,
        case: Case,
        reply: Reply[ObservationT],
        standing: dict[str, Reading[ObservationT]],
    ) -> Iterable[FindingT]:
        """The findings of one reply that count, with their evidence."""
        counts = {
            photo_id for photo_id in reply.photo_ids if standing[photo_id].findings_from is reply
        }
        photos = {photo.id: photo for photo in case.photos}
        for observation in reply.observations:
            shown = reply.shown(observation)
            if not counts.intersection(shown or reply.photo_ids):
                continue
            finding = self.refine(observation, case)
            if finding is None:
                continue
            evidence = tuple(self._evidence(observation, reply, counts, photos))
            review = list(finding.review)
            response = reply.answer.response
            if response is not None and response.engine.groups is not None:
                review.append("seen by a triage only")
            if reply.answer.request.photos and not shown:
                review.append("no photo that was sent shows it")
            room = photos[evidence[0].photo_id].room if evidence else None
            update: dict[str, Any] = {
                "evidence": evidence,
                "review": tuple(review),
                "extra": FrozenMap(
                    observation.model_dump(mode="json", include=set(self._extra_fields))
                ),
            }
            if finding.location.room is None and room is not None:
                update["location"] = finding.location.model_copy(update={"room": room})
            yield finding.model_copy(update=update)

    def _evidence(
        self,
        observation: ObservationT,
        reply: Reply[ObservationT],
        counts: set[str],
        photos: dict[str | None, Photo],
    ) -> Iterable[Evidence]:
        response = reply.answer.response
        assert response is not None
        seen: set[tuple[str, Box | None]] = set()
        for item in observation.evidence:
            photo_id = reply.photo_id(item.photo)
            if photo_id is None or photo_id not in counts:
                continue
            examined = photos[photo_id].examined
            assert examined is not None
            box = item.box_on(examined.ref)
            if (photo_id, box) in seen:
                continue
            seen.add((photo_id, box))
            yield Evidence(
                photo_id=photo_id,
                box=box,
                engine=response.engine.identity,
                prompt_sha256=self.prompt.sha256,
                confidence=observation.confidence,
                confidence_source="stated" if response.engine.groups is None else "score",
            )

    def _graded(self, case: Case, finding: FindingT) -> FindingT:
        finding = finding.model_copy(update={"severity": self.grade(finding, case)})
        return finding.model_copy(update={"cost": self.estimate(finding, case)})

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
        self.accept(case)
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

    def accept(self, case: Case) -> None:
        """Checks that there is something to look at.

        Raises:
            ConfigError: There is not.
        """
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
        except ExceptionGroup as faults:
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
        except Exception as error:
            # A fault in one transport call must not lose the answers to the others.
            failure = TransportError(
                f"the transport raised {type(error).__name__}, which is no TransportError; "
                "mend it in the transport's `send`",
                provider=self.profile.provider,
            )
            failure.__cause__ = error
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
        for sink in self._sinks:
            try:
                await sink.accept(result)
            except Exception as error:
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


def _is_usable(photo: Photo) -> bool:
    if photo.examined is None:
        raise ConfigError(
            f"photo {photo.id or photo.name} was not examined; "
            "plan what `await agent.aexamine(case)` returns"
        )
    return photo.examined.error is None and photo.examined.duplicate_of is None


def _raise_caller_faults(answers: Sequence[Answer]) -> None:
    if any(answer.response is not None for answer in answers):
        return
    for answer in answers:
        if isinstance(answer.error, CALLER_FAULTS):
            raise answer.error


def _with_ids(case_id: str, findings: Sequence[FindingT]) -> tuple[FindingT, ...]:
    """Findings with ids that the same evidence under the same case gives again."""
    seen: dict[str, int] = {}
    named: list[FindingT] = []
    for finding in findings:
        key = content_hash(
            [
                case_id,
                finding.type,
                finding.observed.description,
                [
                    item.model_dump(mode="json", include={"photo_id", "box"})
                    for item in finding.evidence
                ],
            ]
        )[:16]
        seen[key] = seen.get(key, 0) + 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        named.append(finding.model_copy(update={"id": f"f-{key}{suffix}"}))
    return tuple(named)
