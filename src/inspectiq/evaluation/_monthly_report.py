"""Writes monthly reviews as Markdown and HTML, with pictures of what people disagreed about."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from inspectiq.evaluation._figure import FEWEST, FEWEST_CASES
from inspectiq.evaluation._monthly_review import (
    Acceptance,
    Disagreement,
    MonthlyFigure,
    MonthlyReview,
)
from inspectiq.evaluation._report import render_sections
from inspectiq.photos._image_rule import ImageRule
from inspectiq.reports._blocks import (
    Block,
    Gallery,
    Heading,
    Listed,
    PagePicture,
    Paragraph,
    Section,
    Table,
)
from inspectiq.reports._colours import NO_LEVEL
from inspectiq.reports._markdown import write_sections
from inspectiq.reports._pictures import check_lookup, draw_box, find_photos, load_photo, place_box

__all__ = ["render_month_html", "render_month_markdown"]

RULE = ImageRule(long_side=640, short_side=640, quality=88)  # pixels; our choice
_HEAD = ("", "accepted as it was", "edited", "rejected", "change from the month before")

Draw = Callable[[Disagreement], PagePicture | None]


def render_month_markdown(review: MonthlyReview) -> str:
    """Renders a monthly review as Markdown."""
    return write_sections(f"Review of {review.month}", _build_sections(review, lambda _: None))


def render_month_html(review: MonthlyReview, photos: Path | str | None) -> str:
    """Renders a monthly review as one HTML file: no script, no address of others.

    Raises:
        ConfigError: There is no folder `photos`.
    """
    check_lookup(photos)

    def draw(told: Disagreement) -> PagePicture | None:
        return None if photos is None else _draw(told, photos)

    title = f"Review of {review.month}"
    return render_sections(title, _build_sections(review, draw), [_describe_basis(review)])


def _describe_basis(review: MonthlyReview) -> str:
    counted = (
        (review.cases, "case"),
        (review.photos, "photo"),
        (review.findings, "finding"),
    )
    told = ", ".join(f"{n} {name}{'s' * (n != 1)}" for n, name in counted)
    return f"{told}, {review.reviewed} of them reviewed"


def _build_sections(review: MonthlyReview, draw: Draw) -> Iterator[Section]:
    rows = tuple(
        (name, one.now.describe(), one.before.describe(), _describe_change(one))
        for name, one in _list_figures(review)
    )
    head = ("", review.month, review.before, "change (95 % interval)")
    yield Section("overall", "In all", (Paragraph(_describe_basis(review)), Table(head, rows)))
    for name, title, listed in (
        ("types", "By type", review.by_type),
        ("models", "By model", review.by_model),
        ("prompts", "By prompt", review.by_prompt),
    ):
        if listed:
            table = Table(_HEAD, tuple(map(_list_cells, listed)), frozenset({2, 3}))
            yield Section(name, title, (table,))
    if review.disagreements:
        blocks = tuple(_list_disagreements(review.disagreements, draw))
        yield Section("disagreements", "Where people disagreed most", blocks)
    if review.gaps:
        yield Section("gaps", "What is not counted", (Listed.of(review.gaps),))
    yield Section("reading", "How to read this", (Listed.of(_explain()),))


def _list_figures(review: MonthlyReview) -> Iterator[tuple[str, MonthlyFigure]]:
    yield "Reviewed findings accepted as they were", review.overall.share
    yield "Severe by a review, graded lower before", review.raised_to_severe
    labelled = (
        ("Severe by labels, missed or graded lower", review.severe_missed),
        ("Invoices within the estimated range", review.cost_within),
        ("Estimates over invoices, less 1", review.cost_bias),
    )
    yield from ((name, figure) for name, figure in labelled if figure is not None)


def _list_cells(one: Acceptance) -> tuple[str, ...]:
    share = one.share
    return (
        one.name,
        share.now.describe(),
        str(one.edited),
        str(one.rejected),
        _describe_change(share),
    )


def _describe_change(figure: MonthlyFigure) -> str:
    change = figure.change
    if change.value is None:
        return "too few to say"
    told = f"{change.value:+.2f}"
    if change.low is None or change.high is None:
        return f"{told} (no interval)"
    return f"{told} ({change.low:+.2f} to {change.high:+.2f})"


def _list_disagreements(listed: Sequence[Disagreement], draw: Draw) -> Iterator[Block]:
    titles = {"rejected": "Rejected, the surest first", "raised": "Given a higher level"}
    for kind, title in titles.items():
        of_kind = [one for one in listed if one.kind == kind]
        if not of_kind:
            continue
        yield Heading(title)
        yield Listed.of(map(_describe, of_kind))
        pictures = tuple(picture for one in of_kind if (picture := draw(one)) is not None)
        if pictures:
            yield Gallery(pictures)


def _describe(told: Disagreement) -> str:
    stated = "" if told.confidence is None else f", {told.confidence:.2f} stated"
    seen = "" if told.photo is None else f", photo {told.photo.name}"
    found = f"{told.label}, case {told.case_id}{seen}{stated}"
    if told.model:
        found += f", {told.model}"
    if told.kind == "raised":
        found += f": {told.level} became {told.new_level}"
    return f"{found}. “{told.because}”" if told.because else f"{found}."


def _draw(told: Disagreement, photos: Path | str) -> PagePicture | None:
    """Draws the photo of a disagreement with its box; None where it is not to be found."""
    ref = told.photo
    if ref is None:
        return None
    loaded = (load_photo(ref, photo, RULE) for photo in find_photos(ref, photos, {}))
    picture = next((one for one in loaded if one is not None), None)
    if picture is None:
        return None
    if told.box is not None:
        draw_box(picture, place_box(told.box, ref.crop), "", NO_LEVEL)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=RULE.quality)
    return PagePicture(
        uri="data:image/jpeg;base64," + b64encode(file.getvalue()).decode(),
        width=picture.width,
        height=picture.height,
        alt=f"Photo {ref.name}, with a box: {told.label}",
        caption=f"{told.label}, case {told.case_id}, {ref.name}",
        css="thumb",
    )


def _explain() -> Iterator[str]:
    yield (
        "A result is of the month, in UTC, in which it was made. Of each finding the last decision "
        "counts, and its type, model and prompt are those by which it was found."
    )
    yield (
        "Severe: the upper half of a profile's levels. What had no level until somebody looked was "
        "not graded lower."
    )
    yield (
        f"Of fewer than {FEWEST} there is a count and no figure; of fewer than {FEWEST_CASES} "
        "cases there is no interval. Intervals are of 95 %, by how cases differ; those of a change "
        "are by a bootstrap that draws the cases of each month by themselves."
    )
    yield "Where people review some findings only, such as the doubtful ones, it tells of those."
