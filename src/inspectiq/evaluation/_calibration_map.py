"""Fits how often findings are confirmed to the confidence that was stated of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from math import exp, log
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from inspectiq._values import Value
from inspectiq.domain._calibrated import Basis
from inspectiq.domain._observed import Share
from inspectiq.evaluation._figure import FEWEST_CASES
from inspectiq.evaluation._reviewed import Maker, Reviewed, count_places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["FEWEST_OF_TYPE", "CalibrationMap", "MapKey", "Method", "find_map", "fit_maps"]

Method = Literal["platt", "isotonic"]
MapKey = tuple[Basis, str]

FEWEST_OF_TYPE = 50
"""Reviewed findings that a map of a type or a group needs. Our assumption: the standard error of a
share near a half is then 0.07."""

ENDS = 0.01, 0.99  # stated confidences beyond count as these: the logit of 1 is infinite
DIGITS = 6  # what is kept of a fit, so that machines that compute a little otherwise agree


class CalibrationMap(Value):
    """What stated confidences of one model are worth: of a type, a group, or all its findings.

    Attributes:
        model: Provider and model, such as `openai:gpt-6-luna`.
        prompt: Name and version of the prompt.
        basis: Whether it is of a type, a group or all.
        name: The type or the group; "all" for all.
        n: Reviewed findings that it was fitted on.
        properties: Of how many properties these are.
        confirmed: How many of them people accepted or edited.
        slope: Of Platt's sigmoid, over the logit of the stated confidence; never below 0.
        intercept: Of Platt's sigmoid.
        knots: Of an isotonic map, stated confidences and their shares, both rising, with straight
            lines between; empty where it is Platt's.
    """

    model: str
    prompt: str
    basis: Basis
    name: str
    n: Annotated[int, Field(ge=1)]
    properties: Annotated[int, Field(ge=1)]
    confirmed: Annotated[int, Field(ge=0)]
    slope: Annotated[float, Field(ge=0)] = 0.0
    intercept: float = 0.0
    knots: tuple[tuple[Share, Share], ...] = ()

    def compute(self, stated: float) -> float:
        """Computes the share of findings that are confirmed, of those with a stated confidence.

        It is never nearer to 0 or 1 than so many findings can tell: by Laplace's rule, all of n
        confirmed make (n + 1) / (n + 2).

        Args:
            stated: The stated confidence, 0–1.
        """
        share = self._interpolate(stated) if self.knots else self._apply_sigmoid(stated)
        return min(max(share, 1 / (self.n + 2)), (self.n + 1) / (self.n + 2))

    def _interpolate(self, stated: float) -> float:
        after = bisect_right(self.knots, stated, key=lambda knot: knot[0])
        (x0, y0) = self.knots[max(0, after - 1)]
        (x1, y1) = self.knots[min(after, len(self.knots) - 1)]
        return y0 if x1 <= x0 else y0 + (y1 - y0) * (stated - x0) / (x1 - x0)

    def _apply_sigmoid(self, stated: float) -> float:
        odds = self.slope * _to_logit(stated) + self.intercept
        part = exp(-abs(odds))  # of the positive, exp would overflow
        return (1 if odds >= 0 else part) / (1 + part)


def find_map(
    maps: Mapping[MapKey, CalibrationMap], type_key: str, group: str
) -> CalibrationMap | None:
    """Finds the map of a type; where it had too few, that of its group, else that of all."""
    keys: tuple[MapKey, ...] = (("type", type_key), ("group", group), ("all", "all"))
    return next((maps[key] for key in keys if key in maps), None)


def fit_maps(
    maker: Maker, reviewed: Sequence[Reviewed], method: Method
) -> dict[MapKey, CalibrationMap]:
    """Fits the map of all findings of a model, and of each group and type that has enough.

    Args:
        maker: Who made them.
        reviewed: The findings.
        method: How.
    """
    return {
        (basis, name): _fit(maker, basis, name, part, method)
        for (basis, name), part in _part(reviewed)
        if basis == "all" or (len(part) >= FEWEST_OF_TYPE and count_places(part) >= FEWEST_CASES)
    }


def _part(reviewed: Sequence[Reviewed]) -> Iterator[tuple[MapKey, Sequence[Reviewed]]]:
    yield ("all", "all"), reviewed
    parts: dict[MapKey, list[Reviewed]] = {}
    for one in reviewed:
        parts.setdefault(("group", one.group), []).append(one)
        parts.setdefault(("type", one.type), []).append(one)
    yield from sorted(parts.items())


def _fit(
    maker: Maker, basis: Basis, name: str, reviewed: Sequence[Reviewed], method: Method
) -> CalibrationMap:
    import numpy as np

    stated = np.array([one.stated for one in reviewed])
    confirmed = np.array([one.confirmed for one in reviewed])
    model, prompt = maker
    fitted = CalibrationMap(
        model=model,
        prompt=prompt,
        basis=basis,
        name=name,
        n=len(reviewed),
        properties=count_places(reviewed),
        confirmed=int(confirmed.sum()),
    )
    if method == "isotonic":
        return fitted.model_copy(update={"knots": _fit_isotonic(stated, confirmed)})
    slope, intercept = _fit_platt(stated, confirmed)
    return fitted.model_copy(update={"slope": slope, "intercept": intercept})


def _fit_platt(stated: Array, confirmed: Array) -> tuple[float, float]:
    """Fits Platt's sigmoid, with his targets, which are never 0 or 1 (Platt 1999, section 2.2).

    Where a higher confidence is confirmed less often, it is flat: the same share for all.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    n, right = len(confirmed), int(confirmed.sum())
    target = np.where(confirmed, (right + 1) / (right + 2), 1 / (n - right + 2))
    logits = np.array([_to_logit(one) for one in stated])
    slope = 0.0
    if np.ptp(logits):
        model = LogisticRegression(C=1e6, max_iter=1_000)  # in effect without a penalty
        model.fit(
            np.tile(logits, 2)[:, None],
            np.repeat([1, 0], n),
            sample_weight=np.concatenate([target, 1 - target]),
        )
        slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope <= 0:
        slope, intercept = 0.0, _to_logit(float(target.mean()))
    return round(slope, DIGITS), round(intercept, DIGITS)


def _fit_isotonic(stated: Array, confirmed: Array) -> tuple[tuple[float, float], ...]:
    """Fits rising steps; their corners are kept."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression().fit(stated, confirmed)
    points = zip(model.X_thresholds_, model.y_thresholds_, strict=True)
    return tuple((round(float(x), DIGITS), round(float(y), DIGITS)) for x, y in points)


def _to_logit(share: float) -> float:
    kept = min(max(share, ENDS[0]), ENDS[1])
    return log(kept / (1 - kept))
