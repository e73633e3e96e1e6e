"""Records what an engine answers, and replays it in tests."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from inspectiq import errors
from inspectiq._files import to_path
from inspectiq._redaction import redact
from inspectiq._values import Value
from inspectiq.errors import ConfigError, InspectIQError, PhotoError
from inspectiq.transports._base import Transport, VisionRequest, VisionResponse, aclose, get_profile
from inspectiq.transports._profile import EngineProfile

__all__ = ["RecordingTransport", "ReplayTransport"]


class RecordingTransport:
    """Writes down what an engine answers, for `ReplayTransport`.

    It stands right around the engine, and to an agent it is the engine: the agent puts its stack
    around this one as it does around a `ReplayTransport`, so retries happen again in a replay.

        InspectionAgent(RecordingTransport(MyEngine(), "answers.jsonl")).inspect(photos)
        InspectionAgent(ReplayTransport("answers.jsonl")).inspect(photos)

    The file has one line of JSON for each answer or typed error, after one about the engine. A
    request is in it as a hash only: no photo, no instruction, none of the case's words; and no
    headers. What the engine wrote is in it as it came. A file that exists is added to.

    Args:
        wrapped: The engine.
        path: Of the file; made readable by its owner only.

    Raises:
        ConfigError: The file cannot be written, is no recording, or is one of another engine; or
            the engine's profile holds what looks like a key.
    """

    def __init__(self, wrapped: Transport, path: str | Path) -> None:
        self.wrapped = wrapped
        self._path = to_path(path, "recording")
        profile = get_profile(wrapped)
        settings = profile.model_dump_json(include={"settings"})
        if redact(settings) != settings:
            raise ConfigError(
                "the settings of the engine's profile hold what looks like a key or a private web "
                "address; they decide its answers only, so take it out"
            )
        self._identity = profile.identity
        header = _Header(identity=self._identity, profile=profile)
        try:
            self._write_line(header.model_dump_json(), os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            if _read_recording(self._path)[0].identity != self._identity:
                raise ConfigError(
                    f"{self._path.name} is a recording of another engine; give another path"
                ) from None
        except OSError as error:
            raise ConfigError(
                f"the recording {self._path.name} cannot be written ({error.strerror}); "
                "give a path in a folder that exists"
            ) from error

    @property
    def profile(self) -> EngineProfile:
        """The profile of the transport below."""
        return get_profile(self.wrapped)

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Passes the request on, and writes down what came back."""
        key = request.make_content_key(self._identity)
        try:
            response = await self.wrapped.send(request)
        except InspectIQError as error:
            self._write_entry(_Entry(key=key, failure=_to_failure(error)))
            raise
        self._write_entry(_Entry(key=key, response=response))
        return response

    async def aclose(self) -> None:
        """Closes the transport below."""
        await aclose(self.wrapped)

    def _write_entry(self, entry: _Entry) -> None:
        self._write_line(entry.model_dump_json(exclude={"response": {"rate_headers"}}))

    def _write_line(self, line: str, flags: int = 0) -> None:
        # One write for each line, so that lines of several threads or processes stay whole.
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND | flags, 0o600), "wb", 0) as f:
            f.write(f"{line}\n".encode())


class ReplayTransport:
    """Replays answers that `RecordingTransport` wrote down, and refuses any other request.

    The same request gets its answers and errors in the order in which they were recorded. One that
    was not recorded, or not as often, raises AssertionError. Usage is what was paid at the time.

    Args:
        path: Of the file.
        profile: The engine to pose as, such as with another number of photos in a request; the
            recorded one if not given. Requests are found by the recorded one in any case.

    Raises:
        ConfigError: The file cannot be read or is no recording.
    """

    def __init__(self, path: str | Path, *, profile: EngineProfile | None = None) -> None:
        path = to_path(path, "recording")
        self._name = path.name
        header, entries = _read_recording(path)
        self.profile: EngineProfile = profile or header.profile
        self._identity = header.identity
        self._left: defaultdict[str, deque[_Entry]] = defaultdict(deque)
        for entry in entries:
            self._left[entry.key].append(entry)
        self._recorded = set(self._left)

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Answers with what was recorded for the same request."""
        key = request.make_content_key(self._identity)
        await asyncio.sleep(0)
        try:
            entry = self._left[key].popleft()
        except IndexError:
            known = key in self._recorded
            raise AssertionError(
                f"{self._name}: the request about photos {', '.join(request.photo_ids)} "
                f"{'is asked more often than it was recorded' if known else 'was not recorded'}; "
                "record again if its photos, case, instructions or schema were meant to change"
            ) from None
        if entry.failure is not None:
            raise _to_error(entry.failure)
        assert entry.response is not None
        return entry.response


class _Header(Value):
    """The first line of a recording: the engine whose answers follow."""

    recording: Literal[1] = 1
    identity: str
    profile: EngineProfile


# What is written down of an error: nothing that names a photo, and no headers.
KEPT = frozenset(
    {
        "usage",
        "attempts",
        "provider",
        "request_id",
        "status_code",
        "retry_after",
        "retryable",
        "reason",
        "problems",
        "limit",
        "spent",
        "needed",
    }
)


def _to_failure(error: InspectIQError) -> dict[str, JsonValue]:
    """Turns an error into the form in which it is recorded; a subclass of ours as ours."""
    ours = next(base for base in type(error).__mro__ if base.__module__ == errors.__name__)
    message = str(error)
    if isinstance(error, PhotoError) and error.photo:
        message = message.replace(error.photo, "a photo")  # a file's name may be an address
    fields = {name: value for name, value in error.to_dict().items() if name in KEPT}
    return {"error": ours.__name__, "message": redact(message), **fields}


def _to_error(failure: Mapping[str, JsonValue]) -> InspectIQError:
    """Makes the error again from the form in which it was recorded.

    Raises:
        ValueError: It is none of ours.
    """
    error = InspectIQError.from_dict(failure)
    if type(error).__name__ != failure.get("error"):
        raise ValueError("no error of that name")
    return error


class _Entry(Value):
    """One line: a request's key, and its response or error."""

    key: str
    response: VisionResponse | None = None
    failure: Mapping[str, JsonValue] | None = None


def _read_recording(path: Path) -> tuple[_Header, list[_Entry]]:
    number = 1
    try:
        header, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        first = _Header.model_validate_json(header)
        entries = []
        for number, line in enumerate(lines, start=2):  # noqa: B007 - said where it fails
            entry = _Entry.model_validate_json(line)
            if entry.failure is not None:
                _to_error(entry.failure)
            elif entry.response is None:
                raise ValueError("nothing came of it")
            entries.append(entry)
    except OSError as error:
        raise ConfigError(
            f"the recording {path.name} cannot be read ({error.strerror}); "
            "record it first, with RecordingTransport"
        ) from error
    except (ValueError, TypeError, AttributeError):
        raise ConfigError(
            f"line {number} of {path.name} is none of a recording; record again"
        ) from None
    return first, entries
