"""What is too large for a webhook is sent thin; the limits of texts keep most events small."""

import json
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    Case,
    ConfigError,
    DeliveryError,
    DiagnosisAgent,
    InspectionAgent,
    Photo,
    Property,
    VisionRequest,
    WebhookNotifier,
)
from inspectiq.events import Event, SinkFailed
from inspectiq.testing import FunctionTransport, WebhookReceiver, make_answer, make_issue
from inspectiq.webhooks import Endpoint, MemoryOutbox, WebhookPayload
from tests.conftest import render_jpeg
from tests.webhooks.results import an_emergency, an_inspection, numbered

MOST = 256 * 1024
CRM = Endpoint(url="https://hooks.example/in", name="crm")
THIN = Endpoint(url="https://hooks.example/thin", name="thin", body="thin")


def a_notifier(*endpoints: Endpoint, **options: Any) -> WebhookNotifier:
    return WebhookNotifier(endpoints, outbox=MemoryOutbox(), background=False, **options)


def data_of(body: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(body)["data"]
    return data


def test_an_event_that_is_too_large_in_full_is_sent_thin_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    large = numbered(1, photos=an_inspection().photos * 500)
    with (
        WebhookReceiver() as receiver,
        WebhookNotifier(
            receiver.url,
            secret=receiver.secret,
            policy=receiver.policy,
            outbox=tmp_path / "o.sqlite",
            link=lambda result: f"https://b.example/{result.id}",
            background=False,
        ) as notifier,
    ):
        notifier.notify(large)
        assert notifier.deliver_due().delivered == 1
    (came,) = receiver.received
    assert came.verified
    assert len(came.body) < 5_000
    assert came.data["full_size"] > MOST
    assert came.data["totals"]["photos"] == 500
    assert came.data["link"] == "https://b.example/result-1"
    assert "report" not in came.data
    assert type(WebhookPayload.model_validate_json(came.body).root.data).__name__ == "ResultData"
    (warning,) = (record for record in caplog.records if "is sent thin" in record.message)
    assert (warning.case_id, warning.bytes) == ("case-1", came.data["full_size"])  # type: ignore[attr-defined]


def test_only_what_was_too_large_says_that_it_was() -> None:
    notifier = a_notifier(CRM, THIN)
    small = {one.endpoint: data_of(one.body) for one in notifier.messages(an_inspection())}
    assert (small["crm"]["full_size"], small["thin"]["full_size"]) == (None, None)
    assert "report" in small["crm"]
    large = numbered(1, photos=an_inspection().photos * 500)
    crm, thin = notifier.messages(large)
    assert data_of(crm.body).pop("full_size") > MOST
    assert data_of(thin.body)["full_size"] is None
    told = an_emergency().emergencies[0].model_copy(update={"words": "gas " * 100_000})
    screening = an_emergency().screening
    assert screening is not None
    urgent = an_emergency().model_copy(
        update={"screening": screening.model_copy(update={"emergencies": (told,)})}
    )
    emergency = notifier.messages(urgent)[0]
    assert emergency.type == "emergency.detected"
    assert data_of(emergency.body)["emergencies"] == ["gas_smell"]
    assert data_of(emergency.body)["full_size"] > MOST


def test_nothing_of_a_large_result_reaches_the_caller_of_a_sink() -> None:
    events: list[Event] = []

    class Watcher:
        def on_event(self, event: Event, /) -> None:
            events.append(event)

    def answer(request: VisionRequest) -> str:
        return make_answer(
            request,
            [make_issue("clog", 1, description=f"{n} " + "wet " * 1_240) for n in range(60)],
        )

    notifier = a_notifier(CRM)
    agent = InspectionAgent(FunctionTransport(answer), sinks=[notifier], observers=[Watcher()])
    inspection = agent.inspect([Photo.from_bytes(render_jpeg(1))])
    assert inspection.status == "complete"
    assert not [event for event in events if isinstance(event, SinkFailed)]
    (message,) = notifier.messages(inspection)
    assert data_of(message.body)["full_size"] > MOST


def test_what_an_engine_says_of_one_finding_makes_no_large_event() -> None:
    issue = make_issue("clog", 1, description="wet " * 50_000)
    agent = InspectionAgent(FunctionTransport(lambda request: make_answer(request, [issue])))
    inspection = agent.inspect([Photo.from_bytes(render_jpeg(1))])
    (message,) = a_notifier(CRM).messages(inspection)
    assert len(message.body) < 25_000
    (told,) = data_of(message.body)["issues"]
    assert told["observed"]["description"].endswith("[cut: 5,000 of 200,000 characters]")
    assert "of 200,000 characters" in inspection.to_markdown()
    assert inspection.photos[0].mended == {"long_text": 1}


def test_what_a_person_wrote_is_taken_whole_or_refused() -> None:
    agent = DiagnosisAgent("offline")
    with pytest.raises(ConfigError, match="description: at most 50,000 characters are taken, and"):
        agent.diagnose(description="x" * 50_001)
    words = "\U0001f6b0" * 50_000  # four bytes each
    case = Case(description=words)
    assert case.description == words
    diagnosis = an_emergency().model_copy(update={"case": case.facts})
    for message in a_notifier(CRM).messages(diagnosis):
        assert len(message.body) <= MOST


@pytest.mark.parametrize(
    "tags",
    [{f"k{n}": "v" for n in range(51)}, {"k" * 101: "v"}, {"k": "v" * 501}],
    ids=["many", "a long name", "a long value"],
)
def test_tags_have_bounds(tags: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="tags: at most 50 tags are taken"):
        DiagnosisAgent("offline").diagnose(description="The tap drips.", tags=tags)


def test_whatever_a_case_says_of_itself_a_thin_event_holds_it() -> None:
    wide = "\U0001f6b0"
    tags = {f"{n:02}" + wide * 98: wide * 500 for n in range(50)}
    diagnosis = DiagnosisAgent("offline").diagnose(
        description="I smell gas.",
        id=wide * 200,
        tags=tags,
        property=Property(address=wide * 100_000),
    )
    made = a_notifier(CRM).messages(diagnosis)
    assert len(made) == 2
    assert all(len(message.body) <= MOST for message in made)


def test_what_no_thin_event_can_hold_is_refused_with_what_to_shorten() -> None:
    notifier = a_notifier(CRM, link=lambda _: "https://b.example/" + "x" * 300_000)
    with pytest.raises(DeliveryError, match=r"thin webhook for crm .* or the link") as caught:
        notifier.notify(an_inspection())
    assert caught.value.reason == "too_large"
