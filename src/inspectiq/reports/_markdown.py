"""Renders any result as Markdown, each kind by its own renderer."""

from __future__ import annotations

from collections.abc import Mapping

from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result
from inspectiq.reports._diagnosis import render_diagnosis
from inspectiq.reports._inspection import render_inspection
from inspectiq.reports._sections import More

__all__ = ["render_markdown"]


def render_markdown(
    result: Result, pictures: Mapping[str, str] | None = None, more: More | None = None
) -> str:
    """Renders the report of an inspection or a diagnosis.

    Args:
        result: The result.
        pictures: Paths of pictures to show, relative to the report, by photo id.
        more: Sections of a host's own: lines of plain text by title.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(result, Inspection):
        return render_inspection(result, pictures, more)
    if isinstance(result, Diagnosis):
        return render_diagnosis(result, pictures, more)
    raise TypeError(f"there is no report for a {type(result).__name__}")
