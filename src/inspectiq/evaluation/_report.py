"""Writes evaluations as Markdown and HTML, in the look of reports; in English alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inspectiq.evaluation._average_precision import AveragePrecision
from inspectiq.evaluation._evaluation import Evaluation, Scores
from inspectiq.evaluation._figure import FEWEST, FEWEST_CASES, Figure
from inspectiq.reports._blocks import Listed, Paragraph, Section, Table
from inspectiq.reports._brand import Brand
from inspectiq.reports._language import ENGLISH
from inspectiq.reports._markdown import write_sections
from inspectiq.reports._pages import name_author, render_page

__all__ = ["render_html", "render_markdown", "render_sections"]

TITLE = "Evaluation"
_HEAD = ("", "precision", "recall", "missed", "false", "abstained")


def render_markdown(evaluation: Evaluation) -> str:
    """Renders an evaluation as Markdown."""
    return write_sections(TITLE, _build_sections(evaluation))


def render_html(evaluation: Evaluation) -> str:
    """Renders an evaluation as one HTML file: no script, no address of others."""
    return render_sections(TITLE, _build_sections(evaluation), [_describe_basis(evaluation)])


def render_sections(title: str, sections: Iterable[Section], dates: list[str]) -> str:
    """Renders sections as one HTML page in the look of reports.

    Args:
        title: The title.
        sections: Sections without findings.
        dates: What stands below the title.
    """
    brand = Brand()
    return render_page(
        "report.html",
        brand,
        ENGLISH,
        {
            "title": title,
            "page_title": title,
            "product": "",
            "author": name_author(brand),
            "place": "",
            "dates": dates,
            "marking": (),
            "disclosure": "Findings of a machine, compared with what people labelled.",
            "footer": [],
            "brief": False,
            "sections": [
                {
                    "id": f"{section.name}-{number}",
                    "name": section.name,
                    "title": section.title,
                    "level": section.level,
                    "blocks": section.blocks,
                }
                for number, section in enumerate(sections, start=1)
            ],
            "levels": {},
            "kind_of": lambda block: type(block).__name__,
        },
        {},
    )


def _describe_basis(evaluation: Evaluation) -> str:
    counted = (
        (evaluation.cases, "case"),
        (evaluation.reads, "result"),
        (evaluation.photos, "photo"),
    )
    told = ", ".join(f"{n} {name}{'s' * (n != 1)}" for n, name in counted)
    return f"{told}, {evaluation.labelled} of them labelled"


def _build_sections(evaluation: Evaluation) -> Iterator[Section]:
    overall = Table(("", "figure (95 % interval), of how many"), tuple(_list_figures(evaluation)))
    yield Section("overall", "In all", (Paragraph(_describe_basis(evaluation)), overall))
    for name, title, scores in (
        ("types", "By type", evaluation.by_type),
        ("groups", "By group", evaluation.by_group),
        ("rooms", "By room", evaluation.by_room),
    ):
        if scores:
            rows = tuple(map(_list_cells, scores))
            yield Section(name, title, (Table(_HEAD, rows, frozenset({3, 4, 5})),))
    yield Section("gaps", "What is not counted", (Listed.of(evaluation.gaps),))
    yield Section("reading", "How to read this", (Listed.of(_explain(evaluation)),))


def _list_figures(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    overall, severity, costs = evaluation.overall, evaluation.severity, evaluation.costs
    figures: list[tuple[str, Figure | None]] = [
        ("Precision: findings that are right", overall.precision),
        ("Recall: labelled issues that were found", overall.recall),
        ("False findings a clean photo", evaluation.false_a_clean_photo),
        ("Clean photos with a false finding", evaluation.clean_with_false),
        ("Unclear photos", evaluation.abstention.unclear),
        ("Failed photos", evaluation.abstention.failed),
        ("Levels: quadratic-weighted kappa", severity.kappa if severity else None),
        ("Severe issues missed or graded lower", severity.severe_missed if severity else None),
        ("Right findings left to a person to grade", severity.needs_review if severity else None),
        ("Boxes: mean intersection over union", evaluation.overlap_of_boxes),
        ("Invoices within the estimated range", costs.within if costs else None),
        ("Estimates over invoices, less 1", costs.bias if costs else None),
        ("Agreement of two reads of a case", evaluation.agreement),
    ]
    yield from ((name, figure.describe()) for name, figure in figures if figure is not None)
    if (boxes := evaluation.average_precision) is not None:
        yield "Boxes: average precision as COCO counts it", _describe_precision(boxes)
    yield "Dollars a photo", evaluation.usd_a_photo.describe(4)
    yield "Seconds a photo", evaluation.seconds_a_photo.describe(2)
    yield "Labelled issues on photos without an answer", str(overall.abstained)


def _describe_precision(boxes: AveragePrecision) -> str:
    of = f"{boxes.labels} boxes of {boxes.types} types on {boxes.photos} photos"
    if boxes.mean is None:
        return f"too few to say: {of}"
    return f"{boxes.mean:.2f}, and {boxes.at_50:.2f} at an overlap of 0.50 (no interval), {of}"


def _list_cells(scores: Scores) -> tuple[str, ...]:
    return (
        scores.name,
        scores.precision.describe(),
        scores.recall.describe(),
        str(scores.missed),
        str(scores.false_findings),
        str(scores.abstained),
    )


def _explain(evaluation: Evaluation) -> Iterator[str]:
    same = "type" if evaluation.tolerance == "type" else "group of types"
    yield (
        f"A finding is right where a label of the same {same} is on its photo. Where both have a "
        f"box, these overlap by {evaluation.overlap:g} or more (intersection over union). One "
        "label makes one finding right; a finding counts on each photo that shows it."
    )
    yield (
        "Abstained: issues on photos that were unclear or failed, or of a group that a triage does "
        "not look for. They are in neither precision nor recall."
    )
    yield (
        f"Of fewer than {FEWEST} there is a count and no figure; of fewer than {FEWEST_CASES} "
        "cases there is no interval."
    )
    yield (
        "Intervals are of 95 %, by how cases differ: Wilson's for shares, with as many units as "
        "would be independent, and for the others a bootstrap that draws cases."
    )
    if evaluation.severity:
        yield f"Severe is {', '.join(evaluation.severity.severe)}: the upper half of the levels."
    yield from (f"Made by {name}: {n}." for name, n in evaluation.configurations.items())
