"""Builds the bodies of webhooks: `{type, timestamp, data}`, as Standard Webhooks wants it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, RootModel, WithJsonSchema, model_validator

from inspectiq._values import FROZEN, FrozenMap, Moment, PlainSchema, Value
from inspectiq.domain._diagnoses import Diagnosis, Problem, Question, WordsOutcome
from inspectiq.domain._emergencies import Emergency
from inspectiq.domain._findings import Issue
from inspectiq.domain._property import Property
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import Inspection, PhotoOutcome, Result, Status
from inspectiq.domain._severity import Severity
from inspectiq.domain._stored import Stored, StoredReader
from inspectiq.domain._summary import Summary

__all__ = [
    "BodyForm",
    "EventType",
    "WebhookPayload",
    "build_payload",
    "build_test_payload",
    "list_event_types",
]

BodyForm = Literal["thin", "full"]
EventType = Literal[
    "inspection.completed",
    "inspection.partial",
    "inspection.failed",
    "diagnosis.completed",
    "diagnosis.failed",
    "emergency.detected",
    "webhook.test",
]


SchemaVersion = Annotated[str, WithJsonSchema({"const": "1", "type": "string"})]


class _Sent(Stored):
    """Base of what another inspectiq sends, which may be newer than the one that reads it."""

    _made_in_code = False


class Totals(Value):
    """What a result adds up to.

    Attributes:
        findings: Those that stand.
        needs_review: Those of them that have no level, since a person must look.
        photos: All of them.
        assessed: Those that an engine that sees all groups has read.
        cost_low: The least that all of it costs; None where nothing was priced.
        cost_expected: What it is expected to cost; None where nothing was priced.
        cost_high: The most that it costs; None where nothing was priced.
        currency: Of the costs.
    """

    findings: int
    needs_review: int
    photos: int
    assessed: int
    cost_low: Decimal | None = None
    cost_expected: Decimal | None = None
    cost_high: Decimal | None = None
    currency: str | None = None


_ONLY_FULL = frozenset({"report", "instructions"})  # what tells a full body from a thin one


class ResultData(_Sent):
    """A thin body: what happened, and where the rest is.

    Attributes:
        schema_version: Of this form.
        kind: Of the result.
        id: Of the result.
        revision: As in the result.
        parent: As in the result.
        created_at: As in the result.
        status: As in the result.
        case_id: The host's id of the case.
        tags: The host's labels of the case.
        summary: Counts and a headline.
        totals: Counts and costs.
        emergencies: Kinds of emergency that the words tell of, such as `gas_smell`.
        link: Where the result can be had, if the host said so.
    """

    schema_version: SchemaVersion = "1"
    kind: Literal["inspection", "diagnosis"]
    id: str
    revision: int
    parent: str | None
    created_at: Moment | None
    status: Status
    case_id: str
    tags: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    summary: Summary
    totals: Totals
    emergencies: tuple[str, ...] = ()
    link: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_full_body(cls, value: Any) -> Any:
        if cls is ResultData and isinstance(value, Mapping) and value.keys() & _ONLY_FULL:
            raise ValueError("this is a full body, and something else in it is wrong")
        return value


class FullData(ResultData):
    """What full bodies share.

    Attributes:
        report: As Markdown.
        property: The property, with its address.
        photos: One outcome for each photo.
        provenance: What made the result.
    """

    report: str
    property: Property
    photos: tuple[PhotoOutcome, ...]
    provenance: Provenance


class InspectionData(FullData):
    """The full body of an inspection.

    Attributes:
        issues: Worst first.
    """

    kind: Literal["inspection"] = "inspection"
    issues: tuple[Issue, ...]


class DiagnosisData(FullData):
    """The full body of a diagnosis.

    Attributes:
        findings: The most urgent first.
        urgency: Of the whole.
        words: What became of the words.
        questions: What else is worth asking.
        photos_next: Which photos to take next.
    """

    kind: Literal["diagnosis"] = "diagnosis"
    findings: tuple[Problem, ...]
    urgency: Severity | None
    words: WordsOutcome
    questions: tuple[Question, ...]
    photos_next: tuple[str, ...]


class EmergencyData(ResultData):
    """The full body of an emergency.

    Attributes:
        instructions: Each emergency with the words that tell of it, and what to do now.
    """

    instructions: tuple[Emergency, ...]


class TestData(_Sent):
    """The body of a test.

    Attributes:
        message: A sentence.
    """

    __test__: ClassVar[bool] = False  # no test class, to pytest

    schema_version: SchemaVersion = "1"
    message: str = "This is a test. Nothing happened."


class _Payload(_Sent):
    timestamp: Moment


class InspectionPayload(_Payload):
    """An inspection stands."""

    type: Literal["inspection.completed", "inspection.partial", "inspection.failed"]
    data: InspectionData | ResultData


class DiagnosisPayload(_Payload):
    """A diagnosis stands."""

    type: Literal["diagnosis.completed", "diagnosis.failed"]
    data: DiagnosisData | ResultData


class EmergencyPayload(_Payload):
    """The words of a case tell of an emergency."""

    type: Literal["emergency.detected"] = "emergency.detected"
    data: EmergencyData | ResultData


class TestPayload(_Payload):
    """Somebody tests an endpoint."""

    __test__: ClassVar[bool] = False

    type: Literal["webhook.test"] = "webhook.test"
    data: TestData = Field(default_factory=TestData)


class WebhookPayload(
    StoredReader, RootModel[InspectionPayload | DiagnosisPayload | EmergencyPayload | TestPayload]
):
    """The body of a webhook, of any type: `{type, timestamp, data}`."""

    current_schema: ClassVar[str] = "1"

    @classmethod
    def build_schema(cls) -> dict[str, Any]:
        """Makes the JSON Schema of bodies as they are sent; its `$id` carries the version.

        It lets fields through that it does not name: within a version, fields may be added.
        """
        schema = PlainSchema.build(cls, "webhook", cls.current_schema)
        for form in (schema, *schema["$defs"].values()):
            if form.get("additionalProperties") is False:
                del form["additionalProperties"]
        return schema


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
    result: Result, type: EventType, form: BodyForm, link: str | None, now: datetime
) -> bytes:
    """Builds the body of an event of a result, as UTF-8.

    Args:
        result: The result.
        type: One of `list_event_types(result)`.
        form: Whether ids and counts are enough.
        link: Where the result can be had.
        now: When it happened, where the result does not say.
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
    data = ResultData(**fields) if form == "thin" else full(result, fields)
    payload: _Payload = make(type=type, timestamp=result.created_at or now, data=data)
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


def _report(result: Result) -> dict[str, Any]:
    """Reports a result in the fields that a full body has besides."""
    return {
        "report": result.to_markdown(),
        "property": result.case.property,
        "photos": result.photos,
        "provenance": result.provenance,
    }


def _add_issues(result: Any, fields: Mapping[str, Any]) -> ResultData:
    return InspectionData(**fields, **_report(result), issues=result.issues)


def _add_findings(result: Any, fields: Mapping[str, Any]) -> ResultData:
    return DiagnosisData(
        **fields,
        **_report(result),
        findings=result.findings,
        urgency=result.urgency,
        words=result.words,
        questions=result.questions,
        photos_next=result.photos_next,
    )


def _add_instructions(result: Any, fields: Mapping[str, Any]) -> ResultData:
    return EmergencyData(**fields, instructions=result.emergencies)
