"""The result of an evaluation, as values that JSON keeps."""

from __future__ import annotations

from typing import Any

from inspectiq._values import FrozenMap, Value
from inspectiq.evaluation._average_precision import AveragePrecision
from inspectiq.evaluation._figure import Figure
from inspectiq.evaluation._matching import Tolerance

__all__ = ["Abstention", "CostScores", "Evaluation", "Scores", "SeverityScores"]


class Scores(Value):
    """How findings compare with labels: of all, or of one type, group or room.

    A finding counts once on each photo that shows it.

    Attributes:
        name: The type, group or room; "all" for all of them.
        precision: The share of findings that are right.
        recall: The share of labelled issues that were found, on photos that were assessed.
        missed: Labelled issues that were not found.
        false_findings: Findings that are not right.
        abstained: Labelled issues on photos that were unclear or failed, or of a group that a
            triage does not look for. They count neither as found nor as missed.
    """

    name: str
    precision: Figure
    recall: Figure
    missed: int
    false_findings: int
    abstained: int


class Abstention(Value):
    """How many photos got no answer, of all photos, labelled or not.

    Attributes:
        unclear: The share of photos that the engine could not tell.
        failed: The share of photos that failed.
    """

    unclear: Figure
    failed: Figure


class SeverityScores(Value):
    """How levels compare with those that people gave.

    Attributes:
        ladder: The levels, the mildest first.
        kappa: Cohen's kappa with quadratic weights, over findings that are right and have a level.
        severe: The levels that count as severe.
        severe_missed: The share of severe issues that were not found, or were graded below severe.
        needs_review: The share of right findings, whose label has a level, that were left to a
            person to grade. They are neither in kappa nor severe misses.
    """

    ladder: tuple[str, ...]
    kappa: Figure
    severe: tuple[str, ...]
    severe_missed: Figure
    needs_review: Figure


class CostScores(Value):
    """How estimates compare with invoices, of right findings that have both.

    Attributes:
        currency: Of the estimates; invoices are taken to be in it.
        within: The share of invoices within the range of their estimate.
        bias: All that was expected ÷ all invoices, less 1: 0.1 where estimates are a tenth too
            high.
    """

    currency: str
    within: Figure
    bias: Figure


class Evaluation(Value):
    """How well findings agree with labels, each figure with its interval and what it is of.

    Attributes:
        tolerance: What had to be the same of a finding and its label: `type`, or only `group`.
        overlap: The least intersection over union of their boxes, where both had one.
        cases: Cases that the results are of.
        reads: Results; more than cases where a case was read more than once.
        photos: Photos of all results, duplicates left out.
        labelled: Photos that are labelled, counted in each read.
        configurations: What made the results, and how many.
        overall: Of all findings and labels.
        by_type: Of each type.
        by_group: Of each group.
        by_room: Of each room, as hosts or folders named them.
        false_a_clean_photo: False findings on a photo that is labelled clean, on average.
        clean_with_false: The share of such photos that have any.
        abstention: Photos without an answer.
        severity: Levels; None where no label has one, or there is no one order of levels.
        overlap_of_boxes: Intersection over union of right findings and labels that both have boxes,
            on average; it is at least `overlap`.
        average_precision: Of boxes, ranked by confidence; None where no photo has all that it
            needs.
        costs: Estimates; None where no label of a priced finding has an invoice.
        usd_a_photo: Dollars that a photo cost, on average, where the price is known.
        seconds_a_photo: Seconds that a photo took, on average, by a ledger: those of the run of its
            case, divided by its photos.
        agreement: Of what two reads of a case found (a type on a photo), the share that both did.
        gaps: What could not be counted, and why.
    """

    tolerance: Tolerance
    overlap: float
    cases: int
    reads: int
    photos: int
    labelled: int
    configurations: FrozenMap[int] = FrozenMap()
    overall: Scores
    by_type: tuple[Scores, ...]
    by_group: tuple[Scores, ...]
    by_room: tuple[Scores, ...]
    false_a_clean_photo: Figure
    clean_with_false: Figure
    abstention: Abstention
    severity: SeverityScores | None = None
    overlap_of_boxes: Figure
    average_precision: AveragePrecision | None = None
    costs: CostScores | None = None
    usd_a_photo: Figure
    seconds_a_photo: Figure
    agreement: Figure
    gaps: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Writes it as indented JSON; `model_validate_json` reads it back."""
        return self.model_dump_json(indent=2) + "\n"

    def to_markdown(self) -> str:
        """Writes it as Markdown."""
        from inspectiq.evaluation._report import render_markdown

        return render_markdown(self)

    def to_html(self) -> str:
        """Writes it as one HTML file that loads nothing."""
        from inspectiq.evaluation._report import render_html

        return render_html(self)

    def to_records(self) -> list[dict[str, Any]]:
        """Makes a dict of each row of precision and recall, for a frame of pandas or polars."""
        rows = [
            ("all", self.overall),
            *(("type", one) for one in self.by_type),
            *(("group", one) for one in self.by_group),
            *(("room", one) for one in self.by_room),
        ]
        return [_make_record(kind, one) for kind, one in rows]


def _make_record(kind: str, scores: Scores) -> dict[str, Any]:
    figures = {
        f"{name}{end}": value
        for name, figure in (("precision", scores.precision), ("recall", scores.recall))
        for end, value in (
            ("", figure.value),
            ("_low", figure.low),
            ("_high", figure.high),
            ("_n", figure.n),
        )
    }
    return {
        "by": kind,
        "name": scores.name,
        **figures,
        "missed": scores.missed,
        "false_findings": scores.false_findings,
        "abstained": scores.abstained,
    }
