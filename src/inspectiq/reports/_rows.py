"""Makes rows of a result: of its findings, its photos, or the lines of its costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from inspectiq.domain._agreement import Agreement, ReadCounts
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.domain._severity import Deadline, Severity

__all__ = ["ROWS", "format_utc", "join_texts"]

Row = dict[str, Any]


def _list_issues(result: Result) -> Iterator[Row]:
    """Makes a row of each finding, in the order and with the numbers of reports."""
    for number, finding in enumerate(result.found, start=1):
        yield {
            **_describe_result(result),
            "finding_id": finding.id,
            "number": number,
            "type": finding.type,
            "group": finding.group,
            "label": finding.label,
            "description": finding.observed.description,
            "facts": join_texts(finding.observed.facts),
            "room": finding.location.room,
            "area": finding.location.area,
            "place": finding.location.words,
            **_describe_severity(finding.severity),
            "severity_profile": result.provenance.severity,
            "needs_review": finding.severity.is_review,
            "doubts": _join_doubts(finding),
            **_describe_deadlines(finding.severity.deadlines),
            **_describe_repair(finding),
            **_describe_problem(finding),
            **_describe_cost(finding.cost),
            **_describe_evidence(result, finding),
            **_describe_agreement(finding.agreement),
            "look": finding.look,
            **_describe_review(finding),
            "extra": finding.extra,
        }


def _list_photos(result: Result) -> Iterator[Row]:
    """Makes a row of each photo, whatever became of it."""
    shown = Counter(
        photo_id
        for finding in result.found
        if not finding.is_rejected
        for photo_id in {item.photo_id for item in finding.evidence}
    )
    engines = {engine.identity: engine for engine in result.provenance.engines}
    for number, outcome in enumerate(result.photos, start=1):
        engine = engines.get(outcome.engine or "")
        yield {
            **_describe_result(result),
            "photo_id": outcome.photo.id,
            "number": number,
            "name": outcome.photo.name,
            "room": outcome.photo.room,
            **_describe_outcome(outcome),
            "findings": shown[outcome.photo.id],
            "engine": outcome.engine,
            "provider": engine and engine.provider,
            "model": engine and engine.model,
            **_describe_picture(outcome),
        }


def _list_cost_lines(result: Result) -> Iterator[Row]:
    """Makes a row of each line of each finding's cost."""
    for number, finding in enumerate(result.found, start=1):
        if finding.cost is None:
            continue
        for line_number, line in enumerate(finding.cost.lines, start=1):
            yield {
                **_describe_result(result),
                "finding_id": finding.id,
                "number": number,
                "type": finding.type,
                "group": finding.group,
                "room": finding.location.room,
                "review": _describe_review(finding)["review"],
                "line": line_number,
                "line_kind": line.kind,
                "line_label": line.label,
                "quantity": float(line.quantity),
                "unit": line.unit,
                "rate": float(line.rate),
                "amount": float(line.amount),
                "quantity_exact": _write_exact(line.quantity),
                "rate_exact": _write_exact(line.rate),
                "amount_exact": _write_exact(line.amount),
                "currency": finding.cost.currency,
                "source": line.source,
                "year": line.year,
                "mark": line.mark,
                "trade": finding.cost.trade,
                "cost_basis": finding.cost.basis,
                "cost_book": finding.cost.book,
                "cost_region": finding.cost.region,
            }


ROWS: Mapping[str, Callable[[Result], Iterator[Row]]] = {
    "issues": _list_issues,
    "photos": _list_photos,
    "cost_lines": _list_cost_lines,
}
"""What makes the rows of each level."""


def format_utc(moment: datetime) -> str:
    """Formats a moment in UTC as ISO 8601, such as `2026-03-02T16:00:00Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def join_texts(texts: Iterable[str]) -> str | None:
    """Joins texts into one; None where there are none."""
    return "; ".join(texts) or None


# -- parts of a row --------------------------------------------------------------------------------


def _describe_result(result: Result) -> Row:
    return {
        "case_id": result.case.id,
        "result_id": result.id,
        "revision": result.revision,
        "result_kind": "diagnosis" if isinstance(result, Diagnosis) else "inspection",
        "created_at": _to_utc(result.created_at),
    }


def _describe_severity(severity: Severity) -> Row:
    return {
        "severity": severity.level,
        "severity_label": severity.label,
        "severity_rank": severity.rank,
        "severity_rule": severity.rule,
        "severity_proposed": severity.proposed,
    }


def _join_doubts(finding: Finding) -> str | None:
    """Joins why a person should look, of the level and of the finding, each reason once."""
    reasons = [*finding.severity.review.split("; "), *finding.review]
    return join_texts(filter(None, dict.fromkeys(reasons)))


def _describe_deadlines(deadlines: Iterable[Deadline]) -> Row:
    """Describes the deadline that is due first, or stands first where no time is known, and all."""
    deadlines = tuple(deadlines)
    known = [deadline for deadline in deadlines if deadline.due is not None]
    first = min(known, key=_get_due, default=deadlines[0] if deadlines else None)
    times = (f"{one.action}: {format_utc(_get_due(one)) if one.due else '?'}" for one in deadlines)
    return {
        "deadline": first and first.action,
        "deadline_due": first and _to_utc(first.due),
        "deadline_rule": first and first.rule,
        "deadline_needs": first and first.needs,
        "due_times": join_texts(times),
    }


def _get_due(deadline: Deadline) -> datetime:
    assert deadline.due is not None
    return deadline.due.astimezone(UTC)


def _describe_repair(finding: Finding) -> Row:
    scope, quantity = finding.scope, getattr(finding, "quantity", None)
    return {
        "action": scope.action,
        "trade": scope.trade,
        "diy": scope.diy,
        "hours": scope.hours,
        "materials": join_texts(finding.materials),
        "safety": join_texts(scope.warnings),
        "quantity": quantity and quantity.amount,
        "unit": quantity and quantity.unit,
    }


def _describe_problem(finding: Finding) -> Row:
    """Describes what only an issue has, or only a problem; None where it is the other."""
    matter = getattr(finding, "code_matter", None)
    return {
        "condition": getattr(finding, "condition", None),
        "code_category": matter and matter.category,
        "system": getattr(finding, "system", None),
        "cause": getattr(finding, "cause", None),
        "other_causes": join_texts(other.cause for other in getattr(finding, "other_causes", ())),
        "do_now": join_texts(getattr(finding, "do_now", ())),
        "steps": join_texts(getattr(finding, "steps", ())),
    }


def _describe_cost(cost: CostEstimate | None) -> Row:
    return {
        "cost_low": cost and float(cost.low),
        "cost_expected": cost and float(cost.expected),
        "cost_high": cost and float(cost.high),
        "cost_low_exact": cost and _write_exact(cost.low),
        "cost_expected_exact": cost and _write_exact(cost.expected),
        "cost_high_exact": cost and _write_exact(cost.high),
        "currency": cost and cost.currency,
        "cost_basis": cost and cost.basis,
        "cost_book": cost and cost.book,
        "cost_region": cost and cost.region,
    }


def _describe_evidence(result: Result, finding: Finding) -> Row:
    photo_ids = dict.fromkeys(item.photo_id for item in finding.evidence)
    shown = next((item for item in finding.evidence if item.box), None)
    shown = shown or next(iter(finding.evidence), None)
    box = shown.box if shown else None
    return {
        "photos": len(photo_ids),
        "photo_ids": join_texts(photo_ids),
        "photo_id": shown and shown.photo_id,
        "box_x0": box and box.x0,
        "box_y0": box and box.y0,
        "box_x1": box and box.x1,
        "box_y1": box and box.y1,
        "confidence": finding.observed.confidence,
        "confidence_source": _find_confidence_source(result, finding),
        "calibrated_share": finding.calibrated and finding.calibrated.share,
        "calibrated_n": finding.calibrated and finding.calibrated.n,
    }


def _find_confidence_source(result: Result, finding: Finding) -> str | None:
    """Finds what a confidence is: a model's word, a detector's score, or how well rules fit."""
    if finding.observed.confidence is None:
        return None
    if finding.evidence:
        return finding.evidence[0].confidence_source
    by_rules = isinstance(result, Diagnosis) and result.words.status == "triaged"
    return "rules" if by_rules else "stated"


def _describe_agreement(agreement: Agreement | None) -> Row:
    return {
        "seen_in": agreement and agreement.seen,
        "reads": agreement and agreement.reads,
        "failed_reads": agreement and agreement.failed,
        "temperature": agreement and agreement.temperature,
    }


def _describe_review(finding: Finding) -> Row:
    last = finding.reviews[-1] if finding.reviews else None
    return {
        "review": last.decision if last else "not reviewed",
        "reviewed_by": last and last.by,
        "reviewed_at": last and _to_utc(last.at),
        "review_because": (last and last.because) or None,
    }


def _describe_outcome(outcome: PhotoOutcome) -> Row:
    fault = outcome.fault
    return {
        "status": outcome.status,
        "groups": None if outcome.groups is None else "; ".join(outcome.groups),
        "reason": outcome.reason,
        "retake": outcome.retake,
        "duplicate_of": outcome.duplicate_of,
        "fault": fault and fault.error,
        "fault_reason": fault and fault.reason,
        "fault_message": fault and fault.message,
        "warnings": join_texts(outcome.warnings),
        "mended": join_texts(f"{name}: {times}" for name, times in outcome.mended.items()),
        **_describe_reads(outcome.reads),
        "second_look": outcome.second_look,
        "second_look_fault": outcome.second_look_fault and outcome.second_look_fault.error,
    }


def _describe_reads(reads: ReadCounts | None) -> Row:
    return {
        "reads": reads and reads.assessed + reads.unclear,
        "unclear_reads": reads and reads.unclear,
        "failed_reads": reads and reads.failed,
    }


def _describe_picture(outcome: PhotoOutcome) -> Row:
    photo, original, sent = outcome.photo, outcome.photo.original, outcome.photo.sent
    taken = photo.taken_at
    return {
        "taken_at": _find_capture_moment(taken),
        "taken_local": taken and taken.replace(tzinfo=None),
        "orientation": photo.orientation,
        "format": original and original.format,
        "bytes": original and original.bytes,
        "width": original and original.width,
        "height": original and original.height,
        "sha256": original and original.sha256,
        "sent_width": sent and sent.width,
        "sent_height": sent and sent.height,
        "host_prepared": photo.host_prepared,
    }


def _find_capture_moment(taken: datetime | None) -> datetime | None:
    """Finds when a photo was taken, in UTC; None where its camera did not tell the offset."""
    try:
        return _to_utc(taken) if taken and taken.tzinfo else None
    except OverflowError:  # outside of the years 1 to 9999
        return None


def _to_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _write_exact(amount: Decimal) -> str:
    return f"{amount:f}"
