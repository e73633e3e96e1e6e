"""Sends requests: within the deadline, a few at once, each with its answer and its events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from inspectiq._gate import Gate
from inspectiq._log import bind_fields
from inspectiq._observers import Observers
from inspectiq._refusals import is_of_value
from inspectiq._short_reasons import name_reason
from inspectiq._usage import Usage
from inspectiq.agents._answers import Answer
from inspectiq.errors import ConfigError, InspectIQError, ProviderUnavailable
from inspectiq.events import RequestAnswered, RequestFailed, RequestSent
from inspectiq.run import Run
from inspectiq.transports._base import (
    Transport,
    VisionRequest,
    VisionResponse,
    aopen,
    get_profile,
    wrap_untyped,
)

__all__ = ["RequestSender", "Sending", "is_cancelled"]

GRACE = 0.1  # seconds that the stack has to end a call by itself once the deadline has passed


class Sending:
    """Requests that are sent, each from when it is added.

    Attributes:
        answers: In the order of the requests, once all are answered.
    """

    def __init__(self, start: Callable[[VisionRequest], asyncio.Task[Answer]]) -> None:
        self._start = start
        self._tasks: list[asyncio.Task[Answer]] = []

    def add(self, request: VisionRequest) -> None:
        """Starts to send a request; a few at once are in flight, the others wait their turn."""
        self._tasks.append(self._start(request))

    @property
    def answers(self) -> list[Answer]:
        return [task.result() for task in self._tasks]


class RequestSender:
    """Sends an agent's requests and makes their answers; an error is an answer as well.

    Args:
        transports: The engine in its stack, and after it that of a second look if it is another.
        concurrency: Most requests in flight.
        observers: Are told of each request.
    """

    def __init__(
        self, transports: Sequence[Transport], concurrency: int, observers: Observers
    ) -> None:
        self._transports = transports
        self._in_flight = Gate(concurrency)
        self._observers = observers

    @asynccontextmanager
    async def begin(self, run: Run, *, opens: bool = True) -> AsyncIterator[Sending]:
        """Sends what is added, once the engines are ready; ends when all is answered.

        Args:
            run: Whose deadline holds.
            opens: Whether it gets the engines ready first.
        """
        turn = asyncio.Lock()
        try:
            async with asyncio.TaskGroup() as group:
                opening = group.create_task(self._open(run)) if opens else None

                async def send(request: VisionRequest) -> Answer:
                    if opening is not None:
                        await opening
                    return await self._send_in_turn(run, request, turn)

                yield Sending(lambda request: group.create_task(send(request)))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def send_all(self, run: Run, requests: Iterable[VisionRequest]) -> list[Answer]:
        """Sends requests, several at once up to the limit, and returns answers in their order."""
        async with self.begin(run, opens=False) as sending:
            for request in requests:
                sending.add(request)
        return sending.answers

    async def _open(self, run: Run) -> None:
        """Gets the engines ready; one that does not get ready in time is only logged."""
        for transport in self._transports:
            await self._open_one(run, transport)

    async def _open_one(self, run: Run, transport: Transport) -> None:
        try:
            async with asyncio.timeout(run.get_remaining()):
                await aopen(transport)
        except ConfigError:
            raise
        except Exception as error:
            # If it matters, the calls fail as well, and say so photo by photo.
            model = get_profile(transport).model
            self._observers.log_failure("a transport did not get ready", error, transport=model)

    def _choose(self, request: VisionRequest) -> Transport:
        return self._transports[-1 if request.look > 1 else 0]

    async def _send_in_turn(self, run: Run, request: VisionRequest, turn: asyncio.Lock) -> Answer:
        with bind_fields(photo_id=",".join(request.photo_ids)):
            async with AsyncExitStack() as place:
                with suppress(TimeoutError):  # too late to be sent, which it is told next
                    # One at a time: a place that is free must not let a later read pass an earlier.
                    async with asyncio.timeout(run.get_remaining()), turn:
                        if run.limits is not None and run.limits.gate is not None:
                            await place.enter_async_context(run.limits.gate.ahold())
                        await place.enter_async_context(self._in_flight.ahold())
                return await self._send(run, request)

    async def _send(self, run: Run, request: VisionRequest) -> Answer:
        run.tell(
            RequestSent,
            photo_ids=request.photo_ids,
            ask=request.ask,
            read=request.read,
            look=request.look,
        )
        begun = time.monotonic()
        answer = await self._get_answer(run, request)
        seconds = time.monotonic() - begun
        if answer.response is not None:
            _tell_answered(run, request, answer.response, seconds)
        else:
            self._tell_failed(run, request, answer.error, seconds)
        return answer

    async def _get_answer(self, run: Run, request: VisionRequest) -> Answer:
        profile = get_profile(self._choose(request))
        try:
            return Answer(request, response=await self._send_in_time(run, request))
        except InspectIQError as error:
            typed = wrap_untyped(error, profile.provider) if is_of_value(error) else error
            return Answer(request, error=typed)
        except AssertionError:
            raise  # a test double that was called against its script
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            # Nobody cancelled the run: the transport waited for something that was cancelled.
            cancelled = ProviderUnavailable(
                "the call was cancelled inside the transport", provider=profile.provider
            )
            return Answer(request, error=cancelled)
        except Exception as error:
            # An error in one transport call must not lose the answers to the others.
            self._observers.log_failure("a transport raised", error, transport=profile.model)
            return Answer(request, error=wrap_untyped(error, profile.provider))

    async def _send_in_time(self, run: Run, request: VisionRequest) -> VisionResponse:
        transport, remaining = self._choose(request), run.get_remaining()
        provider = get_profile(transport).provider
        if remaining == 0:
            raise run.make_timeout(provider, attempts=0)
        clock = asyncio.timeout(None if remaining is None else remaining + GRACE)
        try:
            async with clock:
                return await transport.send(request)
        except TimeoutError:
            if not clock.expired():
                raise
        raise run.make_timeout(provider, attempts=1)

    def _tell_failed(
        self, run: Run, request: VisionRequest, error: InspectIQError | None, seconds: float
    ) -> None:
        profile = get_profile(self._choose(request))
        run.tell(
            RequestFailed,
            photo_ids=request.photo_ids,
            provider=profile.provider,
            model=profile.model,
            error=type(error).__name__,
            reason=None if error is None else name_reason(error),
            seconds=seconds,
            usage=_find_usage(error),
        )


def _tell_answered(
    run: Run, request: VisionRequest, response: VisionResponse, seconds: float
) -> None:
    run.tell(
        RequestAnswered,
        photo_ids=request.photo_ids,
        provider=response.engine.provider,
        model=response.engine.model,
        usage=response.usage,
        seconds=seconds,
        problems=len(response.problems),
        findings=_count_findings(response),
        read=request.read,
    )


def _count_findings(response: VisionResponse) -> int:
    """Counts the findings of a checked answer; none of one that nobody checked yet."""
    issues = None if response.output is None else response.output.get("issues")
    return len(issues) if isinstance(issues, list | tuple) else 0


def _find_usage(error: InspectIQError | None) -> Usage | None:
    """Finds what a failure cost: nothing if it was never sent; None where it cannot be known."""
    if error is None or not error.attempts:
        return Usage()
    if error.usage is None and getattr(error, "status_code", None) is not None:
        return Usage(requests=error.attempts)  # a provider bills no error
    return error.usage


def is_cancelled() -> bool:
    """Tells whether somebody cancelled the current task, not something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
