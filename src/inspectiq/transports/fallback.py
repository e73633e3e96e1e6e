"""Asks the next engine where one fails."""

from __future__ import annotations

from inspectiq.domain.usage import Usage
from inspectiq.errors import (
    BudgetExceeded,
    ConfigError,
    InspectIQError,
    OutputError,
    TransportError,
)
from inspectiq.events import FellBack
from inspectiq.run import current_run
from inspectiq.transports.base import (
    EngineProfile,
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    aclose,
    aopen,
    check_transport,
    profile_of,
)
from inspectiq.transports.checkup import Checkup

__all__ = ["Fallback"]


class Fallback(WrapperTransport):
    """Engines in order of preference; each photo's outcome says which of them answered.

    An engine that failed in any way of its own is passed over, also one that declined or gave
    nothing usable. An exhausted budget is not: another engine would spend on.

    Args:
        engines: Two or more, each usually in a stack of its own.

    Raises:
        ConfigError: Fewer than two.
    """

    def __init__(self, *engines: Transport) -> None:
        if len(engines) < 2:
            raise ConfigError("a fallback needs at least two engines")
        super().__init__(engines[0])
        self.engines = engines

    @property
    def profile(self) -> EngineProfile:
        """The first engine's, with as few photos a request as each of them takes well."""
        fewest = min(profile_of(engine).photos_per_request for engine in self.engines)
        return profile_of(self.wrapped).model_copy(update={"photos_per_request": fewest})

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        spent = Usage()
        for engine, following in zip(self.engines, (*self.engines[1:], None), strict=True):
            try:
                response = await engine.send(request)
            except (TransportError, OutputError) as error:
                if following is None:
                    _add(error, spent)
                    raise
                spent += error.usage or Usage(requests=error.attempts)
                _tell(request, engine, error, following)
            except BudgetExceeded as error:
                _add(error, spent)
                raise
            else:
                if spent == Usage():
                    return response
                return response.model_copy(update={"usage": spent + response.usage})
        raise AssertionError("one of them has answered or raised")

    async def check(self) -> Checkup:
        """The first engine that would work; the first one's fault if none would."""
        found = [await check_transport(engine) for engine in self.engines]
        return next((one for one in found if one.ok), found[0])

    async def aopen(self) -> None:
        await aopen(self.engines[0])  # the others may never be needed

    async def aclose(self) -> None:
        for engine in self.engines:
            await aclose(engine)

    def __repr__(self) -> str:
        return f"Fallback({', '.join(map(repr, self.engines))})"


def _add(error: InspectIQError, spent: Usage) -> None:
    if spent != Usage():
        error.usage = spent + (error.usage or Usage(requests=error.attempts))
        error.attempts += spent.requests


def _tell(
    request: VisionRequest, engine: Transport, error: InspectIQError, following: Transport
) -> None:
    failed, asked = profile_of(engine), profile_of(following)
    current_run().tell(
        FellBack,
        photo_ids=request.photo_ids,
        provider=failed.provider,
        model=failed.model,
        error=type(error).__name__,
        to_provider=asked.provider,
        to_model=asked.model,
    )
