"""Applies a person's decision to a finding, and updates the result's order, counts and costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._regrading import derive_result, grade_again, price_again
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._findings import Finding, find_most_urgent
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import Result
from inspectiq.domain._reviews import Decision
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook
    from inspectiq.severity._policy import SeverityPolicy

__all__ = ["review_result"]

ResultT = TypeVar("ResultT", bound=Result)


def review_result(
    result: ResultT,
    finding_id: str,
    decision: Decision,
    policy: SeverityPolicy | None,
    cost_book: CostBook | None,
    decided: dict[str, Any],
) -> ResultT:
    """Reviews one finding, as `Result.with_review` says."""
    chosen = _get_finding(result, finding_id)
    if cost_book is not None:
        _require_same_book(cost_book, result.provenance)
    reviewed = chosen.with_review(decision, **decided)
    if policy is not None:
        reviewed = grade_again(reviewed, result, policy)
    findings: Sequence[Finding] = [
        reviewed if finding is chosen else finding for finding in result.found
    ]
    if cost_book is not None:
        findings = price_again(findings, result, cost_book)
    (decided_on,) = [finding for finding in findings if finding.id == finding_id]
    changed = derive_result(result, findings, [decided_on.model_dump(mode="json")])
    if isinstance(changed, Diagnosis) and not result.emergencies:
        urgency = find_most_urgent(changed.found)
        changed = changed.model_copy(update={"urgency": urgency}).remember(result.handles)
    return changed


def _get_finding(result: Result, finding_id: str) -> Finding:
    for finding in result.found:
        if finding.id == finding_id:
            return finding
    raise ConfigError(
        f"the result {result.id} has no finding {finding_id!r}; take an id from its findings"
    )


def _require_same_book(cost_book: CostBook, made: Provenance) -> None:
    if cost_book.sha256 != made.cost_book_sha256:
        raise ConfigError(
            f"the result was priced by {made.cost_book or 'no cost book'}, not by "
            f"{cost_book.label}; give the book that priced it, or regrade it by yours first"
        )
