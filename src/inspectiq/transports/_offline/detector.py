"""What a damage detector is: it takes a picture, and returns a score map and boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Region:
    """One place in the picture that the detector points at.

    Attributes:
        box: (x0, y0, x1, y1), fractions of width and height, 0–1, origin top left.
        score: 0–1, higher is more certain; not a calibrated probability unless the detector
            says so.
    """

    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What a detector found in one picture.

    Attributes:
        score_map: H×W float32, 0–1, at the size of the picture that was given.
        regions: highest score first; empty when nothing was found.
    """

    score_map: NDArray[np.float32]
    regions: tuple[Region, ...]


class Detector(Protocol):
    """Anything that finds damage in a picture, by rules or by a learned network.

    Attributes:
        name: what a report calls the detector.
        version: changes whenever the same picture may give another answer.
    """

    @property
    def name(self) -> str:
        """What a report calls the detector."""
        ...

    @property
    def version(self) -> str:
        """The version, which changes whenever the same picture may give another answer."""
        ...

    def detect(self, picture: NDArray[np.uint8], /) -> Detection:
        """Finds damage in one picture.

        Args:
            picture: H×W×3 uint8, sRGB in the order RGB, upright, any size.

        Returns:
            A score map of the same height and width, and the regions by falling score.

        Raises:
            ValueError: the array is not a non-empty H×W×3 uint8 picture.
        """
        ...
