"""Grades and prices stored results again: the same observations under other rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from inspectiq.domain.base import FrozenMap, content_hash
from inspectiq.domain.findings import Issue, total_cost, worst_first
from inspectiq.domain.property import CaseFacts
from inspectiq.domain.results import Inspection, Provenance, Summary

if TYPE_CHECKING:
    from inspectiq.costs import CostBook
    from inspectiq.severity import SeverityPolicy

__all__ = ["regrade_all", "regraded"]


def regrade_all(
    results: Iterable[Inspection | str | bytes],
    *,
    severity: SeverityPolicy | None = None,
    cost_book: CostBook | None = None,
    as_of: date | None = None,
) -> Iterator[Inspection]:
    """Regrades results one by one, so that any number of them passes through little memory.

    Args:
        results: Results, or their JSON as `to_json` wrote it.
        severity, cost_book, as_of: As for `Inspection.regrade`.

    Raises:
        pydantic.ValidationError: A text is no result.
        ConfigError: The policy does not apply on that day.
    """
    for result in results:
        if not isinstance(result, Inspection):
            result = Inspection.model_validate_json(result)  # noqa: PLW2901 - the same one
        yield regraded(result, severity=severity, cost_book=cost_book, as_of=as_of)


def regraded(
    result: Inspection,
    *,
    severity: SeverityPolicy | None,
    cost_book: CostBook | None,
    as_of: date | None,
) -> Inspection:
    """See `Inspection.regrade`."""
    issues: Sequence[Issue] = result.issues
    made = result.provenance
    if severity is not None:
        issues = [
            issue.model_copy(update={"severity": severity.grade(issue, result.case, as_of=as_of)})
            for issue in issues
        ]
        issues = worst_first(issues, [outcome.photo.id for outcome in result.photos])
        made = made.model_copy(
            update={
                "severity": f"{severity.name} {severity.version}",
                "severity_sha256": severity.sha256,
            }
        )
    cost = result.cost
    if cost_book is not None:
        issues = _priced(issues, result.case, cost_book)
        cost = total_cost(issues)
        made = made.model_copy(
            update={"cost_book": cost_book.label, "cost_book_sha256": cost_book.sha256}
        )
    if tuple(issues) == result.issues and cost == result.cost and made == result.provenance:
        return result
    changed = result.model_copy(
        update={
            "id": _id(result, made, as_of),
            "parent": result.id,
            "issues": tuple(issues),
            "summary": _summary(result.summary, issues),
            "cost": cost,
            "provenance": made,
        }
    )
    return changed.remember(result.handles)


def _priced(issues: Sequence[Issue], case: CaseFacts, cost_book: CostBook) -> Sequence[Issue]:
    """What had a price gets another one; what had none, as after a triage, gets none now."""
    settled = iter(cost_book.settle([issue for issue in issues if issue.cost], case).findings)
    return [next(settled) if issue.cost else issue for issue in issues]


def _id(result: Inspection, made: Provenance, as_of: date | None) -> str:
    rules = [made.severity_sha256, made.cost_book_sha256, as_of and as_of.isoformat()]
    return "r-" + content_hash([result.id, *rules])[:32]


def _summary(before: Summary, issues: Sequence[Issue]) -> Summary:
    graded = [issue for issue in issues if issue.severity.level is not None]
    worst = max(graded, key=lambda issue: issue.severity.order, default=None)
    return before.model_copy(
        update={
            "by_level": FrozenMap(
                Counter[str](issue.severity.level or "needs_review" for issue in issues)
            ),
            "worst": worst and worst.severity.level,
        }
    )
