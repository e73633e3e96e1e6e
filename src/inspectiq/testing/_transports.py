"""Transports that answer from a script or a function, and never from an engine."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self

from inspectiq._taking import require_all
from inspectiq._usage import Usage
from inspectiq.domain._photo import PictureFile
from inspectiq.transports._base import VisionRequest, VisionResponse
from inspectiq.transports._profile import EngineProfile

__all__ = ["FunctionTransport", "ScriptedTransport"]

Step = str | VisionResponse | Exception
Function = Callable[[VisionRequest], Step | Awaitable[Step]]


class FunctionTransport:
    """Answers with what a function of the request returns.

    Args:
        function: Takes the request; returns (or raises) JSON text, a `VisionResponse` or an
            exception. May be async.
        profile: The engine that it plays.
        prepare_photos: Whether to prepare the photos as an engine would, so that results say what
            was sent.

    Attributes:
        requests: What was asked, in order.
    """

    def __init__(
        self,
        function: Function,
        *,
        profile: EngineProfile | None = None,
        prepare_photos: bool = False,
    ) -> None:
        self.profile: EngineProfile = profile or EngineProfile(
            provider="scripted", model="scripted"
        )
        self.requests: list[VisionRequest] = []
        self._function = function
        self._prepare_photos = prepare_photos

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Answers with what the function makes of the request."""
        self.requests.append(request)
        step = self._function(request)
        if inspect.isawaitable(step):
            step = await step
        if isinstance(step, Exception):
            raise step
        if isinstance(step, VisionResponse):
            return step
        await asyncio.sleep(0)
        return VisionResponse(
            text=step,
            usage=Usage(requests=1, input_tokens=100, output_tokens=10),
            engine=self.profile.to_record(),
            sent=await self._prepare_sent(request),
        )

    async def _prepare_sent(self, request: VisionRequest) -> dict[str, PictureFile]:
        if not self._prepare_photos:
            return {}
        return {
            str(part.number): (await part.photo.aprepare_for(self.profile.image)).sent
            for part in request.photos
        }


class ScriptedTransport(FunctionTransport):
    """Answers from a list, in order, all of which must be used.

    A call beyond the script raises AssertionError at once; steps that were not used raise it when
    the `with` block ends.

        with ScriptedTransport([lambda request: make_answer(request)]) as engine:
            InspectionAgent(engine).inspect(photos)

    Args:
        steps: JSON text, a `VisionResponse`, an exception to raise, or a function of the request
            that returns one of these.
        profile: The engine that it plays.
        prepare_photos: As for `FunctionTransport`.
    """

    def __init__(
        self,
        steps: Iterable[Step | Function],
        *,
        profile: EngineProfile | None = None,
        prepare_photos: bool = False,
    ) -> None:
        super().__init__(self._take_step, profile=profile, prepare_photos=prepare_photos)
        self._steps = [*require_all(steps, "steps", "give a list of answers")]

    def _take_step(self, request: VisionRequest) -> Any:
        if not self._steps:
            raise AssertionError(
                f"unexpected call {len(self.requests)}: the script has no step left for photos "
                f"{', '.join(request.photo_ids)}"
            )
        step = self._steps.pop(0)
        return step(request) if callable(step) else step

    def assert_consumed(self) -> None:
        """Raises AssertionError if steps are left."""
        if self._steps:
            raise AssertionError(f"{len(self._steps)} steps of the script were not used")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.assert_consumed()
