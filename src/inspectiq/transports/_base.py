"""Defines what an engine is to the rest of the package: one request in, one response out.

A provider writes one method, `send`. All else (a profile, closing, a check) is optional.
"""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

from pydantic import Field, JsonValue, PrivateAttr

from inspectiq._refusals import is_of_value
from inspectiq._taking import name_kind
from inspectiq._usage import Usage
from inspectiq._values import FROZEN, FrozenMap, Value, hash_content
from inspectiq.domain._photo import PictureFile
from inspectiq.domain._provenance import EngineRecord
from inspectiq.errors import ConfigError, TransportError
from inspectiq.photos._photo import Photo
from inspectiq.transports._health import EngineHealth
from inspectiq.transports._profile import EngineProfile

__all__ = [
    "Finish",
    "RequestPhoto",
    "Transport",
    "VisionRequest",
    "VisionResponse",
    "WrapperTransport",
    "aclose",
    "aopen",
    "check_transport",
    "get_profile",
    "send_to",
    "wrap_untyped",
]

_HOME = str(Path(__file__).parents[1])
_INSTALLED = ("site-packages", sysconfig.get_path("stdlib"))  # others' code, in paths of files
Finish = Literal["stop", "length", "refusal", "filter"]


@dataclass(frozen=True, slots=True)
class RequestPhoto:
    """A photo of a request.

    Attributes:
        number: 1, 2, … within the request; the only name that an engine knows it by.
        label: What the engine is told of it, such as its room.
        photo: The handle; its bytes are read when the engine wants them.
    """

    number: int
    label: str
    photo: Photo


@dataclass(frozen=True)
class VisionRequest:
    """One request to an engine. Pickles: it carries photo handles and a schema, no classes.

    Attributes:
        instructions: What to do; the same for every request of a run (so a provider can cache it).
        text: What this request is about; words that others wrote stand in it as marked data.
        words: These words alone, for an engine that reads them by rules; part of `text`, so no
            part of the content of their own.
        photos: The photos.
        schema: JSON Schema of the answer, within the subset of strict structured outputs.
        schema_name: A name that providers ask for.
        max_output_tokens: Bound on the answer; None for the engine's own.
        ask: How often its photos were asked about, this time included.
        read: Which of several reads of the same photos it belongs to, from 1. It is part of the
            content, so that no read is answered with what is kept of another.
        look: 1, or 2 for a second look at photos that seemed clean; part of the content as well.
        metadata: For the host and for observers; not sent, and no part of the content.
    """

    instructions: str
    text: str
    photos: tuple[RequestPhoto, ...]
    schema: FrozenMap[JsonValue]
    words: str = field(default="", kw_only=True)
    schema_name: str = "observations"
    max_output_tokens: int | None = None
    ask: int = 1
    read: int = field(default=1, kw_only=True)
    look: int = field(default=1, kw_only=True)
    metadata: FrozenMap[str] = field(default_factory=FrozenMap)

    def __repr__(self) -> str:
        said = len(self.instructions) + len(self.text)  # not the words themselves
        return f"<VisionRequest {', '.join(self.photo_ids)} ({said} characters, ask {self.ask})>"

    @property
    def photo_ids(self) -> tuple[str, ...]:
        """Ids of its photos, in order."""
        return tuple(part.photo.id or "" for part in self.photos)

    def make_content_key(self, identity: str) -> str:
        """Makes the key of a cached answer: sha256 of what is asked, and of the engine asked.

        Photos count by their content, which is known once they were examined.

        Raises:
            ConfigError: A photo was not examined; two such would be taken for one.
        """
        for part in self.photos:
            if part.photo.content_sha256 is None:
                raise ConfigError(
                    f"photo {part.photo.id or part.photo.name} was not examined, so its content "
                    "is not known; plan what `await agent.aexamine(case)` returns"
                )
        return hash_content(
            {
                "instructions": self.instructions,
                "text": self.text,
                "photos": [[p.number, p.label, p.photo.content_sha256] for p in self.photos],
                "schema": self.schema.to_dict(),
                "max_output_tokens": self.max_output_tokens,
                "ask": self.ask,
                "read": self.read,
                "look": self.look,
                "engine": identity,
            }
        )


def _count_one_request() -> Usage:
    return Usage(requests=1)


class VisionResponse(Value):
    """What came back from an engine for a request.

    Attributes:
        text: The answer, JSON by the request's schema.
        finish: Why it ended.
        usage: What it cost.
        engine: Who answered.
        sent: What was sent for each photo, by its number.
        request_id: The provider's id.
        rate_headers: What the provider said of its rate limits, by header name in lower case;
            `RateSnapshot.from_headers` reads it.
        output: The parsed answer; None until it was checked.
        problems: What is wrong with the answer for single photos, by their number.
        mended: What was read although it was not as agreed, and how often: `prose`, `fence` or
            `thinking` around the answer; `tool_arguments`, `reasoning_content` or
            `content_as_object` where it stood; `unknown_keys`, `missing_nulls`, `letter_case`,
            `numbers_as_text` within; `unusable_box` for one without an area, which is no place;
            `long_text` for texts of over 5,000 characters, which are cut and say so.
        raw: The provider's own response, for a host that needs it; not compared, not serialised.
    """

    text: str
    finish: Finish = "stop"
    usage: Usage = Field(default_factory=_count_one_request)
    engine: EngineRecord
    sent: Annotated[Mapping[str, PictureFile], FROZEN] = FrozenMap()
    request_id: str | None = None
    rate_headers: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    output: FrozenMap[JsonValue] | None = None
    problems: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    mended: Annotated[Mapping[str, int], FROZEN] = FrozenMap()
    raw: Annotated[Any, Field(default=None, exclude=True, repr=False)] = None

    _checked: bool = PrivateAttr(default=False)

    @property
    def was_checked(self) -> bool:
        """Whether `check_response` has checked it; not kept in JSON."""
        return self._checked

    def mark_checked(
        self,
        *,
        output: FrozenMap[JsonValue],
        problems: FrozenMap[str],
        mended: FrozenMap[int],
    ) -> VisionResponse:
        """Returns the response marked as checked, with the findings of the check."""
        update = {"output": output, "problems": problems, "mended": mended}
        checked = self.model_copy(update=update)
        checked._checked = True  # noqa: SLF001 - its own
        return checked

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        yield "finish", self.finish
        yield "engine", f"{self.engine.provider}:{self.engine.model}"
        yield "request_id", self.request_id
        yield "characters", len(self.text)  # an answer may repeat a tenant's words

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VisionResponse):
            return NotImplemented
        return self.model_dump() == other.model_dump()

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        return {**state, "__dict__": {**state["__dict__"], "raw": None}}

    def __hash__(self) -> int:
        return hash((self.text, self.finish, self.engine, self.request_id))


@runtime_checkable
class Transport(Protocol):
    """An engine, or a wrapper around one.

    Optional attributes: `profile: EngineProfile`, `async check() -> EngineHealth`,
    `async aclose()`, and `async aopen()`, which is called while a run reads its photos, to get
    ready in the meantime.
    """

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Asks the engine once; raises a `TransportError` or `OutputError` where it fails."""


class WrapperTransport:
    """Passes everything on. Subclass it and override `send` to change how an engine is asked.

    Args:
        wrapped: The transport below.
    """

    def __init__(self, wrapped: Transport) -> None:
        if isinstance(wrapped, type) or not isinstance(wrapped, Transport):
            raise ConfigError(
                f"{type(self).__name__} wraps a transport, and {wrapped!r} is none; make one, such "
                "as OpenAITransport('gpt-6-luna')"
            )
        self.wrapped = wrapped

    @property
    def profile(self) -> EngineProfile:
        """The profile of the transport below."""
        return get_profile(self.wrapped)

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Passes the request to the transport below."""
        return await send_to(self.wrapped, request)

    async def check(self) -> EngineHealth:
        """Asks the transport below whether a call would work."""
        return await check_transport(self.wrapped)

    async def aopen(self) -> None:
        """Lets the transport below get ready."""
        await aopen(self.wrapped)

    async def aclose(self) -> None:
        """Closes the transport below."""
        await aclose(self.wrapped)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.wrapped!r})"


def get_profile(transport: Transport) -> EngineProfile:
    """Returns a transport's profile; one named after its class where it states none.

    Raises:
        ConfigError: Its profile is something else.
    """
    profile = getattr(transport, "profile", None)
    if profile is None:
        return EngineProfile(model=type(transport).__name__)
    if not isinstance(profile, EngineProfile):
        raise ConfigError(
            f"the profile of {type(transport).__name__} is a {type(profile).__name__}; "
            "make it an EngineProfile"
        )
    return profile


def wrap_untyped(error: Exception, provider: str) -> TransportError:
    """Wraps an untyped error of an engine in a `TransportError`, as its cause."""
    told = (
        f"made a wrong value, {error}"
        if is_of_value(error)
        else f"raised {type(error).__name__}{_locate(error)}, which is no TransportError"
    )
    typed = TransportError(
        f"the engine {told}; mend it in its `send`",
        provider=provider,
    )
    typed.__cause__ = error
    return typed


def _locate(error: BaseException) -> str:
    """Says in which line of the engine's own code an error came, " at FILE:LINE"; "" in none."""
    places = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    others = [place for place in places if not place[0].startswith(_HOME)]
    own = [place for place in others if not any(mark in place[0] for mark in _INSTALLED)]
    file, line = (own or others or [("", 0)])[-1]
    return f" at {Path(file).name}:{line}" if file else ""


async def send_to(transport: Transport, request: VisionRequest) -> VisionResponse:
    """Sends a request, and tells a `send` that is not async.

    Raises:
        TransportError: What `send` returned cannot be awaited; and whatever it raises itself.
    """
    sending: Any = transport.send(request)
    if not isawaitable(sending):
        kind = type(transport).__name__
        raise TransportError(
            f"{kind}.send is not async: it returned {name_kind(sending)}; write "
            "`async def send(self, request, /)`",
            provider=get_profile(transport).provider,
        )
    response: VisionResponse = await sending
    return response


async def check_transport(transport: Transport) -> EngineHealth:
    """Runs a transport's own `check`; reports `ok=None` if it has none."""
    check = getattr(transport, "check", None)
    if check is not None:
        found: EngineHealth = await check()
        return found
    profile = get_profile(transport)
    return EngineHealth(
        ok=None,
        provider=profile.provider,
        model=profile.model,
        message="this transport has no `async def check(self) -> EngineHealth`",
    )


async def aopen(transport: Transport) -> None:
    """Opens a transport that has an `aopen`."""
    get_ready = getattr(transport, "aopen", None)
    if get_ready is not None:
        await get_ready()


async def aclose(resource: object) -> None:
    """Closes a transport or a cache that can be closed."""
    close = getattr(resource, "aclose", None)
    if close is not None:
        await close()
