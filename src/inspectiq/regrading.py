"""Grades and prices stored results again: the same observations under other rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from inspectiq.domain.base import content_hash
from inspectiq.domain.findings import Issue, total_cost, worst_first
from inspectiq.domain.results import Inspection, Provenance, levels

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
    cost, made = result.cost, result.provenance
    if severity is not None and as_of is not None:
        severity.require_effect(as_of)
    if severity is not None and severity.sha256 != made.severity_sha256:
        issues = [
            issue.model_copy(update={"severity": severity.grade(issue, result.case)})
            for issue in issues
        ]
        issues = worst_first(issues, [outcome.photo.id for outcome in result.photos])
        made = made.model_copy(
            update={
                "severity": f"{severity.name} {severity.version}",
                "severity_sha256": severity.sha256,
            }
        )
    if cost_book is not None and cost_book.sha256 != made.cost_book_sha256:
        from inspectiq.costs import settle_some

        issues = settle_some(cost_book, issues, result.case, _to_price(issues, made))
        cost = total_cost(issues)
        made = made.model_copy(
            update={"cost_book": cost_book.label, "cost_book_sha256": cost_book.sha256}
        )
    if made == result.provenance:
        return result
    changed = result.model_copy(
        update={
            "id": _id(result, made),
            "parent": result.id,
            "issues": tuple(issues),
            "summary": result.summary.model_copy(update=levels(issues)),
            "cost": cost,
            "provenance": made,
        }
    )
    return changed.remember(result.handles)


def _to_price(issues: Sequence[Issue], made: Provenance) -> list[bool]:
    """Which of them a cost book prices: no estimate of a host's own, and nothing of a triage.

    What an engine guessed counts as not priced.
    """
    triage = {engine.identity for engine in made.engines if engine.groups is not None}
    return [
        issue.cost.book == made.cost_book
        if issue.cost and not _is_a_guess(issue)
        else not any(item.engine in triage for item in issue.evidence)
        for issue in issues
    ]


def _is_a_guess(issue: Issue) -> bool:
    asked = issue.observed.stated_cost is not None
    return asked and issue.cost is not None and issue.cost.basis == "model"


def _id(result: Inspection, made: Provenance) -> str:
    return "r-" + content_hash([result.id, made.severity_sha256, made.cost_book_sha256])[:32]
