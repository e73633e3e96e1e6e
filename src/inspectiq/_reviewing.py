"""Applies a person's decision to a finding, and mends the result around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._regrading import derive_result, select_to_price
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._findings import Finding, find_most_urgent
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
    if finding_id not in {finding.id for finding in result.found}:
        raise ConfigError(
            f"the result {result.id} has no finding {finding_id!r}; take an id from its findings"
        )
    made = result.provenance
    if cost_book is not None and cost_book.sha256 != made.cost_book_sha256:
        raise ConfigError(
            f"the result was priced by {made.cost_book or 'no cost book'}, not by "
            f"{cost_book.label}; give the book that priced it, or regrade it by yours first"
        )

    def review(finding: Finding) -> Finding:
        if finding.id != finding_id:
            return finding
        done = finding.with_review(decision, **decided)
        if policy is None or done.is_rejected or done.was_edited("severity"):
            return done
        return done.model_copy(update={"severity": policy.grade(done, result.case)})

    findings: Sequence[Finding] = [review(finding) for finding in result.found]
    if cost_book is not None:
        from inspectiq.costs._cost_estimates import estimate_some_together

        findings = estimate_some_together(
            cost_book, findings, result.case, select_to_price(findings, made)
        )
    (decided_on,) = [finding for finding in findings if finding.id == finding_id]
    changed = derive_result(result, findings, [decided_on.model_dump(mode="json")])
    if isinstance(changed, Diagnosis) and not result.emergencies:
        urgency = find_most_urgent(changed.found)
        changed = changed.model_copy(update={"urgency": urgency}).remember(result.handles)
    return changed
