"""Makes the figures of an evaluation of what was counted."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from inspectiq._taking import quote
from inspectiq.errors import ConfigError
from inspectiq.evaluation._evaluation import Abstention, CostScores, Scores, SeverityScores
from inspectiq.evaluation._figure import Figure
from inspectiq.evaluation._intervals import make_share, make_statistic
from inspectiq.evaluation._tally import NOT_FOUND, Tally
from inspectiq.reports._ladders import list_shipped_levels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Flags = NDArray[np.bool_]

__all__ = [
    "Detections",
    "compute_bias",
    "compute_kappa",
    "score_abstention",
    "score_agreement",
    "score_clean",
    "score_costs",
    "score_dollars",
    "score_overlaps",
    "score_seconds",
    "score_severity",
    "sum_costs",
    "sum_severe",
]

NO_ROOM = "no room"


class Detections:
    """Precision and recall of what was counted, for any part of it.

    Args:
        tally: What was counted.
        get_group: Tells the group of a type that labels name.
    """

    def __init__(self, tally: Tally, get_group: Callable[[str], str]) -> None:
        import numpy as np

        self._tally = tally
        self._rows = _to_rows(tally.counts, 8)
        groups = [tally.groups.get(kind) or get_group(kind) for kind in tally.types.texts]
        self._names = sorted(set(groups))
        places = {name: place for place, name in enumerate(self._names)}
        self._groups = np.array([places[group] for group in groups], dtype=int)

    def score_all(self) -> Scores:
        """Scores all findings and labels."""
        return _make_scores("all", self._rows)

    def score_types(self) -> tuple[Scores, ...]:
        """Scores each type."""
        return self._score_each(self._rows[:, 1], self._tally.types.texts)

    def score_groups(self) -> tuple[Scores, ...]:
        """Scores each group of types."""
        import numpy as np

        return self._score_each(self._groups[self._rows[:, 1].astype(np.intp)], self._names)

    def score_rooms(self) -> tuple[Scores, ...]:
        """Scores each room."""
        rooms = [room or NO_ROOM for room in self._tally.rooms.texts]
        return self._score_each(self._rows[:, 2], rooms)

    def _score_each(self, keys: Array, names: Sequence[str]) -> tuple[Scores, ...]:
        import numpy as np

        found = [_make_scores(names[int(key)], self._rows[keys == key]) for key in np.unique(keys)]
        return tuple(sorted(found, key=lambda one: one.name))


def _make_scores(name: str, rows: Array) -> Scores:
    sums = _sum_by_case(rows[:, 0], rows[:, 3:])
    right, wrong, found, missed, abstained = sums.T
    return Scores(
        name=name,
        precision=make_share(right, right + wrong),
        recall=make_share(found, found + missed),
        missed=int(missed.sum()),
        false_findings=int(wrong.sum()),
        abstained=int(abstained.sum()),
    )


def score_abstention(tally: Tally) -> Abstention:
    """Scores how many photos got no answer."""
    rows = _to_rows(tally.photos, 7)
    photos, unclear, failed = _sum_by_case(rows[:, 0], rows[:, 1:4]).T
    return Abstention(unclear=make_share(unclear, photos), failed=make_share(failed, photos))


def score_clean(tally: Tally) -> tuple[Figure, Figure]:
    """Scores clean photos: false findings on one, and the share that has any."""
    rows = _to_rows(tally.photos, 7)
    rows = rows[rows[:, 4] > 0]
    sums = _sum_by_case(rows[:, 0], rows[:, 4:])
    photos = int(sums[:, 0].sum())
    return _make_mean(sums[:, [1, 0]], photos), make_share(sums[:, 2], sums[:, 0])


def score_severity(tally: Tally) -> SeverityScores | None:
    """Scores levels; None where no label has one, or findings have levels of several ladders.

    Raises:
        ConfigError: A label has a level that there is not.
    """
    graded = _grade(tally)
    if graded is None:
        return None
    ladder, case, truth, given = graded
    is_graded, severe, missed = given >= 0, *_find_severe(graded)
    right = given != NOT_FOUND
    return SeverityScores(
        ladder=ladder,
        kappa=_score_kappa(case[is_graded], truth[is_graded], given[is_graded], len(ladder)),
        severe=ladder[len(ladder) // 2 :],
        severe_missed=_share_of(case, missed, severe),
        needs_review=_share_of(case, right & ~is_graded, right),
    )


def sum_severe(tally: Tally) -> Array | None:
    """Adds up, for each case, severe issues that were missed or graded lower, and severe ones.

    Returns:
        A row a case; None and errors as for `score_severity`.
    """
    import numpy as np

    graded = _grade(tally)
    if graded is None:
        return None
    severe, missed = _find_severe(graded)
    return _sum_by_case(graded.case, np.stack([missed, severe], axis=1).astype(float))


class _Graded(NamedTuple):
    """Labels with a level: the ladder, and for each its case and both levels by place on it."""

    ladder: tuple[str, ...]
    case: Array
    truth: Array
    given: Array


def _find_severe(graded: _Graded) -> tuple[Flags, Flags]:
    """Finds which labels are severe, and which of them were not found or graded lower."""
    least = len(graded.ladder) // 2
    severe = graded.truth >= least
    given = graded.given
    return severe, severe & ((given == NOT_FOUND) | ((given >= 0) & (given < least)))


def _grade(tally: Tally) -> _Graded | None:
    import numpy as np

    if not tally.graded or len(tally.profiles) > 1:
        return None
    ladder = _find_ladder(tally)
    ranks = {name: place for place, name in enumerate(ladder)}
    for level in tally.levels.texts:
        if level not in ranks:
            raise ConfigError(
                f"labels: there is no level {quote(level)}; the results have {', '.join(ladder)}"
            )
    rows = _to_rows(tally.graded, 3).astype(np.intp)
    places = np.array([ranks[level] for level in tally.levels.texts])
    case, truth = rows[:, 0], places[rows[:, 1]]
    given = np.where(rows[:, 2] < 0, rows[:, 2], places[np.maximum(rows[:, 2], 0)])
    return _Graded(ladder, case, truth, given)


def _find_ladder(tally: Tally) -> tuple[str, ...]:
    """Finds the levels of the results' profile, the mildest first.

    Of a profile of one's own, only the levels are known that a finding has.
    """
    (profile,) = tally.profiles
    ranks = tally.ranks | {
        level: rank for level, rank in list_shipped_levels().get(profile, ()) if rank is not None
    }
    return tuple(sorted(ranks, key=lambda level: ranks[level]))


def _score_kappa(case: Array, truth: Array, given: Array, levels: int) -> Figure:
    import numpy as np

    pairs = np.zeros((len(case), levels * levels))
    pairs[np.arange(len(case)), (truth * levels + given).astype(int)] = 1
    sums = _sum_by_case(case, pairs)
    return make_statistic(sums, lambda each: compute_kappa(each, levels), len(case))


def compute_kappa(pairs: Array, levels: int) -> Array:
    """Computes Cohen's kappa with quadratic weights; NaN where all are of one level.

    Args:
        pairs: Counts of pairs of levels, `levels`² in the last dimension.
        levels: How many levels there are.
    """
    import numpy as np

    table = pairs.reshape(*pairs.shape[:-1], levels, levels)
    steps = np.arange(levels)
    weights = (steps[:, None] - steps[None, :]) ** 2.0
    rows, columns = table.sum(-1), table.sum(-2)
    seen = (weights * table).sum((-1, -2))
    by_chance = (weights * rows[..., :, None] * columns[..., None, :]).sum((-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = 1 - seen * table.sum((-1, -2)) / by_chance
    return np.where(by_chance > 0, kappa, np.nan)


def score_overlaps(tally: Tally) -> Figure:
    """Scores how far boxes overlap, on average."""
    rows = _to_rows(tally.overlaps, 2)
    sums = _sum_by_case(rows[:, 0], _with_count(rows[:, 1]))
    return _make_mean(sums, len(rows))


def score_costs(tally: Tally) -> CostScores | None:
    """Scores estimates by invoices; None where there are none, or several currencies."""
    sums = sum_costs(tally)
    if sums is None:
        return None
    within, invoices = sums[:, :2].T
    return CostScores(
        currency=next(iter(tally.currencies)),
        within=make_share(within, invoices),
        bias=make_statistic(sums[:, 2:], compute_bias, len(tally.costs) // 5),
    )


def sum_costs(tally: Tally) -> Array | None:
    """Adds up, for each case, invoices in their range, invoices, all expected, and all invoiced.

    Returns:
        A row a case; None where there are none, or several currencies.
    """
    import numpy as np

    if len(tally.currencies) != 1:
        return None
    rows = _to_rows(tally.costs, 5)
    case, invoice, low, expected, high = rows.T
    within = (low <= invoice) & (invoice <= high) & (invoice > 0)
    parts = np.stack([within, invoice > 0, expected, invoice], axis=1)
    return _sum_by_case(case, parts)


def compute_bias(sums: Array) -> Array:
    """Computes how far all that was expected is above all that was invoiced, as a share of it."""
    bias: Array = sums[..., 0] / sums[..., 1] - 1
    return bias


def score_dollars(tally: Tally) -> Figure:
    """Scores what a photo cost, on average."""
    rows = _to_rows(tally.dollars, 3)
    sums = _sum_by_case(rows[:, 0], rows[:, [2, 1]])
    return _make_mean(sums, int(rows[:, 1].sum()))


def score_seconds(tally: Tally, seconds: Mapping[str, float]) -> Figure:
    """Scores how long a photo took, on average, of the cases of which that is known."""
    import numpy as np

    rows = _to_rows(tally.photos, 7)
    photos = np.bincount(rows[:, 0], rows[:, 1], len(tally.lineages))
    sums = [
        (seconds[case_id], photos[lineage.number])
        for case_id, lineage in tally.lineages.items()
        if case_id in seconds
    ]
    told = np.array(sums, dtype=float).reshape(-1, 2)
    return _make_mean(told, int(told[:, 1].sum()))


def score_agreement(tally: Tally) -> Figure:
    """Scores how far reads of the same case agree."""
    rows = _to_rows(tally.agreed, 3)
    both, either = _sum_by_case(rows[:, 0], rows[:, 1:]).T
    return make_share(both, either)


def _make_mean(sums: Array, n: int) -> Figure:
    """Makes a mean of the sums and the counts of cases."""
    import numpy as np

    def divide(each: Array) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(each[..., 0] / each[..., 1])

    return make_statistic(sums, divide, n)


def _share_of(case: Array, hits: Flags, units: Flags) -> Figure:
    """Makes the share of units that are hits; a flag of each for every row."""
    import numpy as np

    sums = _sum_by_case(case, np.stack([hits & units, units], axis=1))
    return make_share(sums[:, 0], sums[:, 1])


def _with_count(values: Array) -> Array:
    import numpy as np

    return np.stack([values, np.ones_like(values)], axis=1)


def _to_rows(flat: array[int] | array[float], width: int) -> Array:
    """Shows an array as rows, without copying it."""
    import numpy as np

    return np.asarray(flat).reshape(-1, width)


def _sum_by_case(case: Array, values: Array) -> Array:
    """Adds up the rows of each case; a row for each case that has any."""
    import numpy as np

    numbers = case.astype(np.intp)
    kept = np.bincount(numbers) > 0
    return np.stack([np.bincount(numbers, column)[kept] for column in values.T], axis=1)
