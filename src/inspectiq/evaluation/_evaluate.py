"""Compares stored results with what people saw on the same photos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from inspectiq._taking import refuse, require, require_number
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FrozenMap
from inspectiq.errors import ConfigError
from inspectiq.evaluation._evaluation import Evaluation
from inspectiq.evaluation._extra import require_extra
from inspectiq.evaluation._labels import Labels
from inspectiq.evaluation._matching import Tolerance
from inspectiq.evaluation._reading import GivenResults, read_results
from inspectiq.evaluation._seconds import read_seconds
from inspectiq.evaluation._tally import Rule, Tally

__all__ = ["count", "evaluate", "make_rule"]

NO_SECONDS = "How long a photo took is not in results; give the ledger that watched the runs."
MOST_NAMED = 5  # cases that a gap names


@hide_locals
def evaluate(
    results: GivenResults,
    labels: Labels | Path | str,
    *,
    tolerance: Tolerance = "type",
    overlap: float = 0.5,
    mixed: bool = False,
    ledger: Path | str | None = None,
) -> Evaluation:
    """Compares results with labels; no engine is asked, and no result is kept.

    Findings and labels of a photo are paired one to one: of the same type, and where both have a
    box, of boxes that overlap enough. What the engine found counts, not what a review made of it.

    Args:
        results: Results, the path of a file or folder of them, or an iterable of these.
        labels: What people saw, or the path of a file of it: CSV, or COCO JSON.
        tolerance: `type` where a finding must be of the label's type, `group` where the same group
            is enough.
        overlap: The least intersection over union of two boxes; a place that only one of them has
            is not compared.
        mixed: Whether results of several configurations count together.
        ledger: The file of the ledger that watched the runs, for how long they took.

    Raises:
        ConfigError: Something is no result, no label or no ledger, no result is of a labelled case,
            a label is of a photo that its result has not, results of several configurations are
            mixed, or the extra `eval` is not installed.
    """
    taken = Labels.of(labels)
    tally = count(results, taken, make_rule(tolerance, overlap), mixed=mixed)
    seconds = None if ledger is None else read_seconds(ledger)
    return _sum_up(tally, taken, seconds)


def make_rule(tolerance: Tolerance, overlap: float) -> Rule:
    """Makes the rule of matching.

    Raises:
        ConfigError: There is no such tolerance, or the overlap is not above 0 and at most 1.
    """
    if tolerance not in get_args(Tolerance):
        refuse(tolerance, "tolerance", "give 'type' or 'group'")
    require_number(overlap, "overlap", above=0)
    if overlap > 1:
        raise ConfigError(f"overlap is {overlap}; give a number above 0 and up to 1")
    return Rule(tolerance, float(overlap))


def count(results: GivenResults, labels: Labels, rule: Rule, *, mixed: bool) -> Tally:
    """Counts all results.

    Raises:
        ConfigError: As for `evaluate`.
    """
    require(mixed, bool, "mixed", "give True or False")
    require_extra("an evaluation", "numpy", "scipy.optimize", "scipy.special")
    tally = Tally(labels, rule)
    for result in read_results(results):
        tally.add(result)
    if not tally.lineages:
        raise ConfigError("results: there is none; give results that were stored")
    if not any(case_id in tally.lineages for case_id in labels.case_ids):
        some = ", ".join(map(repr, list(tally.lineages)[:MOST_NAMED]))
        raise ConfigError(
            f"labels: none is of a case of these results, which are of {some}; "
            "write the template anew, by these results"
        )
    if len(tally.configurations) > 1 and not mixed:
        told = "; ".join(f"{name} ({n})" for name, n in tally.configurations.most_common())
        raise ConfigError(
            f"results of {len(tally.configurations)} configurations are mixed: {told}; evaluate "
            "each by itself, compare two by compare_runs, or give mixed=True"
        )
    return tally


def _sum_up(tally: Tally, labels: Labels, seconds: Mapping[str, float] | None) -> Evaluation:
    from inspectiq.evaluation import _scoring as scoring

    detections = scoring.Detections(tally, labels.get_group)
    false_a_clean_photo, clean_with_false = scoring.score_clean(tally)
    severity, costs = scoring.score_severity(tally), scoring.score_costs(tally)
    return Evaluation(
        tolerance=tally.rule.tolerance,
        overlap=tally.rule.overlap,
        cases=len(tally.lineages),
        reads=sum(lineage.reads for lineage in tally.lineages.values()),
        photos=sum(tally.photos[1::7]),
        labelled=tally.labelled,
        configurations=FrozenMap(tally.configurations),
        overall=detections.score_all(),
        by_type=detections.score_types(),
        by_group=detections.score_groups(),
        by_room=detections.score_rooms(),
        false_a_clean_photo=false_a_clean_photo,
        clean_with_false=clean_with_false,
        abstention=scoring.score_abstention(tally),
        severity=severity,
        overlap_of_boxes=scoring.score_overlaps(tally),
        average_precision=tally.boxes.score(),
        costs=costs,
        usd_a_photo=scoring.score_dollars(tally),
        seconds_a_photo=scoring.score_seconds(tally, seconds or {}),
        agreement=scoring.score_agreement(tally),
        gaps=(
            *_list_gaps(tally, labels, severity is None, costs is None),
            *(() if seconds else (NO_SECONDS,)),
        ),
    )


def _list_gaps(tally: Tally, labels: Labels, no_levels: bool, no_costs: bool) -> Iterator[str]:
    """Says what could not be counted, and why."""
    if absent := [case_id for case_id in labels.case_ids if case_id not in tally.lineages]:
        named = ", ".join(absent[:MOST_NAMED]) + ", …" * (len(absent) > MOST_NAMED)
        yield f"{len(absent)} labelled cases have no result here and do not count: {named}."
    if labels.unfilled:
        yield (
            f"{labels.unfilled} rows of the labels are not filled in. Of their photos only what "
            "was judged counts, and recall does not."
        )
    judged = sum(not photo.whole for photo in labels)
    if judged:
        yield (
            f"On {judged} labelled photos only findings were judged: what was missed there is not "
            "known, so they count for precision and not for recall."
        )
    if not any(photo.is_clean for photo in labels):
        yield "No photo is labelled clean, so false findings on clean photos cannot be told."
    elif all(photo.is_clean for photo in labels):
        yield "All labelled photos are clean, so recall cannot be told."
    if tally.duplicates:
        yield (
            f"{tally.duplicates} labelled photos are duplicates of another photo and do not count."
        )
    if tally.derived:
        yield (
            f"{tally.derived} results came from another one by review or regrading, and do not "
            "count as another read."
        )
    if len(tally.configurations) > 1:
        yield f"Results of {len(tally.configurations)} configurations are mixed."
    if no_levels:
        yield (
            "Levels are not compared: results were graded by several profiles."
            if tally.graded and len(tally.profiles) > 1
            else "Levels are not compared: no label of a whole photo or right finding has one."
        )
    if no_costs:
        yield (
            "Costs are not compared: estimates are in several currencies."
            if len(tally.currencies) > 1
            else "Costs are not compared: no priced finding that is right has an invoice."
        )
    if tally.unpriced:
        yield f"{tally.unpriced} results do not know what they cost."
