"""Renders outcomes, costs, severity profiles and previews as small HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inspectiq.domain._money import CostEstimate, CostLine
from inspectiq.domain._results import PhotoOutcome
from inspectiq.reports._notebook_html import (
    LONG,
    Html,
    esc,
    join,
    join_lines,
    join_some,
    render_card,
    render_level,
    render_more,
    render_rows,
    render_table,
    small,
    strong,
)

if TYPE_CHECKING:  # floors: these rooms import what renders them when they are shown
    from inspectiq.agents._preview import Preview
    from inspectiq.severity._profile import Level, SeverityProfile

__all__ = [
    "describe_amounts",
    "render_cost",
    "render_outcome",
    "render_preview",
    "render_profile",
]

MOST_LINES = 20
MOST_KEYS = 12


def describe_amounts(cost: CostEstimate) -> str:
    """Describes the range of an estimate, without false precision."""
    return f"{cost.low:,.0f} to {cost.high:,.0f} {cost.currency}"


def render_outcome(outcome: PhotoOutcome) -> str:
    """Renders the outcome of one photo."""
    return render_card([render_rows(_list_facts(outcome))])


def _list_facts(outcome: PhotoOutcome) -> Iterator[tuple[str, object]]:
    photo, fault = outcome.photo, outcome.fault
    yield "Photo", join([strong(photo.id), photo.name], " ")
    yield "Room", photo.room or ""
    yield "Outcome", outcome.status
    yield "Same as", outcome.duplicate_of or ""
    yield "Why", esc(outcome.reason or "", LONG)
    if fault:
        yield "Fault", join([fault.reason or fault.error, esc(fault.message, LONG)], ": ")
    if outcome.second_look:
        failure = outcome.second_look_fault and outcome.second_look_fault.error
        yield "Second look", join([outcome.second_look, failure or ""], ": ")
    yield "Photograph again", esc(outcome.retake or "", LONG)
    yield "Warnings", ", ".join(outcome.warnings)
    if outcome.groups is not None:
        yield "Read only for", ", ".join(group.replace("_", " ") for group in outcome.groups)
    if photo.original:
        yield (
            "File",
            f"{photo.original.format}, {photo.original.width} × {photo.original.height} pixels, "
            f"{photo.original.bytes:,} bytes",
        )
    if photo.taken_at:
        yield "Taken", f"{photo.taken_at:%Y-%m-%d %H:%M %Z}".strip()


def render_cost(cost: CostEstimate) -> str:
    """Renders an estimate with its lines, and says that it is no quote."""
    total = f"{cost.expected:,.2f} {cost.currency} expected, {describe_amounts(cost)}"
    rows: list[tuple[object, ...]] = [_list_cells(line) for line in cost.lines[:MOST_LINES]]
    rows.append((strong("In all"), strong(f"{cost.expected:,.2f}"), cost.book, ""))
    return render_card(
        [
            join([strong("Cost estimate"), total, (cost.trade or "").replace("_", " ")], " · "),
            render_table(["What", cost.currency, "Source", "Mark"], rows),
            render_more(MOST_LINES, len(cost.lines), "lines", "see .lines"),
            join_some(cost.notes),
            small(
                f"Not a quote. Class {cost.estimate_class} of 5, the roughest. V: seen at the "
                "source. S: in secondary sources only. A: an assumption."
            ),
        ]
    )


def _list_cells(line: CostLine) -> tuple[object, ...]:
    single = line.quantity == 1 and line.rate == line.amount
    how = "" if single else f"{line.quantity:,f} {line.unit.replace('_', ' ')} × {line.rate:,f}"
    source = line.source if line.year is None else f"{line.source}, {line.year}"
    return join_lines([line.label, small(how)]), f"{line.amount:,.2f}", source, line.mark


def render_profile(profile: SeverityProfile) -> str:
    """Renders the levels of a severity profile, the worst first, and counts its rules."""
    rows = [_list_level_cells(level) for level in reversed(profile.ladder)]
    thresholds = [f"{name} {one.value:g} {one.unit}" for name, one in profile.thresholds.items()]
    return render_card(
        [
            join([strong(type(profile).__name__), f"{profile.name} {profile.version}"], " · "),
            small(profile.cite),
            render_table(["Level", "Key", "Time limits"], rows),
            render_rows(
                [
                    ("Rules", f"{len(profile.rules)}, see .rules"),
                    ("Floors", _list_some([f"{k} {v.level}" for k, v in profile.floors.items()])),
                    ("Caps", _list_some([f"{k} {v.level}" for k, v in profile.caps.items()])),
                    ("Thresholds", _list_some(thresholds)),
                ]
            ),
        ]
    )


def _list_level_cells(level: Level) -> tuple[object, ...]:
    limits = [
        f"{one.action}: {one.after or 'not known'} after {one.clock}" for one in level.deadlines
    ]
    return render_level(level.label, level.colour), level.key, join_lines(limits)


def _list_some(items: list[str]) -> Html:
    more = f" and {len(items) - MOST_KEYS} more" if len(items) > MOST_KEYS else ""
    return esc(", ".join(items[:MOST_KEYS]) + more, LONG)


def render_preview(preview: Preview) -> str:
    """Renders what a run would take."""
    least, most = preview.output_tokens
    usd = "not known"
    if preview.usd is not None:
        usd = f"{preview.usd[0]:.4f} to {preview.usd[1]:.4f} USD"
    return render_card(
        [
            join([strong("Preview"), "nothing was sent"], " · "),
            render_rows(
                [
                    ("Engine", f"{preview.provider} {preview.model}"),
                    ("Photos", f"{preview.sent} of {preview.photos} would be sent"),
                    ("Requests", preview.requests),
                    ("Tokens in", f"{preview.input_tokens:,}"),
                    ("Tokens out", f"{least:,} to {most:,}"),
                    ("Price", usd),
                ]
            ),
        ]
    )
