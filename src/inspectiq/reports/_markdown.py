"""Renders any result as Markdown, each kind by its own renderer."""

from __future__ import annotations

from collections.abc import Mapping

from inspectiq._taking import refuse, require, require_all
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
        ConfigError: It is neither, or `more` is no mapping of texts.
    """
    require(more or {}, Mapping, "more", "give a mapping of titles to lines of text")
    for title, lines in (more or {}).items():
        require(title, str, "more", "give each title as text")
        for line in require_all(lines, f"more[{title!r}]", "give a list of lines"):
            require(line, str, f"more[{title!r}]", "give each line as text")
    if isinstance(result, Inspection):
        return render_inspection(result, pictures, more)
    if isinstance(result, Diagnosis):
        return render_diagnosis(result, pictures, more)
    return refuse(result, "result", "give an Inspection or a Diagnosis")
