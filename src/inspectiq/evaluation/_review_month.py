"""Reviews a month: what people decided about its findings, beside the month before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path

from inspectiq._taking import require
from inspectiq._tracebacks import hide_locals
from inspectiq.errors import ConfigError
from inspectiq.evaluation._evaluate import make_rule
from inspectiq.evaluation._extra import require_extra
from inspectiq.evaluation._labels import Labels
from inspectiq.evaluation._month_sums import MonthSums
from inspectiq.evaluation._month_tally import MonthTally
from inspectiq.evaluation._monthly_review import MonthlyReview
from inspectiq.evaluation._reading import GivenResults, read_results
from inspectiq.evaluation._reads import ReadResult

__all__ = ["review_month"]

MOST_NAMED = 6  # months that an error names


@hide_locals
def review_month(
    results: GivenResults, month: str, *, labels: Labels | Path | str | None = None
) -> MonthlyReview:
    """Reviews a month by what people decided about its findings; no engine is asked.

    Results are of the month in which they were made (`created_at`, in UTC). Of several results of
    a case, the decision with most reviews before it counts for each finding.

    Args:
        results: Those of the month and, to tell what changed, of the month before; others are
            passed over.
        month: Such as `2026-11`.
        labels: What people saw or paid besides, as for `evaluate`, for severe issues that were
            missed and for costs.

    Raises:
        ConfigError: `month` is no month, no result is of it, something is no result or label, or
            the extra `eval` is not installed.
    """
    before = _name_month_before(month)
    require_extra("a monthly review", "numpy", "scipy.special")
    taken, rule = (None if labels is None else Labels.of(labels)), make_rule("type", 0.5)
    now, earlier = (MonthTally(taken, rule) for _ in range(2))
    others: dict[str, None] = {}
    undated = 0
    for result in read_results(results):
        of = _name_month(result)
        if of is None:
            undated += 1
        elif of == month:
            now.add(result)
        elif of == before:
            earlier.add(result)
        else:
            others[of] = None
    if not now.cases:
        there = [*others, *([before] if earlier.cases else [])]
        raise ConfigError(_explain_empty(month, there))
    return _sum_up(month, before, now, earlier, undated)


def _name_month_before(month: str) -> str:
    require(month, str, "month", "give a text such as '2026-11'")
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise ConfigError(f"month is {month!r}; write it as year and month, such as '2026-11'")
    year, number = map(int, month.split("-"))
    return f"{year}-{number - 1:02}" if number > 1 else f"{year - 1:04}-12"


def _name_month(result: ReadResult) -> str | None:
    """Names the month, in UTC, in which a result was made; None where that is not known."""
    made = result.created_at
    return None if made is None else f"{made.astimezone(UTC):%Y-%m}"


def _explain_empty(month: str, others: Iterable[str]) -> str:
    told = sorted(others)
    if not told:
        return f"no result is of {month}, nor of another month; give results that were stored"
    named = ", ".join(told[-MOST_NAMED:])
    return f"no result is of {month}; the months that there are: {named}"


def _sum_up(
    month: str, before: str, now: MonthTally, earlier: MonthTally, undated: int
) -> MonthlyReview:
    sums = MonthSums(now, earlier)
    within, bias = sums.compare_costs() or (None, None)
    cases = now.cases.values()
    return MonthlyReview(
        month=month,
        before=before,
        cases=len(cases),
        photos=sum(case.photos for case in cases),
        findings=sum(case.findings for case in cases),
        reviewed=sum(len(case.decided) for case in cases),
        overall=sums.accept_by(None)[0],
        by_type=sums.accept_by("type"),
        by_model=sums.accept_by("model"),
        by_prompt=sums.accept_by("prompt"),
        raised_to_severe=sums.raise_to_severe(),
        severe_missed=sums.miss_severe(),
        cost_within=within,
        cost_bias=bias,
        disagreements=tuple(now.list_disagreements()),
        gaps=tuple(_list_gaps(now, earlier, before, undated)),
    )


def _list_gaps(now: MonthTally, earlier: MonthTally, before: str, undated: int) -> Iterator[str]:
    """Says what is not counted, and why."""
    if not any(case.decided for case in now.cases.values()):
        yield "Nobody has reviewed a finding of the month, so nothing is known of acceptance."
    if not earlier.cases:
        yield f"There is no result of {before}, so no change can be told."
    elif not any(case.decided for case in earlier.cases.values()):
        yield f"Nobody has reviewed a finding of {before}, so no change can be told."
    if undated:
        yield f"{undated} results do not say when they were made, and do not count."
    if now.labelled is None:
        yield "Without labels, issues that were missed and what repairs cost are not known."
        return
    if now.labelled.graded and len(now.labelled.profiles) > 1:
        yield "Severe issues by labels are not told: results were graded by several profiles."
    if not now.labelled.costs:
        yield "Costs are not compared: no priced finding that is right has an invoice."
    elif len(now.labelled.currencies) > 1:
        yield "Costs are not compared: estimates are in several currencies."
