"""Makes tables of results: one row for each finding, photo or cost line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from inspectiq._taking import require, require_all
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result
from inspectiq.reports._columns import Kind, get_columns
from inspectiq.reports._extra import make_extra_columns
from inspectiq.reports._rows import ROWS, Row

__all__ = ["RowLevel", "build_table", "take_results", "to_records"]

RowLevel = Literal["issues", "photos", "cost_lines"]
"""What a row stands for: a finding, a photo, or a line of a finding's cost."""


@hide_locals
def to_records(
    results: Result | Iterable[Result], level: RowLevel = "issues"
) -> list[dict[str, Any]]:
    """Makes a dict of each row; all of them have the same keys, in the same order.

    The guide "Tables" lists the columns of each level. Times are in UTC, amounts are floats beside
    their exact texts, and what is missing is None.

    Args:
        results: One result, or any number of them; inspections and diagnoses may be mixed.
        level: What a row stands for: `issues` (the findings, also of a diagnosis), `photos` (every
            one, whatever became of it), or `cost_lines`.

    Raises:
        ConfigError: Something else than results was given, or there are no such rows.
    """
    _, rows = build_table(take_results(results), level)
    return rows


def take_results(results: Result | Iterable[Result]) -> tuple[Result, ...]:
    """Takes one result or several, and makes sure that they are results."""
    choices = "give an Inspection or a Diagnosis, or several of them"
    # A result can be gone through as well, by its fields.
    given = require_all((results,) if isinstance(results, Result) else results, "results", choices)
    for result in given:
        require(result, (Inspection, Diagnosis), "results", choices)
    return given


def build_table(results: Sequence[Result], level: str) -> tuple[dict[str, Kind], list[Row]]:
    """Builds the columns of some results, with what each holds, and their rows.

    Fields that a subclass of an agent asked for follow the other columns, in the order in which
    they are met.
    """
    columns = dict(get_columns(level))
    found = [row for result in results for row in ROWS[level](result)]
    extra, values = make_extra_columns([row.pop("extra", {}) for row in found])
    rows = [{name: row[name] for name in columns} for row in found]
    return columns | extra, [row | more for row, more in zip(rows, values, strict=True)]
