"""Grades and prices stored results again: the same observations under other rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from inspectiq._taking import refuse, require_day
from inspectiq._tracebacks import hide_locals
from inspectiq._values import hash_content
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._findings import Finding, sort_worst_first, sum_costs
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import Inspection, Result
from inspectiq.domain._summary import count_levels

if TYPE_CHECKING:
    from pathlib import Path

    from inspectiq.costs._book import CostBook
    from inspectiq.severity._policy import SeverityPolicy
    from inspectiq.severity._profile import SeverityProfile

__all__ = ["derive_result", "grade_again", "price_again", "regrade_all", "regrade_result"]

ResultT = TypeVar("ResultT", bound=Result)


@hide_locals
def regrade_all(
    results: Iterable[Inspection | str | bytes],
    *,
    severity: SeverityProfile | Path | str | None = None,
    cost_book: CostBook | Path | str | None = None,
    as_of: date | None = None,
) -> Iterator[Inspection]:
    """Regrades results one by one, so that any number of them passes through little memory.

    Args:
        results: Results, or their JSON as `to_json` wrote it.
        severity: As for `Inspection.regrade`.
        cost_book: As for `Inspection.regrade`.
        as_of: As for `Inspection.regrade`.

    Raises:
        ConfigError: The policy does not apply on that day, there is none of that name, or a text
            is no result, or one of a newer major version.
    """
    policy, book = _take_rules(severity, cost_book, as_of)
    if isinstance(results, Inspection | str | bytes) or not isinstance(results, Iterable):
        refuse(results, "results", "give a list, or anything else that gives one after the other")
    # No generator: its frame would hold a result where an error passes it.
    return map(hide_locals(lambda one: _regrade(_take_result(one), policy, book, as_of)), results)


def _take_result(given: object) -> Inspection:
    if isinstance(given, Inspection):
        return given
    if isinstance(given, str | bytes | bytearray):
        return Inspection.model_validate_json(given)
    return refuse(given, "results", "give each as an Inspection, or as what its `to_json` wrote")


def _take_rules(
    severity: SeverityProfile | Path | str | None,
    cost_book: CostBook | Path | str | None,
    as_of: date | None,
) -> tuple[SeverityPolicy | None, CostBook | None]:
    from inspectiq.costs._book_files import take_book
    from inspectiq.severity._policy import take_policy

    if as_of is not None:
        require_day(as_of, "as_of")
    return (
        None if severity is None else take_policy(severity, "severity"),
        None if cost_book is None else take_book(cost_book, "cost_book"),
    )


def regrade_result(
    result: ResultT,
    *,
    severity: SeverityProfile | Path | str | None,
    cost_book: CostBook | Path | str | None,
    as_of: date | None,
) -> ResultT:
    """Regrades one result, as `Result.regrade` says; what a person set or rejected stays."""
    policy, book = _take_rules(severity, cost_book, as_of)
    return _regrade(result, policy, book, as_of)


def _regrade(
    result: ResultT, severity: SeverityPolicy | None, cost_book: CostBook | None, as_of: date | None
) -> ResultT:
    findings: Sequence[Finding] = result.found
    made = result.provenance
    if severity is not None and as_of is not None:
        severity.require_effect(as_of)
    if severity is not None and severity.sha256 != made.severity_sha256:
        findings = [grade_again(finding, result, severity) for finding in findings]
        named = f"{severity.name} {severity.version}"
        made = made.model_copy(update={"severity": named, "severity_sha256": severity.sha256})
    if cost_book is not None and cost_book.sha256 != made.cost_book_sha256:
        findings = price_again(findings, result, cost_book)
        made = made.model_copy(
            update={"cost_book": cost_book.label, "cost_book_sha256": cost_book.sha256}
        )
    if made == result.provenance:
        return result
    changed = derive_result(result, findings, [made.severity_sha256, made.cost_book_sha256])
    update: dict[str, Any] = {"provenance": made}
    if isinstance(result, Diagnosis) and severity is not None:
        update["urgency"] = severity.grade_urgency(changed.found, result.emergencies, result.case)
    return changed.model_copy(update=update).remember(result.handles)


def derive_result(result: ResultT, findings: Sequence[Finding], because: Sequence[Any]) -> ResultT:
    """Makes a result with changed findings: the next revision, whose `parent` is the given one.

    Args:
        result: The parent.
        findings: The findings, in any order.
        because: Values that identify the change: the same ones give the same id.
    """
    ordered = sort_worst_first(findings, [outcome.photo.id for outcome in result.photos])
    return result.with_found(
        ordered,
        id="r-" + hash_content([result.id, *because])[:32],
        parent=result.id,
        revision=result.revision + 1,
        summary=result.summary.model_copy(update=count_levels(ordered)),
        cost=sum_costs(ordered),
    ).remember(result.handles)


def grade_again(finding: Finding, result: Result, severity: SeverityPolicy) -> Finding:
    """Grades a finding of a result anew, unless a person rejected it or set its severity."""
    if finding.is_rejected or finding.was_edited("severity"):
        return finding
    return finding.model_copy(update={"severity": severity.grade(finding, result.case)})


def price_again(
    findings: Sequence[Finding], result: Result, cost_book: CostBook
) -> Sequence[Finding]:
    """Prices findings of a result anew, but for estimates of a host's own and a triage's finds."""
    from inspectiq.costs._cost_estimates import estimate_some_together

    chosen = [_is_to_price(finding, result.provenance) for finding in findings]
    return estimate_some_together(cost_book, findings, result.case, chosen)


def _is_to_price(finding: Finding, made: Provenance) -> bool:
    if finding.is_rejected or finding.was_edited("cost"):
        return False
    if finding.cost is not None and not _is_guessed(finding.cost, finding):
        return finding.cost.book == made.cost_book
    triage = {engine.identity for engine in made.engines if engine.groups is not None}
    return not any(item.engine in triage for item in finding.evidence)


def _is_guessed(cost: CostEstimate, finding: Finding) -> bool:
    """Tells whether an engine guessed the cost, which counts as not priced."""
    return cost.basis == "stated" and finding.observed.stated_cost is not None
