"""Intervals of 95 %, by how cases differ: photos of one flat are not independent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from inspectiq.evaluation._figure import FEWEST, FEWEST_CASES, Figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = [
    "REPLICATES",
    "bootstrap",
    "compute_wilson",
    "make_change",
    "make_share",
    "make_statistic",
    "resample",
]

REPLICATES = 2_000
"""Samples of a bootstrap; the ends of an interval then vary by one or two percent of its width."""

SAME = 1e-9  # what figures that should be the same differ by in floating point

SEED = 20_261_130  # the same data give the same interval


def make_share(hits: Array, counts: Array) -> Figure:
    """Makes a share with Wilson's interval.

    Units of one case resemble each other, and so tell less than as many of different cases. The
    interval is that of as many independent units as would vary alike (n divided by the design
    effect, which is estimated from the cases as Kish defines it, and never below 1), with the
    quantile of Student's t for the cases that there are.

    Args:
        hits: Hits of each case.
        counts: Units of each case.
    """
    import numpy as np

    kept = counts > 0
    hits, counts = hits[kept], counts[kept]
    n, cases, hit = int(counts.sum()), len(counts), int(hits.sum())
    told = {"n": n, "cases": cases, "hits": hit}
    if n < FEWEST:
        return Figure(**told)
    share = hit / n
    if cases < FEWEST_CASES:
        return Figure(value=share, **told)
    if 0 < hit < n:
        between = cases / (cases - 1) * float(np.sum((hits - share * counts) ** 2)) / n**2
        effect = max(1.0, between * n / (share * (1 - share)))
    else:
        effect = n / cases  # nothing varies: a case counts as one unit
    low, high = compute_wilson(share, n / effect, cases - 1)
    return Figure(value=share, low=low, high=high, **told)


def compute_wilson(share: float, n: float, freedom: float | None = None) -> tuple[float, float]:
    """Computes Wilson's interval of 95 % of a share.

    Args:
        share: The share, 0–1.
        n: Independent units that it is of.
        freedom: Degrees of freedom of Student's t; None for the normal distribution.
    """
    from scipy.special import ndtri, stdtrit

    z = float(ndtri(0.975) if freedom is None else stdtrit(freedom, 0.975))
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def make_statistic(sums: Array, compute: Callable[[Array], Array], n: int) -> Figure:
    """Makes a figure with an interval by the bootstrap: cases are drawn again, with their photos.

    Where all cases are alike there is no interval: nothing tells how others would differ.

    Args:
        sums: What each case adds up to, a row a case.
        compute: Computes the figure of sums, in the last dimension; NaN where it cannot be told.
        n: How many units it is of.
    """
    import numpy as np

    cases = len(sums)
    if n < FEWEST:
        return Figure(n=n, cases=cases)
    value = float(compute(sums.sum(axis=0)))
    if np.isnan(value):
        return Figure(n=n, cases=cases)
    if cases < FEWEST_CASES:
        return Figure(value=value, n=n, cases=cases)
    low, high = bootstrap(compute(resample(sums)), cases)
    if high - low <= SAME * max(1.0, abs(value)):  # a bootstrap sees only what varies
        return Figure(value=value, n=n, cases=cases)
    return Figure(value=value, low=low, high=high, n=n, cases=cases)


def make_change(before: Array, now: Array, compute: Callable[[Array], Array], n: int) -> Figure:
    """Makes the change of a figure from some cases to others, each drawn again by themselves.

    Args:
        before: What each case of the first ones adds up to, a row a case.
        now: The same of the later ones.
        compute: As for `make_statistic`.
        n: How many units the smaller side is of.
    """
    import numpy as np

    cases = min(len(before), len(now))
    if n < FEWEST:
        return Figure(n=n, cases=cases)
    value = float(compute(now.sum(axis=0)) - compute(before.sum(axis=0)))
    if np.isnan(value) or cases < FEWEST_CASES:
        return Figure(value=None if np.isnan(value) else value, n=n, cases=cases)
    drawn = compute(resample(now)) - compute(resample(before, seed=SEED + 1))
    low, high = bootstrap(drawn, cases)
    return Figure(value=value, low=low, high=high, n=n, cases=cases)


def resample(sums: Array, replicates: int = REPLICATES, *, seed: int = SEED) -> Array:
    """Draws cases with replacement, and adds up what each sample has.

    Args:
        sums: What each case adds up to, a row a case.
        replicates: How many samples are drawn.
        seed: Of the draws; two sets of cases that are drawn apart have different ones.

    Returns:
        A row for each sample.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    cases = len(sums)
    drawn = np.empty((replicates, sums.shape[1]))
    for row in range(replicates):
        times = np.bincount(generator.integers(0, cases, cases), minlength=cases)
        drawn[row] = times @ sums
    return drawn


def bootstrap(values: Array, cases: int) -> tuple[float, float]:
    """Computes the interval of 95 % of replicates: their percentiles, widened for few cases.

    The percentiles are Hesterberg's "expanded" ones (What Teachers Should Know About the
    Bootstrap, 2015, section 5.3): the plain ones are as much too narrow as those of a normal
    distribution are in place of Student's t.

    Args:
        values: The figure of each sample.
        cases: How many cases were drawn from.
    """
    import numpy as np
    from scipy.special import ndtr, stdtrit

    tail = float(ndtr((cases / (cases - 1)) ** 0.5 * stdtrit(cases - 1, 0.025)))
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
