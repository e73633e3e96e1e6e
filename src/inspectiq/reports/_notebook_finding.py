"""Renders one finding as small HTML, with the photos that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inspectiq.domain._diagnoses import Problem
from inspectiq.domain._findings import Finding, Issue
from inspectiq.domain._photo import PhotoRef
from inspectiq.reports._findings import describe_agreement, describe_place, describe_trade
from inspectiq.reports._language import ENGLISH
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
    render_picture,
    render_rows,
    small,
    strong,
)
from inspectiq.reports._notebook_values import describe_amounts
from inspectiq.reports._showing import mark_finding
from inspectiq.reports._thumbnails import Marked, draw_thumbnails

__all__ = ["list_ids", "render_finding", "render_pictures"]

MOST_PICTURES = 3


def render_finding(finding: Finding, remembered: Mapping[str, tuple[PhotoRef, Any]]) -> str:
    """Renders a finding with the photos that show it, as far as they are remembered."""
    ids = list(dict.fromkeys(item.photo_id for item in finding.evidence))
    chosen = [one for one in ids if one in remembered][:MOST_PICTURES]
    marked = [Marked(*remembered[one], mark_finding(finding, one, "")) for one in chosen]
    captions = {one: f"{one} {remembered[one][0].name}" for one in chosen}
    return render_card(
        [
            join(
                [type(finding).__name__, strong(ENGLISH.translate(finding.label)), finding.id],
                " · ",
            ),
            render_rows(_list_facts(finding)),
            *render_pictures(marked, captions),
            render_more(len(chosen), len(ids), "photos", "show one with .show(id)")
            if chosen
            else "",
        ]
    )


def _list_facts(finding: Finding) -> Iterator[tuple[str, object]]:
    severity = finding.severity
    yield (
        "Level",
        join_lines(
            [
                render_level(severity.label, severity.colour),
                small(
                    join([severity.rule, severity.source], "; ")
                    if severity.source
                    else severity.rule
                ),
                small(f"a person must look: {severity.review}" if severity.review else ""),
            ]
        ),
    )
    yield "Where", describe_place(finding, ENGLISH)
    yield "Seen", esc(finding.observed.description, LONG)
    yield from _list_own_facts(finding)
    yield "What to do", esc(finding.scope.action or "", LONG)
    yield "Trade", describe_trade(finding.scope.trade, ENGLISH)
    yield "Safety", join_some(finding.scope.warnings)
    due = [
        f"{one.action}: {ENGLISH.format_moment(one.due) or 'not known'} ({one.rule})"
        for one in severity.deadlines
    ]
    yield "Deadlines", join_some(due)
    if finding.cost:
        yield "Cost", f"{describe_amounts(finding.cost)}, not a quote"
    if finding.agreement is not None:
        yield "Agreement", describe_agreement(finding.agreement, ENGLISH)
    if finding.look != "first":
        yield "Second look", f"it {'alone saw' if finding.look == 'second' else 'saw'} this"
    yield "A person must look", join_some(finding.review)
    decided = [
        f"{one.decision} by {one.by}, {ENGLISH.format_moment(one.at)}" for one in finding.reviews
    ]
    yield "Decisions", join_some(decided)
    yield "Photos", list_ids(finding)


def _list_own_facts(finding: Finding) -> Iterator[tuple[str, object]]:
    """Lists what only an issue or only a problem has."""
    if isinstance(finding, Issue):
        yield "Wear or damage", finding.condition
    if isinstance(finding, Issue | Problem) and finding.quantity:
        unit = finding.quantity.unit.replace("_", " ")
        yield "How much", f"about {finding.quantity.amount:g} {unit}"
    if isinstance(finding, Problem):
        yield "Cause", esc(finding.cause or "", LONG)
        yield "Do now", join_some(finding.do_now)
        yield "Steps", join_some(finding.steps, numbered=True)


def list_ids(finding: Finding) -> str:
    return ", ".join(dict.fromkeys(item.photo_id for item in finding.evidence))


def render_pictures(marked: Iterable[Marked], captions: Mapping[str, str]) -> Iterator[Html]:
    """Renders photos with their boxes, and names those that cannot be shown."""
    shown, missing = [], []
    for one, url in draw_thumbnails(marked):
        if url is None:
            missing.append(one.ref.id)
        else:
            caption = captions[one.ref.id]
            shown.append(render_picture(url, f"Photo {caption}", caption))
    yield join(shown)
    if missing:
        yield small(
            "not pictured, since not remembered, no local file, slow, or not as it was inspected: "
            + ", ".join(missing)
        )
