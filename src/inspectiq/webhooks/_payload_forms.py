"""The forms of webhook bodies: `{type, timestamp, data}`, as Standard Webhooks wants it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, RootModel, WithJsonSchema, model_validator

from inspectiq._refusals import RefusingModel
from inspectiq._values import FROZEN, FrozenMap, Moment, PlainSchema, Value
from inspectiq.domain._diagnoses import Problem, Question, WordsOutcome
from inspectiq.domain._emergencies import Emergency
from inspectiq.domain._findings import Issue
from inspectiq.domain._property import Property
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import PhotoOutcome, Status
from inspectiq.domain._severity import Severity
from inspectiq.domain._stored import Stored
from inspectiq.domain._summary import Summary

__all__ = [
    "BodyForm",
    "DiagnosisData",
    "DiagnosisPayload",
    "EmergencyData",
    "EmergencyPayload",
    "EventType",
    "InspectionData",
    "InspectionPayload",
    "ResultData",
    "TestPayload",
    "Totals",
    "WebhookPayload",
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
    """Base of bodies, which a newer inspectiq may have sent than the one that reads them."""

    _made_in_code = False


class Totals(Value):
    """Counts of a result's findings and photos, and its total cost.

    Attributes:
        findings: Findings that nobody rejected.
        needs_review: Those of them that have no level, since a person must look.
        photos: All photos.
        assessed: Photos that an engine that sees all groups has read.
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
    """The thin body of an event: ids, status and counts, and a link to the rest.

    Attributes:
        schema_version: Of this form.
        kind: Of the result.
        id: Of the result.
        revision: As in the result; one more than its parent's.
        parent: As in the result.
        created_at: As in the result.
        status: As in the result.
        case_id: The host's id of the case.
        tags: The host's labels of the case.
        summary: Counts and a headline.
        totals: Counts and costs.
        emergencies: Kinds of emergency that the words tell of, such as `gas_smell`.
        link: Where the result can be had, if the host said so.
        full_size: Bytes of the full body, where that was too large to send and this thin one comes
            in its place; null elsewhere.
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
    full_size: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_full_body(cls, value: Any) -> Any:
        if cls is ResultData and isinstance(value, Mapping) and value.keys() & _ONLY_FULL:
            raise ValueError("this is a full body, and something else in it is wrong")
        return value


class FullData(ResultData):
    """Base of full bodies: a thin one with the report, the property and the photos.

    Attributes:
        report: As Markdown.
        property: The property, with its address.
        photos: One outcome for each photo.
        provenance: The agent, prompt, rules and engines that made the result.
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
        urgency: Of the whole case.
        words: Whether the words were assessed.
        questions: Questions worth asking next.
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
    """The webhook of a finished inspection."""

    type: Literal["inspection.completed", "inspection.partial", "inspection.failed"]
    data: InspectionData | ResultData


class DiagnosisPayload(_Payload):
    """The webhook of a finished diagnosis."""

    type: Literal["diagnosis.completed", "diagnosis.failed"]
    data: DiagnosisData | ResultData


class EmergencyPayload(_Payload):
    """The webhook of an emergency that the words of a case tell of."""

    type: Literal["emergency.detected"] = "emergency.detected"
    data: EmergencyData | ResultData


class TestPayload(_Payload):
    """The webhook that tests an endpoint."""

    __test__: ClassVar[bool] = False

    type: Literal["webhook.test"] = "webhook.test"
    data: TestData = Field(default_factory=TestData)


class WebhookPayload(
    RefusingModel, RootModel[InspectionPayload | DiagnosisPayload | EmergencyPayload | TestPayload]
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
