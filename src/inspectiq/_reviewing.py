"""Applies a person's decision to a finding, and updates the result's order, counts and costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._regrading import derive_result, grade_again, price_again
from inspectiq._taking import require
from inspectiq._text import to_one_line
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._findings import Finding, find_most_urgent
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import Result
from inspectiq.domain._reviews import Decision
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from inspectiq.costs._book import CostBook
    from inspectiq.severity._profile import SeverityProfile

__all__ = ["review_result"]

ResultT = TypeVar("ResultT", bound=Result)


def review_result(
    result: ResultT,
    finding_id: str,
    decision: Decision,
    severity_policy: SeverityProfile | Path | str | None,
    cost_book: CostBook | Path | str | None,
    decided: dict[str, Any],
) -> ResultT:
    """Reviews one finding, as `Result.with_review` says."""
    from inspectiq.costs._book_files import take_book
    from inspectiq.severity._policy import take_policy

    chosen = _get_finding(result, finding_id)
    book = None if cost_book is None else take_book(cost_book, "cost_book")
    if book is not None:
        _require_same_book(book, result.provenance)
    policy = None if severity_policy is None else take_policy(severity_policy, "severity_policy")
    reviewed = chosen.with_review(decision, **decided)
    if policy is not None:
        reviewed = grade_again(reviewed, result, policy)
    findings: Sequence[Finding] = [
        reviewed if finding is chosen else finding for finding in result.found
    ]
    if book is not None:
        findings = price_again(findings, result, book)
    (decided_on,) = [finding for finding in findings if finding.id == finding_id]
    changed = derive_result(result, findings, [decided_on.model_dump(mode="json")])
    if isinstance(changed, Diagnosis) and not result.emergencies:
        urgency = find_most_urgent(changed.found)
        changed = changed.model_copy(update={"urgency": urgency}).remember(result.handles)
    return changed


def _get_finding(result: Result, finding_id: str) -> Finding:
    if isinstance(finding_id, Finding):
        raise ConfigError("finding_id: a finding was given; give finding.id")
    require(finding_id, str, "finding_id", "give the id of a finding, as finding.id")
    for finding in result.found:
        if finding.id == finding_id:
            return finding
    raise ConfigError(
        f"the result {result.id} has no finding {to_one_line(finding_id, 80)!r}; take an id from "
        "its findings"
    )


def _require_same_book(cost_book: CostBook, made: Provenance) -> None:
    if cost_book.sha256 != made.cost_book_sha256:
        raise ConfigError(
            f"the result was priced by {made.cost_book or 'no cost book'}, not by "
            f"{cost_book.label}; give the book that priced it, or regrade it by yours first"
        )
