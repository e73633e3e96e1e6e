"""Compares two runs over the same cases: do their findings differ, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from inspectiq._tracebacks import hide_locals
from inspectiq._values import Value
from inspectiq.errors import ConfigError
from inspectiq.evaluation._evaluate import count, make_rule
from inspectiq.evaluation._figure import FEWEST, Figure
from inspectiq.evaluation._intervals import make_statistic
from inspectiq.evaluation._labels import Labels
from inspectiq.evaluation._matching import Tolerance
from inspectiq.evaluation._reading import GivenResults
from inspectiq.evaluation._tally import FOUND, MISSED, Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Comparison", "Difference", "McNemar", "compare_runs"]

Count = Annotated[int, Field(ge=0)]


class Difference(Value):
    """A figure of two runs, and how they differ.

    Attributes:
        first: Of the first run, over the cases of both.
        second: Of the second run, over the same cases.
        difference: The second less the first, with the interval of a bootstrap that draws cases,
            each with what both runs made of it. Its `n` is the smaller one of the two runs.
    """

    first: float | None
    second: float | None
    difference: Figure


class McNemar(Value):
    """McNemar's test, in its exact form: whether two runs find different issues.

    Its unit is a labelled issue on a photo that both runs assessed. It takes issues as independent,
    which those of one flat are not: where it and the interval disagree, go by the interval.

    Attributes:
        labels: Labelled issues that both runs found or missed.
        both: Found by both.
        first_only: Found by the first run alone.
        second_only: Found by the second run alone.
        neither: Found by neither.
        p: How often runs that find equally well would differ as much or more; None where `labels`
            is too few to say.
    """

    labels: Count
    both: Count
    first_only: Count
    second_only: Count
    neither: Count
    p: float | None


class Comparison(Value):
    """How two runs over the same cases differ.

    Attributes:
        first: What made the first run.
        second: What made the second run.
        cases: Cases of both runs; the others do not count.
        precision: The share of findings that are right.
        recall: The share of labelled issues that were found, of those that a run assessed.
        false_a_clean_photo: False findings on a photo that is labelled clean, on average.
        found: Which labelled issues were found by both, by one, and by neither.
        gaps: What could not be compared, and why.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    cases: int
    precision: Difference
    recall: Difference
    false_a_clean_photo: Difference
    found: McNemar
    gaps: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Writes it as indented JSON; `model_validate_json` reads it back."""
        return self.model_dump_json(indent=2) + "\n"

    def to_markdown(self) -> str:
        """Writes it as Markdown."""
        from inspectiq.evaluation._comparison_report import render_comparison_markdown

        return render_comparison_markdown(self)

    def to_html(self) -> str:
        """Writes it as one HTML file that loads nothing."""
        from inspectiq.evaluation._comparison_report import render_comparison_html

        return render_comparison_html(self)


@hide_locals
def compare_runs(
    first: GivenResults,
    second: GivenResults,
    labels: Labels | Path | str,
    *,
    tolerance: Tolerance = "type",
    overlap: float = 0.5,
    mixed: bool = False,
) -> Comparison:
    """Compares two runs over the same cases by the same labels; no engine is asked.

    Args:
        first: The results of one run, as for `evaluate`.
        second: Those of the other.
        labels: What people saw, or the path of a file of it: CSV, or COCO JSON.
        tolerance: As for `evaluate`.
        overlap: As for `evaluate`.
        mixed: Whether results of several configurations count together within a run.

    Raises:
        ConfigError: As for `evaluate`, or no case is in both runs.
    """
    taken, rule = Labels.of(labels), make_rule(tolerance, overlap)
    runs = [count(run, taken, rule, mixed=mixed) for run in (first, second)]
    one, other = runs
    shared = [case_id for case_id in one.lineages if case_id in other.lineages]
    if not shared:
        raise ConfigError("no case is in both runs; give two runs over the same cases")
    sums = [_sum_shared(tally, shared) for tally in runs]
    return Comparison(
        first=tuple(one.configurations),
        second=tuple(other.configurations),
        cases=len(shared),
        precision=_compare(sums, 0),
        recall=_compare(sums, 2),
        false_a_clean_photo=_compare(sums, 4),
        found=_test(runs, shared),
        gaps=tuple(_list_gaps(runs, shared)),
    )


def _sum_shared(tally: Tally, shared: Sequence[str]) -> Array:
    """Adds up each shared case: right of all findings, found of all labels, false on clean photos.

    Returns:
        A row a case, of three times two columns: what is counted, and of how many.
    """
    import numpy as np

    sums = np.zeros((len(tally.lineages), 6))
    counts = np.array(tally.counts).reshape(-1, 8)
    photos = np.array(tally.photos).reshape(-1, 7)
    right, wrong, found, missed = counts[:, 3:7].T
    hits = np.stack([right, right + wrong, found, found + missed], axis=1)
    np.add.at(sums[:, :4], counts[:, 0], hits)
    np.add.at(sums[:, 4:], photos[:, 0], photos[:, [5, 4]])
    places = [tally.lineages[case_id].number for case_id in shared]
    return np.asarray(sums[places])


def _compare(sums: Sequence[Array], column: int) -> Difference:
    """Compares the figure of a column and the next, which says of how many it is."""
    import numpy as np

    parts = [each[:, column : column + 2] for each in sums]
    both = np.hstack(parts)
    kept = both[both.sum(axis=1) > 0]  # a case without any of it tells nothing
    first, second = (float(_divide(part.sum(axis=0))) for part in parts)
    figure = make_statistic(
        kept,
        lambda each: _divide(each[..., 2:]) - _divide(each[..., :2]),
        int(min(part[:, 1].sum() for part in parts)),
    )
    told = figure.value is not None
    return Difference(
        first=first if told else None, second=second if told else None, difference=figure
    )


def _divide(pair: Array) -> Array:
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        return np.true_divide(pair[..., 0], pair[..., 1])


def _test(runs: Sequence[Tally], shared: Sequence[str]) -> McNemar:
    """Tests which labels were found, where both runs assessed the photo."""
    from scipy.stats import binomtest

    pairs = {(one, other): 0 for one in (FOUND, MISSED) for other in (FOUND, MISSED)}
    for case_id in shared:
        outcomes = (run.outcomes.get(case_id, b"") for run in runs)
        for pair in zip(*outcomes, strict=True):
            if pair in pairs:
                pairs[pair] += 1
    labels = sum(pairs.values())
    first_only, second_only = pairs[FOUND, MISSED], pairs[MISSED, FOUND]
    differing = first_only + second_only
    p = float(binomtest(first_only, differing).pvalue) if differing else 1.0
    return McNemar(
        labels=labels,
        both=pairs[FOUND, FOUND],
        first_only=first_only,
        second_only=second_only,
        neither=pairs[MISSED, MISSED],
        p=p if labels >= FEWEST else None,
    )


def _list_gaps(runs: Sequence[Tally], shared: Sequence[str]) -> Iterator[str]:
    for name, run in zip(("first", "second"), runs, strict=True):
        if alone := len(run.lineages) - len(shared):
            yield f"{alone} cases are in the {name} run alone and do not count."
        if any(lineage.reads > 1 for lineage in run.lineages.values()):
            yield (
                f"Some cases are more than once in the {name} run; McNemar's test has the first "
                "result of each."
            )
