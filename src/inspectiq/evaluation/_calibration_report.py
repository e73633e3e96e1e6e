"""Writes a calibration as Markdown: its reliability and its maps; in English alone."""

from __future__ import annotations

from collections.abc import Iterator

from inspectiq.evaluation._calibration import Calibration
from inspectiq.evaluation._figure import FEWEST, FEWEST_CASES
from inspectiq.evaluation._reliability import Reliability, ReliabilityTable
from inspectiq.reports._blocks import Listed, Paragraph, Section, Table
from inspectiq.reports._markdown import write_sections

__all__ = ["render_calibration"]

TITLE = "Calibration of confidence"
SHOWN = (0.5, 0.7, 0.9, 0.99)  # stated confidences whose shares the table of maps shows


def render_calibration(calibration: Calibration) -> str:
    """Renders a calibration as Markdown."""
    return write_sections(TITLE, _build_sections(calibration))


def _build_sections(calibration: Calibration) -> Iterator[Section]:
    for one in calibration.reliability:
        yield Section("reliability", f"{one.model}, {one.prompt}", tuple(_describe(one)))
    head = ("model", "of", "n", "properties", "confirmed", *(f"{x:g} means" for x in SHOWN))
    rows = tuple(
        (
            f"{one.model}, {one.prompt}",
            one.name if one.basis == "all" else f"{one.basis} {one.name}",
            str(one.n),
            str(one.properties),
            str(one.confirmed),
            *(f"{one.compute(stated):.2f}" for stated in SHOWN),
        )
        for one in calibration.maps
    )
    yield Section("maps", "Maps", (Table(head, rows, frozenset(range(2, len(head)))),))
    if calibration.gaps:
        yield Section("gaps", "What is not calibrated", (Listed.of(calibration.gaps),))
    yield Section("reading", "How to read this", (Listed.of(_explain(calibration)),))


def _describe(one: Reliability) -> Iterator[Paragraph | Table]:
    before, after = one.stated.error, one.calibrated.error
    yield Paragraph(
        f"Expected calibration error on properties held out: {before:.3f} before, {after:.3f} "
        f"after; {one.n} findings of {one.properties} properties."
    )
    head = ("", "from", "told, on average", "confirmed (95 % interval), of how many")
    rows = (*_list_rows("stated", one.stated), *_list_rows("calibrated", one.calibrated))
    yield Table(head, rows, frozenset({2}))


def _list_rows(name: str, table: ReliabilityTable) -> Iterator[tuple[str, ...]]:
    for part in table.bins:
        told = f"{part.told:.2f}"
        yield name, f"{part.low:.1f} to {part.high:.1f}", told, part.found.describe()


def _explain(calibration: Calibration) -> Iterator[str]:
    yield (
        f"Confirmed: accepted or edited by people. Of fewer than {FEWEST} there is a count and no "
        f"share; of fewer than {FEWEST_CASES} cases, which are properties here, no interval."
    )
    yield (
        "Held out: each fifth of the properties is judged by maps that were fitted on the others. "
        "The maps that are kept are fitted on all of them."
    )
    yield (
        "It tells what your reviewers confirm of what they reviewed. Where they look at some "
        "findings only, such as the doubtful ones, it tells of those."
    )
    yield f"Fitted by {calibration.method}; sha256 {calibration.sha256}."
