"""Sample property photos, rendered by this package and labelled so, for the demo, docs and tests.

>>> from inspectiq._samples import sample_names
>>> sample_names()[0]
'living-room-wall.jpg'
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from inspectiq._samples.scenes import Scene

__all__ = ["LABEL", "Sample", "render", "sample_names", "write_samples"]

LABEL = "rendered sample, not a photograph"

_DESCRIPTION, _ORIENTATION, _EXIF_IFD, _TAKEN = 0x010E, 0x0112, 0x8769, 0x9003


@dataclass(frozen=True, slots=True)
class Sample:
    """What one rendered photo shows.

    Attributes:
        name: File name, such as `living-room-wall.jpg`.
        room: Room it was "taken" in, and the folder it is written to.
        shows: What was drawn, in plain words.
        defects: What was drawn as damaged: (kind, (x0, y0, x1, y1)) in 0-1 of the upright
            picture; empty for a clean room.
    """

    name: str
    room: str
    shows: str
    defects: tuple[tuple[str, tuple[float, float, float, float]], ...]


def sample_names() -> tuple[str, ...]:
    """Return the file names of all samples, in the order they are written."""
    return tuple(scene.name for scene in _scenes())


def render(name: str, *, seed: int = 7) -> tuple[Image.Image, Sample]:
    """Render one sample upright (RGB, 1600 pixels on its long side) and say what it shows.

    Args:
        name: One of `sample_names()`.
        seed: Chooses cracks, stains and noise; the same seed gives the same picture.

    Raises:
        KeyError: If there is no such sample.
    """
    return _paint({scene.name: scene for scene in _scenes()}[name], seed)


def write_samples(folder: Path, *, seed: int = 7) -> tuple[tuple[Path, Sample], ...]:
    """Write every sample as `folder/<room>/<name>` and return the paths with what they show."""
    written = []
    for scene in _scenes():
        picture, sample = _paint(scene, seed)
        path = folder / sample.room / sample.name
        path.parent.mkdir(parents=True, exist_ok=True)
        _save(picture, path, scene)
        written.append((path, sample))
    return tuple(written)


def _scenes() -> tuple[Scene, ...]:
    """Return the scenes; imported late because they load Pillow."""
    from inspectiq._samples.scenes import SCENES

    return SCENES


def _paint(scene: Scene, seed: int) -> tuple[Image.Image, Sample]:
    """Paint `scene` and bake the label into it."""
    from inspectiq._samples.brushes import caption

    picture, defects = scene.paint(random.Random(f"{seed} {scene.name}"))
    caption(picture, LABEL)
    return picture, Sample(scene.name, scene.room, scene.shows, defects)


def _save(picture: Image.Image, path: Path, scene: Scene) -> None:
    """Write `picture` as a JPEG that says in its metadata, too, that it was rendered."""
    from PIL import Image

    exif = Image.Exif()
    exif[_DESCRIPTION] = LABEL
    if scene.taken:
        exif.get_ifd(_EXIF_IFD)[_TAKEN] = scene.taken
    if scene.stored_sideways:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        exif[_ORIENTATION] = 6
    picture.save(path, "JPEG", quality=88, exif=exif, comment=LABEL)
