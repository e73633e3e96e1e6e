"""Accepting and delivering, through a real server on this machine."""

import asyncio
import itertools
import json
import pickle
import random
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import respx

from inspectiq import (
    DeliveryError,
    InspectionAgent,
    Photo,
    VisionRequest,
    WebhookNotifier,
    verify_webhook,
)
from inspectiq import events as events_module
from inspectiq.events import Event
from inspectiq.net import NetPolicy
from inspectiq.reports import Brand
from inspectiq.testing import (
    FakeClock,
    FunctionTransport,
    ReceiverAnswer,
    WebhookReceiver,
    make_answer,
)
from inspectiq.webhooks import (
    Endpoint,
    MemoryOutbox,
    Pace,
    Schedule,
    SQLiteOutbox,
    WebhookRequest,
    WebhookResponse,
    create_secret,
)
from tests.conftest import render_jpeg
from tests.webhooks.results import an_emergency, an_inspection, numbered

SECRET = create_secret()
NOWHERE = "https://hooks.example/in"


class Watcher:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event, /) -> None:
        self.events.append(event)

    def of(self, name: str) -> list[Any]:
        return [event for event in self.events if type(event).__name__ == name]


class Scripted:
    """A transport that answers as it is told, at once."""

    def __init__(self, *answers: int | WebhookResponse | Exception | None) -> None:
        self.answers, self.requests = list(answers), list[WebhookRequest]()

    async def send(self, request: WebhookRequest, /) -> WebhookResponse | None:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return WebhookResponse(status_code=answer) if isinstance(answer, int) else answer


def held(clock: FakeClock, transport: Any, **options: Any) -> WebhookNotifier:
    """A notifier whose time the test holds."""
    fields: dict[str, Any] = {
        "endpoints": Endpoint(url=NOWHERE, secret=SECRET, name="crm"),
        "outbox": MemoryOutbox(),
        "background": False,
        **options,
    }
    return WebhookNotifier(fields.pop("endpoints"), clock=clock, transport=transport, **fields)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


# -- accepting ---------------------------------------------------------------------------------


def test_what_was_accepted_is_delivered_signed_and_byte_for_byte(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    with WebhookNotifier(
        receiver.url, secret=receiver.secret, policy=receiver.policy, outbox=tmp_path / "o.sqlite"
    ) as notifier:
        (receipt,) = notifier.notify(an_inspection())
        (stored,) = notifier.messages(an_inspection())
        (came,) = receiver.wait_for(1)
    assert (came.id, came.type, came.fault) == (receipt.id, "inspection.completed", "")
    assert came.body == stored.body
    assert came.headers["content-type"] == "application/json"
    assert came.data["report"] == an_inspection().to_markdown()


def test_a_repeated_notify_is_one_event(receiver: WebhookReceiver, tmp_path: Path) -> None:
    with WebhookNotifier(
        receiver.url,
        secret=receiver.secret,
        policy=receiver.policy,
        outbox=tmp_path / "o.sqlite",
        background=False,
    ) as notifier:
        news = [notifier.notify(an_inspection())[0].new for _ in range(3)]
        assert notifier.deliver_due().delivered == 1
        news.append(notifier.notify(an_inspection())[0].new)  # also once it was delivered
        assert notifier.deliver_due().delivered == 1 - 1
    assert news == [True, False, False, False]
    assert len(receiver.received) == 1


def test_each_endpoint_gets_what_it_wants_in_the_form_that_it_wants() -> None:
    transport = Scripted(200)
    notifier = held(
        FakeClock(),
        transport,
        endpoints=[
            Endpoint(url=NOWHERE, name="all", secret=SECRET),
            Endpoint(url=NOWHERE, name="thin", body="thin"),
            Endpoint(url=NOWHERE, name="urgent", events=("emergency.*",)),
            Endpoint(url=NOWHERE, name="inspections", results=("inspection",)),
            Endpoint(url=NOWHERE, name="failed", events=("*.failed",), headers={"x-key": "k"}),
        ],
    )
    notifier.notify(an_inspection())
    notifier.notify(an_emergency())
    notifier.deliver_due()
    got = sorted((request.endpoint, request.type) for request in transport.requests)
    assert got == [
        ("all", "diagnosis.completed"),
        ("all", "emergency.detected"),
        ("all", "inspection.completed"),
        ("inspections", "inspection.completed"),
        ("thin", "diagnosis.completed"),
        ("thin", "emergency.detected"),
        ("thin", "inspection.completed"),
        ("urgent", "emergency.detected"),
    ]
    by_endpoint = {request.endpoint: request for request in transport.requests}
    assert "report" not in json.loads(by_endpoint["thin"].body)["data"]
    assert "webhook-signature" not in by_endpoint["thin"].headers
    signed = by_endpoint["all"]
    at = float(signed.headers["webhook-timestamp"])
    assert verify_webhook(signed.body, signed.headers, SECRET, clock=lambda: at).id == signed.id


def test_a_result_that_nobody_wants_makes_no_event() -> None:
    notifier = held(
        FakeClock(), Scripted(200), endpoints=Endpoint(url=NOWHERE, events=("diagnosis.*",))
    )
    assert notifier.notify(an_inspection()) == ()


def test_a_body_over_the_limit_is_refused_and_nothing_is_kept() -> None:
    notifier = held(
        FakeClock(),
        Scripted(200),
        endpoints=[Endpoint(url=NOWHERE, name="thin", body="thin"), Endpoint(url=NOWHERE)],
    )
    case = an_inspection().case.model_copy(update={"id": "x" * 300_000})
    with pytest.raises(DeliveryError, match="thin") as caught:
        notifier.notify(numbered(1, case=case))
    assert caught.value.reason == "too_large"
    assert asyncio.run(notifier.outbox.list_records(now=0)) == ()


def test_large_bodies_are_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    outcomes = an_inspection().photos * 40
    notifier = held(FakeClock(), Scripted(200))
    for number in range(3):
        notifier.notify(numbered(number, photos=outcomes))
    assert sum("large" in record.message for record in caplog.records) == 1


def test_links_are_made_of_the_base_or_by_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(notifier: WebhookNotifier, result: Any) -> Any:
        return json.loads(notifier.messages(result)[-1].body)["data"]["link"]

    assert link(held(FakeClock(), Scripted(200)), numbered(1)) is None
    monkeypatch.setenv("BACKEND_BASE_URL", "https://b.example/")
    notifier = held(FakeClock(), Scripted(200))
    assert link(notifier, numbered(1)) == "https://b.example/api/v1/inspections/result-1"
    own = held(FakeClock(), Scripted(200), link=lambda result: f"app://{result.case.id}")
    assert link(own, numbered(1)) == "app://case-1"
    diagnosis = an_emergency().model_copy(update={"id": "d-1"})
    assert link(notifier, diagnosis) == "https://b.example/api/v1/diagnoses/d-1"


def test_messages_that_a_host_kept_itself_are_handed_on_as_often_as_it_likes() -> None:
    watcher, transport = Watcher(), Scripted(200)
    notifier = held(FakeClock(), transport, observers=[watcher])
    messages = notifier.messages(an_inspection())
    assert [one.new for _ in range(3) for one in notifier.enqueue(messages)] == [True, False, False]
    assert notifier.enqueue(()) == ()
    assert (notifier.deliver_due().delivered, len(watcher.of("WebhookAccepted"))) == (1, 1)


def test_a_new_process_takes_up_what_the_last_one_left(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"policy": receiver.policy, "outbox": tmp_path / "o.sqlite"}
    with WebhookNotifier(receiver.url, background=False, **options) as notifier:
        notifier.notify(an_inspection())
    with WebhookNotifier(receiver.url, **options):
        receiver.wait_for(1)


# -- as a sink ---------------------------------------------------------------------------------


def scripted_agent(*sinks: WebhookNotifier, observers: Any = ()) -> InspectionAgent:
    def answer(request: VisionRequest) -> str:
        return make_answer(request, [])

    return InspectionAgent(FunctionTransport(answer), sinks=sinks, observers=observers)


def test_an_agent_tells_its_results(receiver: WebhookReceiver, tmp_path: Path) -> None:
    with WebhookNotifier(
        receiver.url, secret=receiver.secret, policy=receiver.policy, outbox=tmp_path / "o.sqlite"
    ) as notifier:
        result = scripted_agent(notifier).inspect([Photo.from_bytes(render_jpeg(1))])
        (came,) = receiver.wait_for(1)
    assert came.data["id"] == result.id


def test_an_outbox_that_cannot_be_used_fails_no_inspection(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite"
    notifier = held(FakeClock(), Scripted(200), outbox=path)
    path.write_bytes(b"this is no database" * 1000)
    watcher = Watcher()
    agent = scripted_agent(notifier, observers=[watcher])
    assert agent.inspect([Photo.from_bytes(render_jpeg(1))]).status == "complete"
    (failed,) = watcher.of("SinkFailed")
    assert (failed.sink, failed.error) == ("WebhookNotifier", "DeliveryError")


# -- the schedule ------------------------------------------------------------------------------


def attempts_of(transport: Scripted) -> list[int]:
    return [int(request.headers["webhook-timestamp"]) for request in transport.requests]


def through_all_attempts(notifier: WebhookNotifier, clock: FakeClock) -> None:
    for _ in range(40):
        notifier.deliver_due()
        due = asyncio.run(notifier.outbox.find_next_due(notifier.endpoints))
        if due is None:
            return
        clock.advance(max(0.0, due - clock.time()))
    raise AssertionError("it never ended")


@pytest.mark.parametrize("seed", range(5))
def test_ten_attempts_keep_to_the_schedule_then_it_is_a_dead_letter(seed: int) -> None:
    clock, transport, watcher = FakeClock(), Scripted(500), Watcher()
    notifier = held(clock, transport, observers=[watcher], random=random.Random(seed).random)
    begun = clock.time()
    (receipt,) = notifier.notify(an_inspection())
    through_all_attempts(notifier, clock)

    times = [begun, *attempts_of(transport)]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(waits) == 10
    for wait, planned in zip(waits, Schedule().waits, strict=True):
        assert 0.8 * planned - 1 <= wait <= 1.2 * planned + 1
    assert {request.id for request in transport.requests} == {receipt.id}
    assert len({request.body for request in transport.requests}) == 1
    assert [event.attempt for event in watcher.of("WebhookAttemptFailed")] == [*range(1, 11)]
    (dead,) = watcher.of("WebhookDeadLettered")
    assert (dead.webhook_id, dead.attempts, dead.reason) == (receipt.id, 10, "http_500")
    (record,) = asyncio.run(notifier.outbox.list_records(state="dead", now=clock.time()))
    assert (record.attempts, record.reason) == (10, "http_500")

    transport.answers = [200]
    assert notifier.replay() == 1
    assert notifier.deliver_due().delivered == 1
    assert transport.requests[-1].id == receipt.id
    assert transport.requests[-1].body == transport.requests[0].body


@pytest.mark.parametrize(
    ("headers", "at_least", "at_most"),
    [
        ({"retry-after": "7200"}, 7200, 7200),
        ({"Retry-After": "1e9"}, 86_400, 86_400),
        ({"retry-after": "-1"}, 4, 6),
        ({"retry-after": "soon"}, 4, 6),
        ({"retry-after": "1"}, 4, 6),
        ({"retry-after": "Fri, 15 Jan 2027 09:00:00 GMT"}, 3600, 3600),
    ],
)
def test_an_endpoint_is_never_asked_earlier_than_it_says_and_not_much_later(
    headers: dict[str, str], at_least: float, at_most: float
) -> None:
    clock = FakeClock(start=1_800_000_000.0)  # 2027-01-15 08:00:00 UTC
    notifier = held(clock, Scripted(WebhookResponse(status_code=500, headers=headers)))
    notifier.notify(an_inspection())
    notifier.deliver_due()
    due = asyncio.run(notifier.outbox.find_next_due(notifier.endpoints))
    assert due is not None
    assert at_least <= due - clock.time() <= at_most


@pytest.mark.parametrize("answer", [429, 503, TimeoutError()])
def test_an_endpoint_that_is_busy_rests_for_a_minute(answer: int | Exception) -> None:
    clock = FakeClock()
    notifier = held(clock, Scripted(answer))
    notifier.notify(an_inspection())
    notifier.deliver_due()
    due = asyncio.run(notifier.outbox.find_next_due(notifier.endpoints))
    assert due == clock.time() + 60


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 307, 304, 400, 404, 500, 599, 999])
def test_only_2xx_is_success(status: int) -> None:
    notifier = held(FakeClock(), Scripted(status))
    notifier.notify(an_inspection())
    assert notifier.deliver_due().failed == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_all_of_2xx_is(status: int) -> None:
    notifier = held(FakeClock(), Scripted(status))
    notifier.notify(an_inspection())
    assert notifier.deliver_due().delivered == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_likely_permanent_is_flagged_and_tried_on(status: int) -> None:
    clock, watcher = FakeClock(), Watcher()
    notifier = held(clock, Scripted(status), observers=[watcher])
    notifier.notify(an_inspection())
    notifier.deliver_due()
    (failed,) = watcher.of("WebhookAttemptFailed")
    assert (failed.likely_permanent, failed.reason) == (True, f"http_{status}")
    assert failed.wait < 7
    (record,) = asyncio.run(notifier.outbox.list_records(now=clock.time()))
    assert (record.state, record.likely_permanent) == ("pending", True)


def test_an_endpoint_that_is_gone_is_disabled_and_its_queue_parked() -> None:
    clock, watcher, transport = FakeClock(), Watcher(), Scripted(410)
    notifier = held(clock, transport, observers=[watcher])
    for number in range(3):
        notifier.notify(numbered(number))
    notifier.deliver_due()
    tried = len(transport.requests)
    assert watcher.of("EndpointDisabled")[0].endpoint == "crm"
    notifier.notify(numbered(3))  # accepted and parked
    clock.advance(86_400)
    assert notifier.deliver_due().failed == 0
    assert len(transport.requests) == tried
    (counted,) = asyncio.run(notifier.outbox.count(now=clock.time()))
    assert (counted.pending, counted.disabled) == (4, "http_410")

    transport.answers = [200]
    notifier.enable("crm")
    assert notifier.deliver_due().delivered == 4


def test_an_open_breaker_uses_up_no_attempts_and_a_probe_closes_it() -> None:
    clock, transport = FakeClock(), Scripted(500)
    notifier = held(clock, transport, pace=Pace(failures=4, rest=60))
    for number in range(10):
        notifier.notify(numbered(number))
    notifier.deliver_due()
    assert len(transport.requests) == 4
    for _ in range(3):
        clock.advance(60)
        notifier.deliver_due()
    assert len(transport.requests) == 4 + 3  # one probe each
    records = asyncio.run(notifier.outbox.list_records(now=clock.time()))
    assert sum(record.attempts for record in records) == 7
    transport.answers = [200]
    clock.advance(3600)
    assert notifier.deliver_due().delivered == 10


def test_a_worker_keeps_to_the_pace_of_an_endpoint() -> None:
    clock, transport = FakeClock(), Scripted(200)
    notifier = held(clock, transport, pace=Pace(per_second=10, in_flight=100))
    for number in range(35):
        notifier.notify(numbered(number))
    begun = clock.time()
    assert notifier.deliver_due().delivered == 35
    assert clock.time() - begun == pytest.approx(2.5, abs=0.2)  # a burst of 10, then 10 a second


async def test_no_more_are_in_flight_than_the_pace_allows() -> None:
    now_in, most = 0, 0

    class Slow:
        async def send(self, request: WebhookRequest, /) -> WebhookResponse:
            nonlocal now_in, most
            now_in += 1
            most = max(most, now_in)
            await asyncio.sleep(0.005)
            now_in -= 1
            return WebhookResponse(status_code=200)

    notifier = held(FakeClock(), Slow())
    for number in range(30):
        await notifier.anotify(numbered(number))
    assert (await notifier.adeliver_due()).delivered == 30
    assert most == 4


def test_a_clock_that_was_years_ahead_holds_nothing_up() -> None:
    clock, transport = FakeClock(), Scripted(500, 200)
    notifier = held(clock, transport)
    notifier.notify(an_inspection())
    clock.advance(10 * 365 * 86_400)
    notifier.deliver_due()
    clock.set(clock.time() - 10 * 365 * 86_400)
    assert notifier.deliver_due().delivered == 1


def test_what_was_delivered_is_forgotten_after_a_month_and_dead_letters_are_not() -> None:
    clock, transport = FakeClock(), Scripted(200, TypeError())
    notifier = held(clock, transport, schedule=Schedule(waits=(0,)))
    notifier.notify(numbered(1))
    notifier.deliver_due()
    notifier.notify(numbered(2))
    notifier.deliver_due()
    clock.advance(31 * 86_400)
    notifier.deliver_due()
    (record,) = asyncio.run(notifier.outbox.list_records(now=clock.time()))
    assert (record.state, record.reason) == ("dead", "raised_TypeError")


# -- faults of endpoints, over a real connection -------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("reset", "broken_off"),
        ("hang", "timeout"),
        (ReceiverAnswer(302, headers={"location": "http://169.254.169.254/"}), "http_302"),
        (ReceiverAnswer(500, fault="huge"), "http_500"),
        (ReceiverAnswer(500, fault="drip"), "timeout"),
    ],
)
def test_a_faulty_endpoint_is_a_failed_attempt_with_a_reason(
    answer: Any, reason: str, tmp_path: Path
) -> None:
    watcher = Watcher()
    with (
        WebhookReceiver(answers=[answer]) as receiver,
        WebhookNotifier(
            receiver.url,
            secret=receiver.secret,
            policy=receiver.policy,
            outbox=tmp_path / "o.sqlite",
            background=False,
            pace=Pace(timeout=0.5),
            observers=[watcher],
        ) as notifier,
    ):
        notifier.notify(an_inspection())
        notifier.deliver_due()
        assert len(receiver.received) == 1
    (failed,) = watcher.of("WebhookAttemptFailed")
    assert failed.reason == reason


def test_a_huge_reply_of_a_success_is_cut_off_and_is_a_success(tmp_path: Path) -> None:
    with (
        WebhookReceiver(answers=["huge"]) as receiver,
        WebhookNotifier(
            receiver.url,
            policy=receiver.policy,
            outbox=tmp_path / "o.sqlite",
            background=False,
        ) as notifier,
    ):
        notifier.notify(an_inspection())
        assert notifier.deliver_due().delivered == 1


def test_an_address_that_turns_private_is_a_dead_letter_at_once(tmp_path: Path) -> None:
    from inspectiq.webhooks import HTTPWebhookTransport

    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.7"]

    watcher = Watcher()
    notifier = held(
        FakeClock(), HTTPWebhookTransport(NetPolicy(), resolve=resolve), observers=[watcher]
    )
    notifier.notify(an_inspection())
    assert notifier.deliver_due().dead == 1
    assert watcher.of("WebhookDeadLettered")[0].reason == "unsafe_url_private_address"


async def test_a_secret_that_cannot_be_had_is_tried_again() -> None:
    secrets: list[str] = []
    transport, clock = Scripted(200), FakeClock()
    notifier = held(
        clock, transport, endpoints=Endpoint(url=NOWHERE, name="crm", secret=lambda: secrets[0])
    )
    await notifier.anotify(an_inspection())
    assert (await notifier.adeliver_due()).failed == 1
    (record,) = await notifier.outbox.list_records(now=clock.time())
    assert (record.reason, transport.requests) == ("secret", [])
    secrets.append(SECRET)
    clock.advance(10)
    assert (await notifier.adeliver_due()).delivered == 1


# -- a host's own transport ----------------------------------------------------------------------


def test_a_host_may_put_events_on_a_queue_of_its_own() -> None:
    queue: list[WebhookRequest] = []

    class Queue:
        async def send(self, request: WebhookRequest, /) -> None:
            queue.append(request)

    notifier = held(FakeClock(), Queue())
    (receipt,) = notifier.notify(an_inspection())
    assert notifier.deliver_due().delivered == 1
    assert (queue[0].id, queue[0].url, queue[0].attempt) == (receipt.id, NOWHERE, 1)


def test_a_host_that_mocks_httpx_with_respx_sees_the_requests(tmp_path: Path) -> None:
    notifier = WebhookNotifier(
        Endpoint(url=NOWHERE, secret=SECRET), outbox=MemoryOutbox(), background=False
    )
    notifier.notify(an_inspection())
    with respx.mock(base_url="https://hooks.example") as mocked:
        route = mocked.post("/in").respond(204)
        assert notifier.deliver_due().delivered == 1
    (call,) = route.calls
    assert verify_webhook(call.request.content, call.request.headers, SECRET).data["id"]


# -- a test ----------------------------------------------------------------------------------------


def test_a_test_is_sent_once_past_the_outbox(receiver: WebhookReceiver) -> None:
    notifier = WebhookNotifier(
        receiver.url, secret=receiver.secret, policy=receiver.policy, outbox=MemoryOutbox()
    )
    (outcome,) = notifier.test()
    notifier.close()
    assert (outcome.delivered, outcome.status_code) == (True, 200)
    assert [(came.type, came.fault) for came in receiver.received] == [("webhook.test", "")]
    assert asyncio.run(notifier.outbox.list_records(now=0)) == ()


# -- ending ----------------------------------------------------------------------------------------


def test_closing_waits_for_what_is_under_way_and_keeps_the_rest(tmp_path: Path) -> None:
    outbox = SQLiteOutbox(tmp_path / "o.sqlite")
    with WebhookReceiver(answers=lambda _: ReceiverAnswer(delay=0.5)) as receiver:
        notifier = WebhookNotifier(receiver.url, policy=receiver.policy, outbox=outbox)
        notifier.enqueue([one for n in range(12) for one in notifier.messages(numbered(n))])
        receiver.wait_for(4)
        notifier.close(grace=5, drain=0)
        assert len(receiver.received) == 4
    (counted,) = asyncio.run(outbox.count(now=0))
    asyncio.run(outbox.aclose())
    assert (counted.delivered, counted.pending) == (4, 8)


def test_closing_without_grace_gives_leases_back(tmp_path: Path) -> None:
    outbox = SQLiteOutbox(tmp_path / "o.sqlite")
    with WebhookReceiver(answers=lambda _: "hang") as receiver:
        notifier = WebhookNotifier(receiver.url, policy=receiver.policy, outbox=outbox)
        notifier.notify(an_inspection())
        receiver.wait_for(1)
        notifier.close(grace=0)
    (record,) = asyncio.run(outbox.list_records(now=notifier._clock.time()))
    asyncio.run(outbox.aclose())
    assert (record.state, record.leased, record.attempts) == ("pending", False, 0)


def test_a_closed_notifier_accepts_and_delivers_again(
    receiver: WebhookReceiver, tmp_path: Path
) -> None:
    notifier = WebhookNotifier(receiver.url, policy=receiver.policy, outbox=tmp_path / "o.sqlite")
    for number in range(3):
        notifier.notify(numbered(number))
        receiver.wait_for(number + 1)
        notifier.close()


@pytest.mark.parametrize(
    ("product", "told"),
    [("HomeCheck/2.1", "HomeCheck/2.1"), ("Home\r\nCheck é", "Home-Check"), ("", "inspectiq/")],
)
def test_a_brand_names_who_sends(
    receiver: WebhookReceiver, tmp_path: Path, product: str, told: str
) -> None:
    with WebhookNotifier(
        receiver.url, policy=receiver.policy, outbox=tmp_path / "o", brand=Brand(product=product)
    ) as notifier:
        notifier.notify(an_inspection())
        (webhook,) = receiver.wait_for(1)
    assert webhook.headers["user-agent"].startswith(told)


def test_it_says_why_it_does_not_pickle() -> None:
    with pytest.raises(TypeError, match="outbox"):
        pickle.dumps(held(FakeClock(), Scripted(200)))


def test_one_endpoint_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    others = 20
    with (
        WebhookReceiver(answers=lambda _: "hang") as hung,
        WebhookReceiver() as fine,
        WebhookNotifier(
            [
                Endpoint(url=f"{hung.url}/h", name="hung"),
                *(Endpoint(url=f"{fine.url}/{n}", name=f"e{n}") for n in range(others)),
            ],
            policy=NetPolicy(private=(*hung.policy.private, *fine.policy.private)),
            outbox=tmp_path / "o.sqlite",
        ) as notifier,
    ):
        for number in range(6):
            notifier.notify(numbered(number))
        came = fine.wait_for(6 * others, timeout=20)
        assert len({webhook.id for webhook in came}) == 6 * others
        assert len(hung.received) <= 4
        notifier.close(grace=0)


def test_events_tell_of_every_step() -> None:
    clock, watcher = FakeClock(), Watcher()
    notifier = held(clock, Scripted(500, 200), observers=[watcher])
    (receipt,) = notifier.notify(an_inspection())
    notifier.deliver_due()
    clock.advance(10)
    notifier.deliver_due()
    names = [type(event).__name__ for event in watcher.events]
    assert names == ["WebhookAccepted", "WebhookAttemptFailed", "WebhookDelivered"]
    accepted, failed, delivered = (watcher.events[place] for place in range(3))
    assert isinstance(accepted, events_module.WebhookAccepted)
    assert isinstance(failed, events_module.WebhookAttemptFailed)
    assert isinstance(delivered, events_module.WebhookDelivered)
    assert {event.webhook_id for event in (accepted, failed, delivered)} == {receipt.id}
    assert accepted.tags == an_inspection().case.tags
    assert (delivered.attempt, delivered.status_code, delivered.waited) == (2, 200, 10)
    assert statistics.fmean([failed.seconds, delivered.seconds]) == 0


def test_the_background_tells_how_the_queues_stand(tmp_path: Path) -> None:
    watcher = Watcher()
    with WebhookReceiver(answers=lambda _: 500) as receiver:
        with WebhookNotifier(
            receiver.url,
            policy=receiver.policy,
            outbox=tmp_path / "o.sqlite",
            observers=[watcher],
        ) as notifier:
            notifier.notify(an_inspection())
            receiver.wait_for(1)
        (told,) = watcher.of("WebhooksPending")
    assert (told.pending, told.dead, told.disabled) == (1, 0, "")
