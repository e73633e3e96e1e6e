# ruff: noqa: ASYNC240 - nobody waits for a test that reads a small file
import asyncio
import dataclasses
import io
import json
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inspectiq import (
    Case,
    ConfigError,
    EngineProfile,
    InspectionAgent,
    Photo,
    Transport,
    Usage,
    VisionRequest,
    VisionResponse,
    errors,
)
from inspectiq.domain import FrozenMap
from inspectiq.testing import (
    FunctionTransport,
    RecordingTransport,
    ReplayTransport,
    ScriptedTransport,
    TransportContract,
    make_answer,
    make_issue,
)
from tests.conftest import render_jpeg
from tests.transports.requests import request_of

PAID = Usage(requests=1, input_tokens=900, output_tokens=50, usd=None)
PROFILE = EngineProfile(
    provider="p", model="m", settings={"temperature": 0.5}, photos_per_request=2
)
FAILURES = (
    errors.InspectIQError("x", usage=PAID, attempts=2),
    errors.ConfigError("x"),
    errors.PhotoError("it cannot be read", reason="damaged"),
    errors.TransportError("x", provider="p", usage=PAID, attempts=2),
    errors.RateLimited("x", provider="p", status_code=429, retry_after=1.5, request_id="r"),
    errors.QuotaExhausted("x"),
    errors.AuthenticationFailed("x", status_code=401),
    errors.BadRequest("x", status_code=400, reason="too_large"),
    errors.ProviderTimeout("x"),
    errors.ProviderUnavailable("x", attempts=0),
    errors.OutputError("x"),
    errors.OutputTruncated("x", usage=Usage(output_tokens=9)),
    errors.OutputRefused("x"),
    errors.OutputFiltered("x"),
    errors.OutputInvalid("x", problems={0: "not JSON", 1: "no verdict"}, usage=PAID),
    errors.BudgetExceeded("x", limit=Decimal(1), spent=Decimal("0.9"), needed=Decimal("0.2")),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


@pytest.fixture
def asked() -> VisionRequest:
    return request_of(2)


class TestRecordingTransport(TransportContract):
    @pytest.fixture(autouse=True)
    def folder(self, path: Path) -> None:
        self.path = path

    def make_transport(self) -> Transport:
        return RecordingTransport(FunctionTransport(make_answer, prepare_photos=True), self.path)


class TestReplayTransport(TransportContract):
    @pytest.fixture(autouse=True)
    def recorded(self, path: Path) -> None:
        self.path = path
        RecordingTransport(FunctionTransport(make_answer), path)

    @pytest.fixture
    def request_of_two(self) -> VisionRequest:
        request = request_of(2)
        recording = RecordingTransport(FunctionTransport(make_answer), self.path)
        for _ in range(8):
            asyncio.run(recording.send(request))
        return request

    def make_transport(self) -> Transport:
        return ReplayTransport(self.path)


async def test_a_replay_answers_as_the_engine_did_and_in_that_order(
    asked: VisionRequest, path: Path
) -> None:
    engine = FunctionTransport(make_answer, prepare_photos=True, profile=PROFILE)
    full = await engine.send(asked)
    steps: list[Any] = [
        full.model_copy(update={"request_id": "r1", "usage": PAID, "raw": object()}),
        errors.RateLimited("slow down", provider="p", status_code=429, retry_after=2.0),
        full.model_copy(update={"finish": "length"}),
        full,
    ]
    again = dataclasses.replace(asked, ask=2)
    with ScriptedTransport(steps, profile=PROFILE) as scripted:
        recording = RecordingTransport(scripted, path)
        given: list[Any] = []
        for request in (asked, asked, again, asked):
            try:
                given.append(await recording.send(request))
            except errors.RateLimited as error:
                given.append(error)
    replay = ReplayTransport(path)
    assert replay.profile == recording.profile == PROFILE
    assert await replay.send(again) == given[2]
    assert await replay.send(asked) == given[0]
    with pytest.raises(errors.RateLimited, match="slow down") as caught:
        await replay.send(asked)
    assert vars(caught.value) == vars(given[1])
    assert await replay.send(asked) == given[3]
    with pytest.raises(AssertionError, match=r"p1, p2 is asked more often than it was recorded"):
        await replay.send(asked)


async def test_a_request_that_was_not_recorded_names_its_photos(
    asked: VisionRequest, path: Path
) -> None:
    await RecordingTransport(FunctionTransport(make_answer), path).send(asked)
    with pytest.raises(AssertionError, match=r"answers\.jsonl.*p1, p2 was not recorded"):
        await ReplayTransport(path).send(dataclasses.replace(asked, text="something else"))


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
async def test_every_error_comes_back_with_all_that_it_carries(
    asked: VisionRequest, path: Path, error: errors.InspectIQError
) -> None:
    with pytest.raises(type(error)) as given:
        await RecordingTransport(ScriptedTransport([error]), path).send(asked)
    assert given.value is error
    with pytest.raises(errors.InspectIQError) as caught:
        await ReplayTransport(path).send(asked)
    assert type(caught.value) is type(error)
    assert str(caught.value) == str(error)
    assert vars(caught.value) == vars(error)


async def test_an_error_of_the_hosts_own_comes_back_as_the_one_it_derives_from(
    asked: VisionRequest, path: Path
) -> None:
    class Overloaded(errors.ProviderUnavailable):
        reason = "a field of its own"

    with pytest.raises(Overloaded):
        await RecordingTransport(ScriptedTransport([Overloaded("x")]), path).send(asked)
    with pytest.raises(errors.ProviderUnavailable):
        await ReplayTransport(path).send(asked)


async def test_what_is_no_typed_error_is_not_recorded(asked: VisionRequest, path: Path) -> None:
    with pytest.raises(KeyError):
        await RecordingTransport(ScriptedTransport([KeyError("x")]), path).send(asked)
    with pytest.raises(AssertionError, match="was not recorded"):
        await ReplayTransport(path).send(asked)


def test_an_agent_puts_the_same_stack_around_a_recording_and_its_replay(
    photos: Callable[..., tuple[Photo, ...]], path: Path
) -> None:
    def answer(request: VisionRequest) -> str:
        left_out = [1] if request.ask == 1 else []  # so that it is asked again
        return make_answer(request, [make_issue("clog", 1)], leave_out=left_out)

    engine = FunctionTransport(answer, prepare_photos=True)
    first = InspectionAgent(RecordingTransport(engine, path)).inspect(photos(3), id="c1")
    second = InspectionAgent(ReplayTransport(path)).inspect(photos(3), id="c1")
    assert len(engine.requests) > 1
    assert second.model_copy(update={"created_at": first.created_at}) == first


def test_no_key_no_photo_and_no_word_of_the_case_is_in_the_file(path: Path) -> None:
    secret, mail, street = "sk-proj-abcdefghijk12345", "tenant@example.org", "12-elm-street.jpg"
    picture, exif, file = Image.open(io.BytesIO(render_jpeg(1))), Image.Exif(), io.BytesIO()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: "2024:05:06"})
    picture.save(file, "JPEG", exif=exif)
    assert b"2024:05:06" in file.getvalue()
    case = Case(
        id="c1",
        photos=(Photo.from_bytes(file.getvalue(), name=street),),
        description=f"The key {secret} works; write to {mail}.",
    )
    seen: list[VisionRequest] = []

    def answer(request: VisionRequest) -> Any:
        seen.append(request)
        failures = [
            errors.PhotoError(f"{street}: gone", photo=street, reason="not_found"),
            errors.ProviderUnavailable(
                f"https://user:pw@example.org/?k=v said {secret}",
                rate_headers={"x-api-key": secret},
                attempts=0,
            ),
        ]
        if len(seen) <= len(failures):
            return failures[len(seen) - 1]
        return VisionResponse(
            text=make_answer(request),
            engine=PROFILE.to_record(),
            rate_headers=FrozenMap({"authorization": secret}),
            raw=file.getvalue(),
        )

    engine = FunctionTransport(answer, profile=PROFILE, prepare_photos=True)
    agent = InspectionAgent(engine)
    (request,) = agent.plan(agent.examine(case))
    recording = RecordingTransport(engine, path)
    for _ in range(3):
        try:
            asyncio.run(recording.send(request))
        except errors.InspectIQError:
            continue
    assert secret in seen[0].text
    assert mail in seen[0].text
    written = path.read_bytes()
    assert len(written.splitlines()) == 4
    planted = [
        secret,
        mail,
        street,
        "elm",
        "user:pw",
        "k=v",
        "authorization",
        "2024:05:06",
        "The key",
    ]
    for text in (*planted, seen[0].instructions[:40], seen[0].photos[0].label):
        assert text.encode() not in written
    assert file.getvalue()[100:140] not in written


@pytest.mark.skipif(sys.platform == "win32", reason="file modes exist on Unix only")
def test_a_recording_is_for_its_owner_only(path: Path) -> None:
    RecordingTransport(FunctionTransport(make_answer), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_recording_is_added_to_by_the_same_engine_and_by_no_other(
    asked: VisionRequest, path: Path
) -> None:
    for _ in range(2):
        await RecordingTransport(FunctionTransport(make_answer, profile=PROFILE), path).send(asked)
    assert len(path.read_text().splitlines()) == 3
    other = FunctionTransport(make_answer, profile=EngineProfile(model="another"))
    with pytest.raises(ConfigError, match="of another engine; give another path"):
        RecordingTransport(other, path)
    replay = ReplayTransport(path, profile=EngineProfile(photos_per_request=9))
    assert replay.profile.photos_per_request == 9
    for _ in range(2):
        assert (await replay.send(asked)).text == make_answer(asked)


def test_a_profile_with_a_key_in_its_settings_is_not_written(path: Path) -> None:
    leaky = EngineProfile(settings={"key": "sk-proj-abcdefghijk12345"})
    with pytest.raises(ConfigError, match="looks like a key") as caught:
        RecordingTransport(FunctionTransport(make_answer, profile=leaky), path)
    assert "abcdefghijk" not in str(caught.value)
    assert not path.exists()


def test_threads_write_whole_lines(asked: VisionRequest, path: Path) -> None:
    recording = RecordingTransport(FunctionTransport(make_answer), path)

    async def many() -> None:
        await asyncio.gather(*(recording.send(asked) for _ in range(10)))

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(asyncio.run, many()) for _ in range(4)]:
            future.result(10)
    lines = path.read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == 41


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("no JSON", 1),
        ("{header}\n{}", 2),
        ('{header}\n{"key": "k"}', 2),
        ('{header}\n{entry}\n{"key": "k", "failure": {"error": "Mapping", "message": "x"}}', 3),
        ('{header}\n{entry}\n{"key": "k", "failure": {"error": "Nothing", "message": "x"}}', 3),
        ('{header}\n{entry}\n{"key": "cut o', 3),
    ],
)
async def test_a_file_that_is_no_recording_says_which_line(
    asked: VisionRequest, path: Path, text: str, line: int
) -> None:
    engine = FunctionTransport(make_answer)
    await RecordingTransport(engine, path).send(asked)
    header, entry = path.read_text().splitlines()
    path.write_text(text.replace("{header}", header).replace("{entry}", entry))
    for make in (lambda: ReplayTransport(path), lambda: RecordingTransport(engine, path)):
        with pytest.raises(ConfigError, match=rf"line {line} of answers\.jsonl"):
            make()


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="record it first"):
        ReplayTransport(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="a folder that exists"):
        RecordingTransport(FunctionTransport(make_answer), tmp_path / "nowhere" / "a.jsonl")


async def test_closing_a_recording_closes_the_engine(path: Path) -> None:
    closed = []

    class Engine(FunctionTransport):
        async def aclose(self) -> None:
            closed.append(True)

    await RecordingTransport(Engine(make_answer), path).aclose()
    assert closed == [True]
