"""Scripted answers in the form that a request asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from inspectiq.transports.base import VisionRequest
from inspectiq.transports.wire import blank, photo_key

__all__ = ["issue", "reply"]


def issue(
    issue_type: str, *photos: int, box: Iterable[int] | None = None, **fields: Any
) -> dict[str, Any]:
    """A scripted finding for `reply`.

    Args:
        issue_type: Key of a type in the taxonomy.
        photos: Numbers, within the request, of the photos that show it.
        box: `(x0, y0, x1, y1)` in thousandths, on each of these photos.
        fields: Other wire fields. Left out, `description` says "scripted", `severity` is medium,
            `confidence` 0.9, `area` unit, `condition` unclear, and the rest is null or empty.
    """
    place = None if box is None else list(box)
    return {
        "issue_type": issue_type,
        "description": f"scripted: {issue_type}",
        "severity": "medium",
        "confidence": 0.9,
        "area": "unit",
        "condition": "unclear",
        **fields,
        "evidence": [{"photo": number, "box": place} for number in photos],
    }


def reply(
    request: VisionRequest,
    issues: Iterable[Mapping[str, Any]] = (),
    *,
    unclear: Mapping[int, str] | None = None,
    leave_out: Iterable[int] = (),
) -> str:
    """The JSON text of a scripted answer.

    Args:
        request: What was asked; its schema says what must be filled.
        issues: Findings, such as `issue(...)` makes.
        unclear: Photos that cannot be told, by number, with the reason.
        leave_out: Photos that get no verdict.

    Raises:
        KeyError: A finding lacks a field that may be neither null nor empty.
    """
    schema = request.schema.to_dict()
    unclear, skipped = unclear or {}, set(leave_out)
    verdicts = {
        photo_key(part.number): {"unclear": unclear[part.number], "retake": None}
        if part.number in unclear
        else "assessed"
        for part in request.photos
        if part.number not in skipped
    }
    return json.dumps(
        {
            "photos": verdicts,
            "issues": [blank(schema, "finding", finding) for finding in issues],
        }
    )
