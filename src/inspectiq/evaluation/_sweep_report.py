"""Writes sweeps as Markdown and HTML; in English alone."""

from __future__ import annotations

from collections.abc import Iterator

from inspectiq.evaluation._report import render_sections
from inspectiq.evaluation._sweep import Sweep, SweptRun
from inspectiq.reports._blocks import Block, Listed, Section, Table
from inspectiq.reports._markdown import write_sections

__all__ = ["render_sweep_html", "render_sweep_markdown"]

TITLE = "Sweep"


def render_sweep_markdown(sweep: Sweep) -> str:
    """Renders a sweep as Markdown."""
    return write_sections(TITLE, _build_sections(sweep))


def render_sweep_html(sweep: Sweep) -> str:
    """Renders a sweep as one HTML file: no script, no address of others."""
    return render_sections(TITLE, _build_sections(sweep), [_describe_money(sweep)])


def _describe_money(sweep: Sweep) -> str:
    paid = sum(run.usd for run in sweep.runs)
    return f"${paid:.4f} of ${sweep.usd} paid"


def _build_sections(sweep: Sweep) -> Iterator[Section]:
    head = ("run", "cases", "photos", "findings", "unclear or failed", "dollars", "")
    rows = tuple(
        (
            run.name,
            str(run.cases),
            str(run.photos),
            str(run.findings),
            str(run.unanswered),
            f"{run.usd:.4f}" + f" and {run.unpriced} of unknown price" * bool(run.unpriced),
            run.status,
        )
        for run in sweep.runs
    )
    blocks: list[Block] = [
        Listed.of([_describe_money(sweep) + "."]),
        Table(head, rows, frozenset(range(1, 6))),
    ]
    if stops := [f"{run.name}: {run.why}" for run in sweep.runs if run.why]:
        blocks.append(Listed.of(stops))
    yield Section("runs", "What was run", tuple(blocks))
    if any(run.evaluation for run in sweep.runs):
        yield Section("figures", "How good", (Table(_HEAD, tuple(_list_figures(sweep))),))
    if any(run.comparison for run in sweep.runs):
        first = sweep.runs[0].name
        title = f"Against {first}"
        yield Section("differences", title, (Table(_AGAINST, tuple(_list_differences(sweep))),))
    yield Section("reading", "How to read this", (Listed.of(_explain(sweep)),))


_HEAD = (
    "run",
    "precision",
    "recall",
    "false a clean photo",
    "levels: kappa",
    "$ a photo",
    "s a photo",
)
_AGAINST = ("run", "precision", "recall", "issues found: p")


def _list_figures(sweep: Sweep) -> Iterator[tuple[str, ...]]:
    for run in sweep.runs:
        made = run.evaluation
        if made is None:
            continue
        figures = (
            made.overall.precision,
            made.overall.recall,
            made.false_a_clean_photo,
            made.severity.kappa if made.severity else None,
        )
        yield (
            run.name,
            *("none" if figure is None else figure.describe() for figure in figures),
            made.usd_a_photo.describe(4),
            made.seconds_a_photo.describe(2),
        )


def _list_differences(sweep: Sweep) -> Iterator[tuple[str, ...]]:
    for run in sweep.runs:
        made = run.comparison
        if made is not None:
            yield (
                run.name,
                made.precision.difference.describe(),
                made.recall.difference.describe(),
                _describe_p(run),
            )


def _describe_p(run: SweptRun) -> str:
    return "too few to say" if run.p is None else f"{run.p:.3g}"


def _explain(sweep: Sweep) -> Iterator[str]:
    compared = sum(run.comparison is not None for run in sweep.runs)
    if compared:
        yield (
            "A difference is of the run less the first one, over the cases of both, with an "
            "interval of 95 % by a bootstrap of cases. Where it holds 0, no difference is shown."
        )
    if compared > 1:
        yield (
            f"p is McNemar's, corrected by Holm for {compared} comparisons; intervals are not "
            "corrected. The best of many looks better than it is: try it on other cases before you "
            "rely on it."
        )
    yield "Dollars are what was paid: an answer that the cache had already costs nothing."
    if not any(run.evaluation for run in sweep.runs):
        yield "Without labels nothing is known of how good a run is; more findings are not better."
