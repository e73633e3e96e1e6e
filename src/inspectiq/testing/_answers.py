"""Makes scripted answers in the form that a request asks for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from inspectiq._taking import require, require_all
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._wire import asks_overall, fill_blank, make_photo_key

__all__ = ["make_answer", "make_issue", "make_problem"]


def make_issue(
    issue_type: str, *photos: int, box: Iterable[int] | None = None, **fields: Any
) -> dict[str, Any]:
    """Makes a scripted finding of an inspection, for `make_answer`.

    Args:
        issue_type: Key of a type in the taxonomy.
        photos: Numbers, within the request, of the photos that show it.
        box: `(x0, y0, x1, y1)` in thousandths, on each of these photos.
        fields: Other wire fields. Left out, `description` says "scripted", `severity` is medium,
            `confidence` 0.9, `area` unit, `condition` unclear, and the rest is null or empty.
    """
    return _make_finding(
        issue_type, photos, box, {"area": "unit", "condition": "unclear", **fields}
    )


def make_problem(
    issue_type: str, *photos: int, box: Iterable[int] | None = None, **fields: Any
) -> dict[str, Any]:
    """Makes a scripted finding of a diagnosis, for `make_answer`.

    Args:
        issue_type: Key of a type in the taxonomy.
        photos: Numbers, within the request, of the photos that show it; none for words only.
        box: `(x0, y0, x1, y1)` in thousandths, on each of these photos.
        fields: Other wire fields. Left out, `description` says "scripted", `severity` is medium,
            `confidence` 0.9, and the rest is null or empty.
    """
    return _make_finding(issue_type, photos, box, fields)


def _fill(schema: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Fills a scripted part of an answer.

    A mistake in it is an `AssertionError`, which fails the test: an agent takes any other error for
    one of the engine's.
    """
    known = schema["$defs"][name]["properties"]
    if unknown := [key for key in given if key not in known]:
        raise AssertionError(
            f"{unknown[0]} is no field of this wire model; it has {', '.join(known)}; "
            "subclass the agent with an `observation_model` that has it, or mend the name"
        )
    try:
        return fill_blank(schema, name, given)
    except KeyError as error:
        raise AssertionError(
            f"{error.args[0]} may be neither null nor empty in this wire model; "
            "give it in the script, or let it be None in the model"
        ) from None


def _make_finding(
    issue_type: str,
    photos: Iterable[int],
    box: Iterable[int] | None,
    fields: Mapping[str, Any],
) -> dict[str, Any]:
    place = None if box is None else [*require_all(box, "box", "give (x0, y0, x1, y1)")]
    return {
        "issue_type": issue_type,
        "description": f"scripted: {issue_type}",
        "severity": "medium",
        "confidence": 0.9,
        **fields,
        "evidence": [{"photo": number, "box": place} for number in photos],
    }


def make_answer(
    request: VisionRequest,
    issues: Iterable[Mapping[str, Any]] = (),
    *,
    unclear: Mapping[int, str] | None = None,
    leave_out: Iterable[int] = (),
    overall: Mapping[str, Any] | None = None,
) -> str:
    """Makes the JSON text of a scripted answer.

    Args:
        request: What was asked; its schema says what must be filled.
        issues: Findings, such as `make_issue(...)` or, for a diagnosis, `make_problem(...)` makes.
        unclear: Photos that cannot be told, by number, with the reason.
        leave_out: Photos that get no verdict.
        overall: Fields of `overall`, where the schema has it. Left out, words count as assessed,
            `account` says "scripted", and the rest is null or empty.

    Raises:
        AssertionError: A finding lacks a field that may be neither null nor empty, or has an
            unknown one. It passes through an agent, so that the test fails with it.
    """
    require(request, VisionRequest, "request", "give the request that is answered")
    schema = request.schema.to_dict()
    skipped = set(leave_out)
    numbers = [part.number for part in request.photos if part.number not in skipped]
    answer = {
        "photos": {
            make_photo_key(number): _make_verdict(number, unclear or {}) for number in numbers
        },
        "issues": [_fill(schema, "finding", finding) for finding in issues],
    }
    if asks_overall(schema):
        words = "assessed" if request.words else None
        said = {"words": words, "account": "scripted", **(overall or {})}
        answer["overall"] = _fill(schema, "overall", said)
    return json.dumps(answer)


def _make_verdict(number: int, unclear: Mapping[int, str]) -> object:
    return {"unclear": unclear[number], "retake": None} if number in unclear else "assessed"
