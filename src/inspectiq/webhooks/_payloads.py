"""Builds the bodies of webhooks from results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result, Status
from inspectiq.webhooks._payload_forms import (
    BodyForm,
    DiagnosisData,
    DiagnosisPayload,
    EmergencyData,
    EmergencyPayload,
    EventType,
    InspectionData,
    InspectionPayload,
    ResultData,
    TestPayload,
    Totals,
)

__all__ = ["build_payload", "build_test_payload", "list_event_types"]


def list_event_types(result: Result) -> tuple[EventType, ...]:
    """Lists the events that a result makes: an emergency first, then the result itself."""
    own: EventType
    if isinstance(result, Diagnosis):
        own = "diagnosis.failed" if result.status == "failed" else "diagnosis.completed"
    else:
        by_status: dict[Status, EventType] = {
            "complete": "inspection.completed",
            "partial": "inspection.partial",
            "failed": "inspection.failed",
        }
        own = by_status[result.status]
    return ("emergency.detected", own) if result.emergencies else (own,)


def build_payload(
    result: Result,
    type: EventType,
    form: BodyForm,
    link: str | None,
    now: datetime,
    *,
    full_size: int | None = None,
) -> bytes:
    """Builds the body of an event of a result, as UTF-8.

    Args:
        result: The result.
        type: One of `list_event_types(result)`.
        form: Whether ids and counts are enough.
        link: Where the result can be had.
        now: When it happened, where the result does not say.
        full_size: Bytes of the full body, where a thin one is sent in its place.
    """
    if not isinstance(result, Inspection | Diagnosis):
        raise TypeError(f"there is no webhook for a {_name_class(result)}")
    make: Any
    full: Callable[[Any, Mapping[str, Any]], ResultData]
    if type == "emergency.detected":
        make, full = EmergencyPayload, _add_instructions
    elif isinstance(result, Diagnosis):
        make, full = DiagnosisPayload, _add_findings
    else:
        make, full = InspectionPayload, _add_issues
    fields = _sum_up(result, link)
    thin = form == "thin"
    data = ResultData(**fields, full_size=full_size) if thin else full(result, fields)
    payload: BaseModel = make(type=type, timestamp=result.created_at or now, data=data)
    return payload.model_dump_json().encode()


def build_test_payload(now: datetime) -> bytes:
    """Builds the body of a test."""
    return TestPayload(timestamp=now.astimezone(UTC)).model_dump_json().encode()


def _name_class(value: object) -> str:
    return type(value).__name__


def _sum_up(result: Result, link: str | None) -> dict[str, Any]:
    """Sums a result up in the fields that every body has."""
    by_level, by_status = result.summary.by_level, result.summary.by_photo_status
    cost = result.cost
    costs: dict[str, Any] = {}
    if cost is not None:
        costs = {
            "cost_low": cost.low,
            "cost_expected": cost.expected,
            "cost_high": cost.high,
            "currency": cost.currency,
        }
    return {
        "kind": "diagnosis" if isinstance(result, Diagnosis) else "inspection",
        "id": result.id,
        "revision": result.revision,
        "parent": result.parent,
        "created_at": result.created_at,
        "status": result.status,
        "case_id": result.case.id,
        "tags": result.case.tags,
        "summary": result.summary,
        "totals": Totals(
            findings=sum(by_level.values()),
            needs_review=by_level.get("needs_review", 0),
            photos=len(result.photos),
            assessed=by_status.get("assessed", 0),
            **costs,
        ),
        "emergencies": tuple(emergency.kind for emergency in result.emergencies),
        "link": link,
    }


def _list_full_fields(result: Result) -> dict[str, Any]:
    """Lists the fields that full bodies of inspections and diagnoses add to a thin one."""
    return {
        "report": result.to_markdown(),
        "property": result.case.property,
        "photos": result.photos,
        "provenance": result.provenance,
    }


def _add_issues(result: Any, fields: Mapping[str, Any]) -> ResultData:
    return InspectionData(**fields, **_list_full_fields(result), issues=result.issues)


def _add_findings(result: Any, fields: Mapping[str, Any]) -> ResultData:
    return DiagnosisData(
        **fields,
        **_list_full_fields(result),
        findings=result.findings,
        urgency=result.urgency,
        words=result.words,
        questions=result.questions,
        photos_next=result.photos_next,
    )


def _add_instructions(result: Any, fields: Mapping[str, Any]) -> ResultData:
    return EmergencyData(**fields, instructions=result.emergencies)
