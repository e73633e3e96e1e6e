"""The columns of tables, in their order, and what each holds; a page of the guides says more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from inspectiq._taking import quote, require
from inspectiq.errors import ConfigError

__all__ = ["COLUMNS", "Kind", "get_columns"]

Kind = Literal["text", "exact", "number", "whole", "flag", "time", "local", "level"]
"""What a column holds: `exact` is a Decimal as text, `time` is in UTC, `local` has no zone."""

_RESULT: dict[str, Kind] = {
    "case_id": "text",
    "result_id": "text",
    "revision": "whole",
    "result_kind": "text",
    "created_at": "time",
}

_ISSUES: dict[str, Kind] = {
    "finding_id": "text",
    "number": "whole",
    "type": "text",
    "group": "text",
    "label": "text",
    "description": "text",
    "facts": "text",
    "room": "text",
    "area": "text",
    "place": "text",
    "severity": "level",
    "severity_label": "text",
    "severity_rank": "whole",
    "severity_rule": "text",
    "severity_proposed": "text",
    "severity_profile": "text",
    "needs_review": "flag",
    "doubts": "text",
    "deadline": "text",
    "deadline_due": "time",
    "deadline_rule": "text",
    "deadline_needs": "text",
    "due_times": "text",
    "action": "text",
    "trade": "text",
    "diy": "flag",
    "hours": "number",
    "materials": "text",
    "safety": "text",
    "quantity": "number",
    "unit": "text",
    "condition": "text",
    "code_category": "text",
    "system": "text",
    "cause": "text",
    "other_causes": "text",
    "do_now": "text",
    "steps": "text",
    "cost_low": "number",
    "cost_expected": "number",
    "cost_high": "number",
    "cost_low_exact": "exact",
    "cost_expected_exact": "exact",
    "cost_high_exact": "exact",
    "currency": "text",
    "cost_basis": "text",
    "cost_book": "text",
    "cost_region": "text",
    "photos": "whole",
    "photo_ids": "text",
    "photo_id": "text",
    "box_x0": "number",
    "box_y0": "number",
    "box_x1": "number",
    "box_y1": "number",
    "confidence": "number",
    "confidence_source": "text",
    "calibrated_share": "number",
    "calibrated_n": "whole",
    "seen_in": "whole",
    "reads": "whole",
    "failed_reads": "whole",
    "temperature": "number",
    "look": "text",
    "review": "text",
    "reviewed_by": "text",
    "reviewed_at": "time",
    "review_because": "text",
}

_PHOTOS: dict[str, Kind] = {
    "photo_id": "text",
    "number": "whole",
    "name": "text",
    "room": "text",
    "status": "text",
    "groups": "text",
    "reason": "text",
    "retake": "text",
    "duplicate_of": "text",
    "fault": "text",
    "fault_reason": "text",
    "fault_message": "text",
    "warnings": "text",
    "mended": "text",
    "reads": "whole",
    "unclear_reads": "whole",
    "failed_reads": "whole",
    "second_look": "text",
    "second_look_fault": "text",
    "findings": "whole",
    "engine": "text",
    "provider": "text",
    "model": "text",
    "taken_at": "time",
    "taken_local": "local",
    "orientation": "whole",
    "format": "text",
    "bytes": "whole",
    "width": "whole",
    "height": "whole",
    "sha256": "text",
    "sent_width": "whole",
    "sent_height": "whole",
    "host_prepared": "flag",
}

_COST_LINES: dict[str, Kind] = {
    "finding_id": "text",
    "number": "whole",
    "type": "text",
    "group": "text",
    "room": "text",
    "review": "text",
    "line": "whole",
    "line_kind": "text",
    "line_label": "text",
    "quantity": "number",
    "unit": "text",
    "rate": "number",
    "amount": "number",
    "quantity_exact": "exact",
    "rate_exact": "exact",
    "amount_exact": "exact",
    "currency": "text",
    "source": "text",
    "year": "whole",
    "mark": "text",
    "trade": "text",
    "cost_basis": "text",
    "cost_book": "text",
    "cost_region": "text",
}

COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    "issues": _RESULT | _ISSUES,
    "photos": _RESULT | _PHOTOS,
    "cost_lines": _RESULT | _COST_LINES,
}
"""The columns of each level of rows, besides those of fields that subclasses asked for."""


def get_columns(level: str) -> Mapping[str, Kind]:
    """Gets the columns of a level of rows.

    Raises:
        ConfigError: There is no such level.
    """
    choices = f"give one of {', '.join(map(repr, COLUMNS))}"
    require(level, str, "level", choices)
    if level not in COLUMNS:
        raise ConfigError(f"level: there are no rows of {quote(level)}; {choices}")
    return COLUMNS[level]
