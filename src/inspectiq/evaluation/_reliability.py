"""Measures how far stated and calibrated confidences are from what people confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from inspectiq._values import Value
from inspectiq.domain._observed import Share
from inspectiq.evaluation._calibration_map import Method, find_map, fit_maps
from inspectiq.evaluation._figure import Figure
from inspectiq.evaluation._intervals import make_share
from inspectiq.evaluation._reviewed import Maker, Reviewed, count_places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Reliability", "ReliabilityBin", "ReliabilityTable", "measure_reliability"]

BINS = 10  # of equal width, as is usual for this error
FOLDS = 5


class ReliabilityBin(Value):
    """Findings of about one confidence: what was told of them, and what was found.

    Attributes:
        low: Confidences of the bin, from.
        high: Up to; the last bin has its end as well.
        told: The mean confidence of its findings.
        found: The share of them that people confirmed; its `cases` are properties.
    """

    low: Share
    high: Share
    told: Share
    found: Figure


class ReliabilityTable(Value):
    """Confidences against what people confirmed.

    Attributes:
        bins: Ten of equal width, without those that are empty.
        error: Expected calibration error: how far what was told of a bin is from what was found,
            on average over findings. It is above 0 by chance alone, the more so of few findings.
    """

    bins: tuple[ReliabilityBin, ...]
    error: Share


class Reliability(Value):
    """How far confidences of a model are from what people confirmed, on properties held out.

    Properties are dealt into five parts. Each part is judged by maps that were fitted on the other
    four, so that no property is judged by what was learnt from it.

    Attributes:
        model: Provider and model.
        prompt: Name and version of the prompt.
        n: Reviewed findings.
        properties: Of how many properties these are.
        stated: Before: the confidences that the engine stated.
        calibrated: After: the calibrated shares of the same findings.
    """

    model: str
    prompt: str
    n: Annotated[int, Field(ge=1)]
    properties: Annotated[int, Field(ge=1)]
    stated: ReliabilityTable
    calibrated: ReliabilityTable


def measure_reliability(maker: Maker, reviewed: Sequence[Reviewed], method: Method) -> Reliability:
    """Measures the confidences of a model before and after, on properties held out.

    Args:
        maker: Who made the findings.
        reviewed: The findings, of five properties or more.
        method: How maps are fitted.
    """
    import numpy as np

    calibrated = np.empty(len(reviewed))
    for learnt, held in split_properties([one.place for one in reviewed]):
        maps = fit_maps(maker, [reviewed[place] for place in learnt], method)
        for place in held:
            one = reviewed[place]
            used = find_map(maps, one.type, one.group)
            assert used is not None  # there is always one of all
            calibrated[place] = used.compute(one.stated)
    model, prompt = maker
    return Reliability(
        model=model,
        prompt=prompt,
        n=len(reviewed),
        properties=count_places(reviewed),
        stated=_tabulate(np.array([one.stated for one in reviewed]), reviewed),
        calibrated=_tabulate(calibrated, reviewed),
    )


def split_properties(places: Sequence[str]) -> Iterator[tuple[list[int], list[int]]]:
    """Deals findings into five parts, those of a property into the same one.

    Args:
        places: The property of each finding.

    Returns:
        For each part, the numbers of the findings to learn from, and of those that are held out.
    """
    from sklearn.model_selection import GroupKFold

    for learnt, held in GroupKFold(FOLDS).split(places, groups=places):
        yield learnt.tolist(), held.tolist()


def _tabulate(told: Array, reviewed: Sequence[Reviewed]) -> ReliabilityTable:
    import numpy as np

    confirmed = np.array([one.confirmed for one in reviewed], dtype=float)
    _, places = np.unique([one.place for one in reviewed], return_inverse=True)
    bins = np.minimum((told * BINS).astype(int), BINS - 1)
    found = []
    for number in np.unique(bins).tolist():
        kept = bins == number
        hits = np.bincount(places[kept], weights=confirmed[kept]).astype(float)
        share = make_share(hits, np.bincount(places[kept]).astype(float))
        found.append(
            ReliabilityBin(
                low=number / BINS,
                high=(number + 1) / BINS,
                told=float(told[kept].mean()),
                found=share,
            )
        )
    apart = np.bincount(bins, weights=told - confirmed, minlength=BINS)
    return ReliabilityTable(bins=tuple(found), error=float(np.abs(apart).sum() / len(told)))
