"""Makes the figures of a monthly review: shares of the month, of the month before, and changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from inspectiq.evaluation._intervals import make_change, make_share, make_statistic
from inspectiq.evaluation._month_tally import Decided, MonthTally
from inspectiq.evaluation._monthly_review import Acceptance, MonthlyFigure
from inspectiq.evaluation._scoring import compute_bias, sum_costs, sum_severe
from inspectiq.reports._ladders import list_shipped_levels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["MonthSums"]

ALL = "all"
Field = Literal["type", "model", "prompt"]


class MonthSums:
    """Sums up two months, case by case.

    Args:
        now: What was counted of the month.
        before: What was counted of the month before.
    """

    def __init__(self, now: MonthTally, before: MonthTally) -> None:
        self._now, self._before = now, before

    def accept_by(self, field: Field | None) -> tuple[Acceptance, ...]:
        """Sums up what people decided by a field of a finding, or in all."""
        now, before = (_group_by(tally, field) for tally in (self._now, self._before))
        return tuple(_accept(name, now[name], before.get(name, [])) for name in sorted(now))

    def raise_to_severe(self) -> MonthlyFigure:
        """Sums up which findings that are severe by a review had been graded lower."""
        sums = (
            _sum_by_case(tally.iterate(), rule.is_raised, rule.is_severe)
            for tally, rule in ((one, _Severe(one)) for one in (self._now, self._before))
        )
        return _make_share(*sums)

    def miss_severe(self) -> MonthlyFigure | None:
        """Sums up which issues that labels call severe were missed; None without labels."""
        now, before = (
            None if tally.labelled is None else sum_severe(tally.labelled)
            for tally in (self._now, self._before)
        )
        return None if now is None else _make_share(now, _or_empty(before, 2))

    def compare_costs(self) -> tuple[MonthlyFigure, MonthlyFigure] | None:
        """Sums up invoices within their range, and the bias; None without invoices."""
        now, before = (
            None if tally.labelled is None else sum_costs(tally.labelled)
            for tally in (self._now, self._before)
        )
        if now is None:
            return None
        earlier = _or_empty(before, 4)
        counts = [int(part[:, 1].sum()) for part in (now, earlier)]
        sums = now[:, 2:], earlier[:, 2:]
        bias = MonthlyFigure(
            now=make_statistic(sums[0], compute_bias, counts[0]),
            before=make_statistic(sums[1], compute_bias, counts[1]),
            change=make_change(sums[1], sums[0], compute_bias, min(counts)),
        )
        return _make_share(now[:, :2], earlier[:, :2]), bias


def _group_by(tally: MonthTally, field: Field | None) -> dict[str, list[tuple[int, Decided]]]:
    """Groups what was decided by a field; all of it under `all`, which is there in any case."""
    grouped: dict[str, list[tuple[int, Decided]]] = {} if field else {ALL: []}
    for number, one in tally.iterate():
        name = tally.names.texts[getattr(one, field)] if field else ALL
        grouped.setdefault(name, []).append((number, one))
    return grouped


def _accept(
    name: str, now: Sequence[tuple[int, Decided]], before: Sequence[tuple[int, Decided]]
) -> Acceptance:
    decisions = Counter(one.decision for _, one in now)
    sums = (_sum_by_case(part, _is_accepted) for part in (now, before))
    return Acceptance(
        name=name,
        accepted=decisions["accepted"],
        edited=decisions["edited"],
        rejected=decisions["rejected"],
        share=_make_share(*sums),
    )


def _is_accepted(one: Decided) -> bool:
    return one.decision == "accepted"


class _Severe:
    """Tells which findings are severe: those in the upper half of their profile's levels."""

    def __init__(self, tally: MonthTally) -> None:
        shipped = list_shipped_levels()
        self._severe: dict[int, frozenset[int]] = {}
        for profile, seen in tally.ranks.items():
            ranks = {tally.names.texts[level]: rank for level, rank in seen.items()}
            known = shipped.get(tally.names.texts[profile], ())
            ranks |= {level: rank for level, rank in known if rank is not None}
            ladder = sorted(ranks, key=lambda level: ranks[level])
            upper = ladder[len(ladder) // 2 :]
            self._severe[profile] = frozenset(map(tally.names.number, upper))

    def is_severe(self, one: Decided) -> bool:
        """Tells whether a finding that people left standing is severe by now."""
        return one.decision != "rejected" and one.new_level in self._severe.get(one.profile, ())

    def is_raised(self, one: Decided) -> bool:
        """Tells whether a severe finding had a level, and a lower one."""
        return (
            self.is_severe(one)
            and one.level is not None
            and one.level not in self._severe.get(one.profile, ())
        )


def _sum_by_case(
    decided: Iterable[tuple[int, Decided]],
    is_hit: Callable[[Decided], bool],
    is_unit: Callable[[Decided], bool] | None = None,
) -> Array:
    """Adds up hits and units of each case that has any; if not said otherwise, all are units."""
    import numpy as np

    sums: dict[int, list[int]] = {}
    for number, one in decided:
        if is_unit is None or is_unit(one):
            case = sums.setdefault(number, [0, 0])
            case[0] += is_hit(one)
            case[1] += 1
    return np.array(list(sums.values()), dtype=float).reshape(-1, 2)


def _make_share(now: Array, before: Array) -> MonthlyFigure:
    return MonthlyFigure(
        now=make_share(*now.T),
        before=make_share(*before.T),
        change=make_change(before, now, _divide, int(min(now[:, 1].sum(), before[:, 1].sum()))),
    )


def _divide(sums: Array) -> Array:
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        return np.true_divide(sums[..., 0], sums[..., 1])


def _or_empty(sums: Array | None, width: int) -> Array:
    import numpy as np

    return np.zeros((0, width)) if sums is None else sums
