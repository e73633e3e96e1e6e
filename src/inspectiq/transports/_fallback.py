"""Asks the next engine where one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from inspectiq._log import describe_failure, get_logger
from inspectiq._refusals import is_of_value
from inspectiq._short_reasons import name_reason
from inspectiq._usage import Usage
from inspectiq.errors import (
    BadRequest,
    ConfigError,
    InspectIQError,
    OutputError,
    TransportError,
)
from inspectiq.events import FellBack
from inspectiq.run import get_current_run
from inspectiq.transports._base import (
    Transport,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
    aclose,
    aopen,
    check_transport,
    get_profile,
    send_to,
    wrap_untyped,
)
from inspectiq.transports._checking import check_response
from inspectiq.transports._health import EngineHealth
from inspectiq.transports._profile import EngineProfile
from inspectiq.transports._retry import add_spent_usage

__all__ = ["Fallback"]


class Fallback(WrapperTransport):
    """Engines in order of preference; each photo's outcome says which of them answered.

    An engine that failed in any way of its own is passed over, also one that declined, gave nothing
    usable, or has a bug. An exhausted budget is not: another engine would spend on. Nor is anything
    once the run's deadline has passed.

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
        """The first engine's, for requests that each of them can answer.

        With as few photos in one as each takes well, and every type that one of them reports; it is
        deterministic where one of them is.
        """
        profiles = [get_profile(engine) for engine in self.engines]
        types = dict.fromkeys(key for profile in profiles for key in profile.types)
        return profiles[0].model_copy(
            update={
                "photos_per_request": min(profile.photos_per_request for profile in profiles),
                "types": tuple(types),
                "deterministic": not all(profile.is_sampled for profile in profiles),
            }
        )

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Asks the engines in turn until one answers."""
        failed: list[InspectIQError] = []
        for engine, following in zip(self.engines, (*self.engines[1:], None), strict=True):
            try:
                response = await _ask(engine, request)
            except InspectIQError as error:
                failed.append(error)
                if following is None or not _is_engines_own(error):
                    told = _choose_error(failed)
                    raise _add_all_spent(told, failed) from told.__cause__
                _tell_fell_back(request, engine, error, following)
            else:
                if not failed:
                    return response
                return response.model_copy(update={"usage": _sum_usage(failed) + response.usage})
        raise AssertionError("one of them has answered or raised")

    async def check(self) -> EngineHealth:
        """Returns the health of the first engine that would work; of the first if none would."""
        found = [await check_transport(engine) for engine in self.engines]
        works = next((one for one in found if one.ok), found[0])
        if works is found[0]:
            return works
        first = found[0]
        note = f"{first.provider}:{first.model} would not: {first.error}: {first.message}"
        return works.model_copy(update={"message": note})

    async def aopen(self) -> None:
        """Lets the first engine get ready."""
        await aopen(self.engines[0])  # the others may never be needed

    async def aclose(self) -> None:
        """Closes all engines."""
        await asyncio.gather(*map(aclose, self.engines))

    def __repr__(self) -> str:
        return f"Fallback({', '.join(map(repr, self.engines))})"


async def _ask(engine: Transport, request: VisionRequest) -> VisionResponse:
    """Asks one engine, checks its answer also where it has no stack, and wraps untyped errors."""
    profile = get_profile(engine)
    try:
        response = await send_to(engine, request)
    except (InspectIQError, AssertionError) as error:  # the latter of a test double
        if is_of_value(error):
            raise wrap_untyped(error, profile.provider) from error
        raise
    except Exception as error:
        get_logger("inspectiq.transports").warning(
            "an engine raised", model=profile.model, **describe_failure(error)
        )
        raise wrap_untyped(error, profile.provider) from error
    return check_response(request, response)


def _sum_usage(failed: Sequence[InspectIQError]) -> Usage:
    return sum((one.usage or Usage(requests=one.attempts) for one in failed), Usage())


def _add_all_spent(error: InspectIQError, failed: Sequence[InspectIQError]) -> InspectIQError:
    """Returns the error with what all engines spent."""
    known = any(one.usage is not None for one in failed)
    attempts = sum(one.attempts for one in failed)
    return add_spent_usage(error, _sum_usage(failed) if known else None, attempts)


def _choose_error(failed: Sequence[InspectIQError]) -> InspectIQError:
    """Chooses the last error; rather one that passes once fewer photos are asked about at once."""
    mends = (one for one in failed if isinstance(one, OutputError) or _is_of_photos(one))
    return failed[-1] if not _is_engines_own(failed[-1]) else next(mends, failed[-1])


def _is_of_photos(error: InspectIQError) -> bool:
    return isinstance(error, BadRequest) and not error.is_callers


def _is_engines_own(error: InspectIQError) -> bool:
    """Tells whether it is the engine that failed, and there is time to ask another one."""
    return (
        isinstance(error, TransportError | OutputError) and get_current_run().get_remaining() != 0
    )


def _tell_fell_back(
    request: VisionRequest, engine: Transport, error: InspectIQError, following: Transport
) -> None:
    failed, asked = get_profile(engine), get_profile(following)
    get_current_run().tell(
        FellBack,
        photo_ids=request.photo_ids,
        provider=failed.provider,
        model=failed.model,
        error=type(error).__name__,
        reason=name_reason(error),
        to_provider=asked.provider,
        to_model=asked.model,
    )
