"""Writes comparisons of two runs as Markdown and HTML; in English alone."""

from __future__ import annotations

from collections.abc import Iterator

from inspectiq.evaluation._compare import Comparison, Difference
from inspectiq.evaluation._report import render_sections
from inspectiq.reports._blocks import Listed, Section, Table
from inspectiq.reports._markdown import write_sections

__all__ = ["render_comparison_html", "render_comparison_markdown"]

TITLE = "Two runs compared"


def render_comparison_markdown(comparison: Comparison) -> str:
    """Renders a comparison as Markdown."""
    return write_sections(TITLE, _build_sections(comparison))


def render_comparison_html(comparison: Comparison) -> str:
    """Renders a comparison as one HTML file: no script, no address of others."""
    cases = f"{comparison.cases} case{'s' * (comparison.cases != 1)} of both runs"
    return render_sections(TITLE, _build_sections(comparison), [cases])


def _build_sections(comparison: Comparison) -> Iterator[Section]:
    rows = tuple(
        (name, _format(figure.first), _format(figure.second), figure.difference.describe())
        for name, figure in _list_differences(comparison)
    )
    head = ("", "first", "second", "second less first (95 % interval)")
    runs = Listed.of(
        [
            f"First: {'; '.join(comparison.first) or 'no engine answered'}.",
            f"Second: {'; '.join(comparison.second) or 'no engine answered'}.",
        ]
    )
    yield Section("differences", "Differences", (runs, Table(head, rows)))
    found = comparison.found
    counted = (
        ("both", found.both),
        ("the first alone", found.first_only),
        ("the second alone", found.second_only),
        ("neither", found.neither),
        ("in all", found.labels),
    )
    table = Table(
        ("found by", "labelled issues"),
        tuple((name, str(n)) for name, n in counted),
        frozenset({1}),
    )
    yield Section("found", "Issues that were found", (table, Listed.of(_explain(comparison))))
    if comparison.gaps:
        yield Section("gaps", "What is not compared", (Listed.of(comparison.gaps),))


def _list_differences(comparison: Comparison) -> Iterator[tuple[str, Difference]]:
    yield "Precision", comparison.precision
    yield "Recall", comparison.recall
    yield "False findings a clean photo", comparison.false_a_clean_photo


def _format(value: float | None) -> str:
    return "too few to say" if value is None else f"{value:.2f}"


def _explain(comparison: Comparison) -> Iterator[str]:
    p = comparison.found.p
    told = f"too few to say: n = {comparison.found.labels}" if p is None else f"p = {p:.3g}"
    yield (
        f"McNemar's exact test: {told}. Its unit is a labelled issue on a photo that both runs "
        "assessed, and it takes issues as independent, which those of one flat are not."
    )
    yield "Intervals are of 95 %, by a bootstrap that draws cases, each with both runs."
