"""What a call was given is looked for in the frames of what it raises, as error trackers do."""

from __future__ import annotations

import asyncio
import base64
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import pytest
from PIL import Image

import inspectiq
from inspectiq import (
    BudgetExceeded,
    Case,
    ConfigError,
    DeliveryError,
    Diagnosis,
    DiagnosisAgent,
    IncompleteResult,
    Inspection,
    InspectionAgent,
    InspectIQError,
    InvalidWebhook,
    Issue,
    Limits,
    OfflineTransport,
    OpenAITransport,
    OutputError,
    Photo,
    PhotoError,
    Problem,
    Property,
    TransportError,
    VisionRequest,
    VisionResponse,
    WebhookNotifier,
    WrapperTransport,
    regrade_all,
    screen,
    verify_webhook,
    write_report,
)
from inspectiq.testing import (
    FunctionTransport,
    ScriptedTransport,
    make_answer,
    make_issue,
    make_problem,
)
from inspectiq.transports import AnswerBuilder
from inspectiq.webhooks import MemoryOutbox, SQLiteOutbox, create_secret
from tests.conftest import render_jpeg
from tests.transports.openai.stand_in import Answer, StandIn, chat, failure, responses, seen
from tests.transports.requests import request_of

HOME = str(Path(inspectiq.__file__).parent)
WORDS = "Planteddrip behind the Plantedtiles"
ADDRESS = "Plantedstrasse 7"
JPEG = render_jpeg(1)
PLANTED = ("Planted", repr(JPEG[:24])[2:-1], base64.b64encode(JPEG[:24]).decode())
SERVER_FAULTS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "400": lambda _: failure(400),
    "401": lambda _: failure(401, "invalid_api_key"),
    "404": lambda _: failure(404, "model_not_found"),
    "429": lambda _: failure(429),
    "no credit": lambda _: failure(429, "insufficient_quota"),
    "500": lambda _: failure(500),
    "hangs": lambda _: Answer({}, hang=2),
    "reset": lambda _: Answer({}, fault="reset"),
    "broken off": lambda body: Answer(responses(seen(body)).body, fault="truncate"),
    "echo": lambda body: Answer({"error": {"message": str(body)}}, 400),
    "page": lambda _: Answer(f"<html>{WORDS}</html>"),
    "cut": lambda _: responses(WORDS, status="incomplete"),
    "refusal": lambda _: chat("", refusal=WORDS),
    "error in a 200": lambda _: Answer({"error": {"message": WORDS, "code": 403}}),
}


# -- the walk --------------------------------------------------------------------------------------


def list_errors(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came from, also where that is not shown, and the parts of groups."""
    todo: list[BaseException | None] = [error]
    told: set[int] = set()
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in told:
            told.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__]
            todo += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def list_frames(error: BaseException) -> Iterator[FrameType]:
    """The frames of an error, but for those of the caller, which are above inspectiq's first."""
    for one in list_errors(error):
        frames = [frame for frame, _ in traceback.walk_tb(one.__traceback__)]
        ours = [frame.f_code.co_filename.startswith(HOME) for frame in frames]
        yield from frames[ours.index(True) if any(ours) else 0 :]


def find_planted(error: BaseException) -> list[str]:
    """The places where something planted is held: in frames, or in the error's own words."""
    found = [f"{type(one).__name__}: {one}" for one in list_errors(error)]
    held = [text for text in found if "Planted" in text]
    for frame in list_frames(error):
        for name, value in frame.f_locals.items():
            whole = repr(value)
            if any(planted in whole for planted in PLANTED):
                held.append(f"{frame.f_code.co_qualname}: {name} = {whole[:100]}")
    return held


async def catch(doing: Awaitable[Any] | Callable[[], Any]) -> BaseException:
    """What is raised by something that must raise, in a thread where it is not awaited."""
    try:
        await (asyncio.to_thread(doing) if callable(doing) else doing)
    except (Exception, asyncio.CancelledError) as error:
        return error
    raise AssertionError("nothing was raised")


def shot(**fields: Any) -> Photo:
    return Photo.from_bytes(JPEG, name="1.jpg", **fields)


def case(**fields: Any) -> Case:
    where = Property(address=ADDRESS, country="US")
    return Case(photos=(shot(),), description=WORDS, property=where, **fields)


def engine_at(server: StandIn, **options: Any) -> OpenAITransport:
    key = "sk-not-a-key-1234"
    return OpenAITransport("gpt-4.1", base_url=server.url, api_key=key, **options)


# -- the engine ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("fault", SERVER_FAULTS)
async def test_no_fault_of_a_server_brings_the_request_along(fault: str) -> None:
    request = request_of(1)
    planted = VisionRequest(request.instructions, WORDS, request.photos, request.schema)
    with StandIn(SERVER_FAULTS[fault]) as server:
        api: Any = "chat" if fault == "refusal" else "responses"
        engine = engine_at(server, api=api, timeout=0.1 if fault == "hangs" else 20)
        await engine.aopen()
        raised = [
            await catch(check_answer(engine, planted)),
            *[error async for error in run_agents(engine)],
        ]
        await engine.aclose()
    assert isinstance(raised[0], TransportError | OutputError)
    for error in raised:
        assert not find_planted(error)


async def check_answer(engine: OpenAITransport, request: VisionRequest) -> None:
    """Sends a request, and looks at how its answer ended, as an agent's stack does."""
    from inspectiq.transports import check_response

    check_response(request, await engine.send(request))


async def run_agents(engine: OpenAITransport) -> Any:
    """What all ways to run an agent raise; a failed result is raised by itself."""
    inspector = InspectionAgent(engine, limits=Limits(deadline=3))
    diagnoser = DiagnosisAgent(engine, limits=Limits(deadline=3))

    async def inspect() -> None:
        (await inspector.ainspect([JPEG], description=WORDS)).raise_for_status()

    async def diagnose() -> None:
        (await diagnoser.adiagnose([JPEG], WORDS)).raise_for_status()

    yield await catch(inspect())
    yield await catch(diagnose())
    yield await catch(lambda: inspector.inspect([JPEG], description=WORDS).raise_for_status())
    yield await catch(lambda: diagnoser.diagnose([JPEG], WORDS).raise_for_status())


async def test_the_walk_finds_what_is_planted_where_frames_are_left_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("inspectiq._tracebacks._strip_locals", lambda *_: None)
    with StandIn(SERVER_FAULTS["401"]) as server:
        engine = engine_at(server)
        held = [find_planted(error) async for error in run_agents(engine)]
        await engine.aclose()
    assert all(held)


async def test_a_call_that_is_cancelled_or_waited_for_too_long_brings_nothing_along() -> None:
    arrived = threading.Event()

    def hang(_: object) -> Answer:
        arrived.set()
        return Answer({}, hang=2)

    with StandIn(hang) as server:
        engine = engine_at(server)
        agent = InspectionAgent(engine)
        await engine.aopen()
        running = asyncio.create_task(agent.ainspect([JPEG], description=WORDS))
        await asyncio.to_thread(arrived.wait, 20)
        running.cancel()
        cancelled = await catch(running)
        late = await catch(asyncio.wait_for(agent.ainspect(case()), 0.2))
        await engine.aclose()
    assert isinstance(cancelled, asyncio.CancelledError)
    assert isinstance(late, TimeoutError)
    assert not find_planted(cancelled)
    assert not find_planted(late)


async def test_a_group_of_tasks_that_failed_brings_nothing_along() -> None:
    agent = InspectionAgent(AGENTS)

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(agent.ainspect([JPEG], description=WORDS, year=1990))  # type: ignore[call-arg]

    error = await catch(run())
    assert isinstance(error, ExceptionGroup)
    assert not find_planted(error)


# -- all else that an agent raises -----------------------------------------------------------------


class Tell(InspectionAgent):
    def refine(self, observation: Any, case: Any) -> Any:
        raise ZeroDivisionError("in an override")


class Loud:
    """An engine of the host's that holds what it was given, and fails."""

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        body = {"text": request.text, "picture": (await shot().aprepare_for()).jpeg}
        raise AssertionError(f"called against its script with {len(body)} parts")


def fail_at_refining() -> object:
    engine = FunctionTransport(lambda r: make_answer(r, [make_issue("wall_hole", 1)]))
    return Tell(engine).inspect([JPEG], description=WORDS)


def tell_no_price() -> object:
    engine = OpenAITransport("gpt-4.1", api_key="sk-not-a-key-1234")
    limits = Limits(usd=Decimal("0.0000001"))
    return InspectionAgent(engine, limits=limits).inspect([JPEG], description=WORDS)


def answer_nothing_asked() -> object:
    engine = FunctionTransport(lambda r: make_answer(r, [make_problem("clog")]))
    agent = DiagnosisAgent(engine)
    return agent.answer(agent.diagnose(description=WORDS), {"q-none": WORDS}, photos=[JPEG])


AGENTS = FunctionTransport(make_answer)


def make_result() -> Inspection:
    engine = FunctionTransport(lambda r: make_answer(r, [make_issue("clog", 1, description=WORDS)]))
    return InspectionAgent(engine).inspect([JPEG], description=WORDS)


def edit_wrongly() -> None:
    make_result().issues[0].with_review(
        "edited", by="me", at=datetime(2026, 1, 1, tzinfo=UTC), because=WORDS, quantity=WORDS
    )


CALLER_FAULTS: dict[str, tuple[Callable[[], object], type[Exception]]] = {
    "unknown field": (
        lambda: InspectionAgent(AGENTS).inspect([JPEG], description=WORDS, yeer=1),  # type: ignore[call-arg]
        ConfigError,
    ),
    "wrong field": (
        lambda: DiagnosisAgent(AGENTS).diagnose([JPEG], WORDS, language="Planted no language"),
        ConfigError,
    ),
    "words too long": (
        lambda: DiagnosisAgent(AGENTS).diagnose([JPEG], WORDS * 10_000),
        ConfigError,
    ),
    "what is no photo": (
        lambda: InspectionAgent(AGENTS).inspect([JPEG, 5], description=WORDS),
        ConfigError,
    ),
    "a case and more": (lambda: InspectionAgent(AGENTS).inspect(case(), id="x"), ConfigError),
    "preview": (
        lambda: InspectionAgent(AGENTS).preview([JPEG], description=WORDS, yeer=1),  # type: ignore[call-arg]
        ConfigError,
    ),
    "budget": (tell_no_price, BudgetExceeded),
    "override": (fail_at_refining, ZeroDivisionError),
    "a double against its script": (
        lambda: InspectionAgent(Loud()).inspect([JPEG], description=WORDS),
        AssertionError,
    ),
    "script ended": (
        lambda: InspectionAgent(ScriptedTransport([])).inspect([JPEG], description=WORDS),
        AssertionError,
    ),
    "answers": (answer_nothing_asked, ConfigError),
    "screen": (lambda: screen(WORDS.encode()), ConfigError),  # type: ignore[arg-type]
    "an edit of a finding": (edit_wrongly, ConfigError),
    "a stored text that is none": (
        lambda: next(regrade_all([make_result().to_json()[:-9]], severity="nspire")),
        ConfigError,
    ),
    "a stored text with a wrong field": (
        lambda: next(
            regrade_all(
                [make_result().to_json().replace('"complete"', '"Planted"')], severity="house"
            )
        ),
        ConfigError,
    ),
}


@pytest.mark.parametrize("fault", CALLER_FAULTS)
async def test_no_fault_of_the_caller_brings_words_or_pictures_along(fault: str) -> None:
    doing, kind = CALLER_FAULTS[fault]
    error = await catch(doing)
    assert isinstance(error, kind), error
    assert not find_planted(error)
    assert next(list_frames(error)).f_code.co_filename.startswith(HOME)


# -- photos, reports, results ----------------------------------------------------------------------


def blur(picture: Image.Image) -> Image.Image:
    held = picture.tobytes()
    raise OSError(f"no model for {len(held)} bytes")


def load() -> bytes:
    held = JPEG
    raise OSError(f"no storage for {len(held)} bytes")


PHOTOS: dict[str, Photo] = {
    "cut": Photo.from_bytes(JPEG[:300], name="cut.jpg"),
    "a text": Photo.from_bytes(WORDS.encode(), name="words.jpg"),
    "prepare": shot(prepare=blur),
    "prepare returns a text": shot(prepare=lambda _: WORDS),
    "loader": Photo.from_loader("k", load),
    "loader returns a text": Photo.from_loader("k", lambda: WORDS),  # type: ignore[arg-type]
    "gone": Photo.from_path("no/such.jpg"),
    "refused": Photo.from_url("http://10.0.0.1/a.jpg?Planted=1"),
}


@pytest.mark.parametrize("name", PHOTOS)
async def test_no_photo_that_cannot_be_used_brings_pixels_along(name: str) -> None:
    photo = PHOTOS[name]
    agent = InspectionAgent(FunctionTransport(make_answer))
    for error in (
        await catch(photo.aprepare_for()),
        await catch(photo.prepare_for),
        await catch(lambda: agent.inspect([photo], description=WORDS).raise_for_status()),
        agent.examine(case().with_photos((photo,))).photos[0].examined.error,  # type: ignore[union-attr]
    ):
        assert isinstance(error, PhotoError | IncompleteResult)
        assert not find_planted(error)


NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def test_results_and_reports_that_fail_bring_nothing_along(tmp_path: Path) -> None:
    result = InspectionAgent(FunctionTransport(make_answer)).run(case())
    (tmp_path / "file").touch()
    for doing in (
        lambda: write_report(result, tmp_path / "file" / "x"),
        lambda: result.with_review("f-none", "accepted", by="jo", at=NOW, because=WORDS),
        lambda: result["p9"],
    ):
        error = await catch(doing)
        assert not find_planted(error)


# -- webhooks --------------------------------------------------------------------------------------


class FullOutbox(MemoryOutbox):
    async def add(self, messages: Any, *, now: float) -> Any:
        bodies = [message.body for message in messages]
        raise DeliveryError(f"no room for {len(bodies)}", reason="full")


async def test_webhooks_that_are_not_accepted_bring_nothing_along(tmp_path: Path) -> None:
    result = InspectionAgent(FunctionTransport(make_answer)).run(case())
    closed = SQLiteOutbox(tmp_path / "outbox.sqlite")
    await closed.aclose()
    (tmp_path / "outbox.sqlite").write_bytes(b"no database any more")
    for outbox in (FullOutbox(), closed):
        notifier = WebhookNotifier(
            "https://crm.example/hooks", secret=create_secret(), outbox=outbox, background=False
        )
        notify = partial(notifier.notify, result)
        for error in (await catch(notifier.anotify(result)), await catch(notify)):
            assert isinstance(error, InspectIQError)
            assert not find_planted(error)
        await notifier.aclose()


async def test_a_webhook_that_is_refused_brings_nothing_of_itself_along() -> None:
    body = f'{{"data": {{"description": "{WORDS}"}}}}'.encode()
    headers = {"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,Planted"}
    error = await catch(lambda: verify_webhook(body, headers, create_secret()))
    assert isinstance(error, InvalidWebhook)
    assert not find_planted(error)


# -- what stays ------------------------------------------------------------------------------------


def test_what_the_caller_is_handling_stays_as_it_is() -> None:
    def fail(mine: str) -> None:
        raise KeyError("of the caller")

    agent = InspectionAgent(FunctionTransport(make_answer))
    try:
        fail("a value of the caller")
    except KeyError as handled:
        with pytest.raises(ConfigError) as caught:
            agent.inspect([])
        step = handled.__traceback__
        assert step is not None
        assert step.tb_next is not None
        assert step.tb_next.tb_frame.f_locals == {"mine": "a value of the caller"}
        assert caught.value.__traceback__ is not None


async def test_files_lines_and_functions_stay_also_of_a_host_s_own_code() -> None:
    error = await catch(fail_at_refining)
    shown = "".join(traceback.format_exception(error))
    assert 'raise ZeroDivisionError("in an override")' in shown
    assert "in refine" in shown
    assert "_agent.py" in shown


def test_every_frame_that_is_left_says_its_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        fail_at_refining()
    _, _, *steps = traceback.walk_tb(caught.value.__traceback__)  # the first two are the caller's
    assert len(steps) > 5
    assert [frame.f_lineno for frame, _ in steps] == [line for _, line in steps]


@pytest.mark.parametrize("after", [-70, -1, 0, 1, 31, 32, 63, 64, 5_000, 200_000])
def test_a_frame_says_its_line_however_long_the_function_is(after: int) -> None:
    from inspectiq._tracebacks import _empty, _place_on_line

    first = 100_000
    code = _empty.__code__.replace(co_linetable=_place_on_line(after), co_firstlineno=first)
    assert set(code.co_positions()) == {(first + after, first + after, None, None)}


class Watching(WrapperTransport):
    """A host's wrapper, which looks at what the engine below raised."""

    seen: BaseException | None = None

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        try:
            return await super().send(request)
        except Exception as error:
            self.seen = error
            raise


@pytest.mark.usefixtures("no_waits")
async def test_a_host_s_wrapper_sees_no_body_either() -> None:
    with StandIn(SERVER_FAULTS["500"]) as server:
        engine = engine_at(server)
        watching = Watching(engine)
        await InspectionAgent(watching).ainspect(case())
        await engine.aclose()
    assert watching.seen is not None
    assert not find_planted(watching.seen)


@pytest.mark.parametrize(
    "kind",
    [
        *(InspectionAgent, DiagnosisAgent, OpenAITransport, OfflineTransport, Photo),
        *(WebhookNotifier, Issue, Problem, Inspection, Diagnosis, AnswerBuilder),
    ],
)
def test_no_public_method_is_left_out(kind: type) -> None:
    for base in kind.__mro__:
        if base.__module__.startswith("inspectiq"):
            for name, method in vars(base).items():
                ours = method.__module__.startswith("inspectiq") if callable(method) else False
                if ours and isinstance(method, FunctionType) and not name.startswith("_"):
                    assert hasattr(method, "__wrapped__"), f"{base.__name__}.{name}"


# -- short forms -----------------------------------------------------------------------------------


async def test_what_holds_pictures_or_words_is_shown_short() -> None:
    agent = DiagnosisAgent(FunctionTransport(lambda r: make_answer(r, [make_problem("clog")])))
    examined = await agent.aexamine(case(id="c-1"))
    (request,) = agent.plan(examined)
    response = VisionResponse(text=f'"{WORDS}"', engine=agent.profile.to_record())
    result = await agent.arun(examined)
    told = [examined, examined.facts, examined.photos[0], request, response, result]
    told += [await examined.photos[0].aprepare_for(), *request.photos]
    for one in told:
        for shown in (repr(one), str(one)):
            assert not any(planted in shown for planted in PLANTED), shown
    assert (
        repr(request)
        == f"<VisionRequest p1 ({len(request.instructions + request.text)} characters, ask 1)>"
    )
    assert isinstance(result, Diagnosis)
    assert repr(result).startswith(f"Diagnosis(id='{result.id}', status='complete', case='c-1', ")
    assert len(max(map(repr, told), key=len)) < 1_500


def test_an_answer_read_back_is_the_same_whatever_is_shown() -> None:
    facts = case().facts
    assert type(facts).model_validate_json(facts.model_dump_json()) == facts
    assert WORDS in facts.model_dump_json()
