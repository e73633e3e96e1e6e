import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from inspectiq import Inspection
from inspectiq.domain._results import Status
from inspectiq.webhooks import WebhookPayload
from inspectiq.webhooks._messages import make_message_id
from inspectiq.webhooks._payload_forms import BodyForm
from inspectiq.webhooks._payloads import build_payload, list_event_types
from inspectiq.webhooks._payloads import build_test_payload as payload_of_a_test
from tests.domain.strategies import inspections
from tests.webhooks.results import TAGS, an_emergency, an_inspection

PUBLISHED = Path(__file__).parent.parent.parent / "docs" / "schemas" / "webhook-1.json"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def body_of(result: object, form: BodyForm = "full") -> dict[str, object]:
    assert isinstance(result, Inspection)
    content: dict[str, object] = json.loads(
        build_payload(result, list_event_types(result)[-1], form, "https://b.example/1", NOW)
    )
    return content


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(
        json.dumps(WebhookPayload.build_schema())
    ), "write it again: python -m inspectiq schema webhook > docs/schemas/webhook-1.json"


def test_a_full_body_says_what_a_receiver_needs_to_act_on() -> None:
    result = an_inspection()
    body = body_of(result)
    data = body["data"]
    assert isinstance(data, dict)
    assert body["type"] == "inspection.completed"
    assert set(body) == {"type", "timestamp", "data"}
    assert (data["id"], data["case_id"], data["status"]) == (result.id, "case-1", "complete")
    assert data["tags"] == TAGS
    assert data["report"] == result.to_markdown()
    assert data["issues"][0]["type"] == "wall_hole"
    assert data["issues"][0]["severity"]["level"] == "high"
    assert data["photos"][0]["status"] == "assessed"
    assert data["provenance"]["agent"].endswith("InspectionAgent")
    assert data["totals"]["findings"] == 1
    assert data["totals"]["cost_expected"] == str(result.cost and result.cost.expected)
    assert data["property"]["address"] == "Plantedstrasse 1"
    assert data["link"] == "https://b.example/1"


def test_a_thin_body_has_ids_counts_and_a_link_and_no_words_of_the_report() -> None:
    data = body_of(an_inspection(), "thin")["data"]
    assert isinstance(data, dict)
    assert {"id", "status", "totals", "summary", "link"} <= set(data)
    assert not {"report", "issues", "photos", "property", "provenance"} & set(data)
    assert "Plantedstrasse" not in json.dumps(data)


@pytest.mark.parametrize(
    ("status", "type"),
    [
        ("complete", "inspection.completed"),
        ("partial", "inspection.partial"),
        ("failed", "inspection.failed"),
    ],
)
def test_the_event_of_an_inspection_says_how_it_went(status: Status, type: str) -> None:
    assert list_event_types(an_inspection().model_copy(update={"status": status})) == (type,)


@pytest.mark.parametrize(
    ("status", "type"),
    [
        ("complete", "diagnosis.completed"),
        ("partial", "diagnosis.completed"),
        ("failed", "diagnosis.failed"),
    ],
)
def test_an_emergency_is_told_before_the_diagnosis(status: Status, type: str) -> None:
    result = an_emergency().model_copy(update={"status": status})
    assert list_event_types(result) == ("emergency.detected", type)


def test_an_emergency_comes_with_what_to_do_now() -> None:
    result = an_emergency()
    data = json.loads(build_payload(result, "emergency.detected", "full", None, NOW))["data"]
    assert data["emergencies"] == ["gas_smell"]
    assert data["instructions"][0]["instructions"] == list(result.emergencies[0].instructions)


@pytest.mark.parametrize("form", ["thin", "full"])
def test_every_body_keeps_to_the_published_schema(form: BodyForm) -> None:
    schema = WebhookPayload.build_schema()
    Draft202012Validator.check_schema(schema)
    published = Draft202012Validator(schema)
    for result in (an_inspection(), an_emergency()):
        for type in list_event_types(result):
            body = build_payload(result, type, form, None, NOW)
            published.validate(json.loads(body))
            WebhookPayload.model_validate_json(body)
    published.validate(json.loads(payload_of_a_test(NOW)))


@settings(max_examples=25, deadline=None)
@given(inspections)
def test_any_inspection_has_a_thin_body_that_can_be_read_back(result: Inspection) -> None:
    body = build_payload(result, list_event_types(result)[-1], "thin", None, NOW)
    WebhookPayload.model_validate_json(body)


def test_what_is_no_result_of_an_agent_has_no_webhook() -> None:
    from inspectiq import Result

    fields = {name: getattr(an_inspection(), name) for name in Result.model_fields}
    with pytest.raises(TypeError, match="no webhook"):
        build_payload(Result(**fields), "inspection.completed", "full", None, NOW)


def test_ids_are_the_same_for_the_same_and_differ_for_others() -> None:
    assert make_message_id("r", "t", "e") == make_message_id("r", "t", "e")
    ids = {make_message_id(*parts) for parts in (("r", "t", "e"), ("r", "t", "f"), ("s", "t", "e"))}
    assert len(ids) == 3
    assert all(id.replace("_", "").isalnum() for id in ids)
    make_message_id("\ud800", "t", "e")
