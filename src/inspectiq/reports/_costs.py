"""Renders costs in a report: of one finding, and of all together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._results import Result
from inspectiq.domain._taxonomy import OPEN_TRADE
from inspectiq.reports._escape import escape_markdown as esc

__all__ = [
    "describe_cost_basis",
    "format_cost_notes",
    "format_cost_range",
    "list_cost_lines",
    "render_total_cost",
    "sum_up_cost",
]


def list_cost_lines(finding: Finding) -> Iterable[str]:
    """Lists the cost of a finding, and below it the lines that it is made of."""
    cost = finding.cost
    if cost is None:
        waits = finding.severity.is_review or finding.scope.trade == OPEN_TRADE
        why = "; what the repair takes is not known until a person has looked"
        yield f"- Cost: not estimated{why * (waits and not finding.is_rejected)}"
        return
    yield f"- Cost: {format_cost_range(cost)}, {describe_cost_basis(cost)}"
    for line in cost.lines:
        yield f"  - {esc(line.explain().strip())}"
    for note in cost.notes:
        yield f"  - To note: {esc(note)}"


def sum_up_cost(result: Result) -> str:
    """Describes in a sentence what all findings cost together."""
    cost = result.cost
    if cost is None:
        priced = any(finding.cost for finding in result.found)
        return "see each finding" if priced else "not estimated"
    figures = f"{format_cost_range(cost)}, {describe_cost_basis(cost)}"
    return f"{figures} (cost book {esc(cost.book)}){format_cost_notes(cost.notes)}"


def render_total_cost(result: Result, heading: str = "## Estimated Cost") -> list[str]:
    """Renders what all findings cost together, as a table of its lines."""
    cost = result.cost
    if cost is None:
        return []
    lines = [heading, ""]
    lines.append(f"All findings together: {format_cost_range(cost)}, {describe_cost_basis(cost)}.")
    lines += ["", f"| What | {cost.currency} | Source | |", "| --- | ---: | --- | --- |"]
    for line in cost.lines:
        source = f"{line.source}, {line.year}" if line.year else line.source
        lines.append(f"| {esc(line.label)} | {line.amount:,f} | {esc(source)} | {line.mark} |")
    lines.append(f"| In all | {cost.expected:,f} | {esc(cost.book)} | |")
    lines += ["", *(f"- {esc(note)}" for note in cost.notes)]
    lines.append(
        f"- This is not a quote. Class {cost.estimate_class} of 5, the roughest: made from photos, "
        f"without a visit. Range: {esc(cost.range_source or 'not known')}."
    )
    lines.append("- V: seen at the source. S: seen in secondary sources only. A: an assumption.")
    return lines


def format_cost_range(cost: CostEstimate) -> str:
    """Formats the lowest and highest amount, without false precision."""
    return f"{cost.low:,.0f} to {cost.high:,.0f} {cost.currency}"


def describe_cost_basis(cost: CostEstimate) -> str:
    """Describes whether a cost is a book's estimate or somebody's guess, and for which place."""
    if cost.basis == "stated":
        by = {line.source for line in cost.lines}
        return f"stated by {esc(by.pop())} and not a quote" if len(by) == 1 else "not a quote"
    place = f"figures of {cost.region}" if cost.region else "national figures"
    return f"an estimate and not a quote, {esc(place)}"


def format_cost_notes(notes: Sequence[str]) -> str:
    """Formats the notes on a cost; empty for none."""
    return f". To note: {esc('; '.join(notes))}" if notes else ""
