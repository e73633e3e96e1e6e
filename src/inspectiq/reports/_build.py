"""Builds the report of any result: its title and sections, for whatever lays them out."""

from __future__ import annotations

from collections.abc import Mapping

from inspectiq._taking import refuse, require, require_all
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result
from inspectiq.reports._blocks import Section
from inspectiq.reports._diagnosis import build_diagnosis
from inspectiq.reports._inspection import build_inspection
from inspectiq.reports._language import Language
from inspectiq.reports._sections import More

__all__ = ["build_report"]


def build_report(
    result: Result,
    language: Language,
    more: More | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[str, list[Section]]:
    """Builds the title and the sections of a report; sections without content are left out.

    Args:
        result: An inspection or a diagnosis.
        language: Of the report.
        more: Sections of a host's own: lines of plain text by title.
        labels: What a field of a host's own is called, by its name.

    Raises:
        ConfigError: It is neither, or `more` is no mapping of texts.
    """
    more = _check_more(more)
    if isinstance(result, Inspection):
        title, sections = "Property inspection", build_inspection(result, language, more, labels)
    elif isinstance(result, Diagnosis):
        title, sections = "Diagnosis", build_diagnosis(result, language, more, labels)
    else:
        refuse(result, "result", "give an Inspection or a Diagnosis")
    return language.translate(title), [section for section in sections if section.blocks]


def _check_more(more: More | None) -> More:
    require(more or {}, Mapping, "more", "give a mapping of titles to lines of text")
    checked = {}
    for title, lines in (more or {}).items():
        require(title, str, "more", "give each title as text")
        checked[title] = require_all(lines, f"more[{title!r}]", "give a list of lines")
        for line in checked[title]:
            require(line, str, f"more[{title!r}]", "give each line as text")
    return checked
