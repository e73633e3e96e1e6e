"""A figure of an evaluation: never without what it is of, nor an interval where it is too few."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inspectiq._values import Value

__all__ = ["FEWEST", "FEWEST_CASES", "Figure"]

FEWEST = 30
"""Photos, labels or findings that a figure needs; of fewer only the count is told. Our assumption:
of 30, the interval of a share near a half is a third wide."""

FEWEST_CASES = 10
"""Cases that an interval needs, since it is told by how cases differ. Our assumption."""

Count = Annotated[int, Field(ge=0)]


class Figure(Value):
    """A share, a mean or another figure, with its 95 % interval and what it is of.

    Attributes:
        value: The figure; None where it is of fewer than `FEWEST`, or cannot be told.
        low: Lower end of the interval; None with fewer than `FEWEST_CASES` cases, and where all
            cases are alike in what is no share.
        high: Upper end of it.
        hits: Of a share, how many of `n`; None where it is no share.
        n: How many it is of.
        cases: Of how many cases these are.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    hits: Count | None = None
    n: Count = 0
    cases: Count = 0

    def describe(self, digits: int = 2) -> str:
        """Describes it in words, such as `0.83 (0.74 to 0.90), 62 of 75`.

        Args:
            digits: Decimals.
        """
        of = f"n = {self.n}" if self.hits is None else f"{self.hits} of {self.n}"
        if self.value is None:
            return f"too few to say: {of}" if self.n else "none"
        if self.low is None or self.high is None:
            few = f"no interval of {self.cases} case{'s' * (self.cases != 1)}"
            why = few if self.cases < FEWEST_CASES else "no interval: all cases are alike"
            return f"{self.value:.{digits}f} ({why}), {of}"
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f}), {of}"
