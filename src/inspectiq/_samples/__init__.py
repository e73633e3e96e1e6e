"""Sample property photos, rendered by our own code and labelled so, for the demo, docs and tests.

>>> from inspectiq._samples import list_samples
>>> list_samples()[0].name
'living-room-wall.jpg'

The repository's `tools/pictures` draws them, and says how they are rendered again. `flat` makes a
whole inspection of these and of some more, with answers that were written by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

__all__ = ["LABEL", "Defect", "Sample", "list_samples", "read_sample", "write_samples"]

LABEL = "rendered sample, not a photograph"


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that was drawn as damaged.

    Attributes:
        type: Its type of issue.
        box: (x0, y0, x1, y1) in 0-1 of the upright picture, origin top left.
    """

    type: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one rendered photo shows.

    Attributes:
        name: File name, such as `living-room-wall.jpg`.
        room: Room it was "taken" in, and the folder it is written to.
        shows: What was drawn, in plain words.
        defects: What was drawn as damaged; empty for a clean room.
    """

    name: str
    room: str
    shows: str
    defects: tuple[Defect, ...]


@cache
def list_samples(folder: str = "") -> tuple[Sample, ...]:
    """Lists the samples that ship, in the order they are written; `flat` has some of its own."""
    listed = json.loads(_read(folder, "samples.json"))
    return tuple(
        Sample(
            name=entry["name"],
            room=entry["room"],
            shows=entry["shows"],
            defects=tuple(Defect(one["type"], tuple(one["box"])) for one in entry["defects"]),
        )
        for entry in listed
    )


def read_sample(name: str, folder: str = "") -> bytes:
    """Reads the JPEG of one sample, 1600 pixels on its long side, those of `flat` 1200.

    Raises:
        KeyError: There is no such sample.
    """
    if name not in {sample.name for sample in list_samples(folder)}:
        raise KeyError(name)
    return _read(folder, name)


def write_samples(folder: Path) -> tuple[tuple[Path, Sample], ...]:
    """Writes every sample as `folder/<room>/<name>`, and returns the paths with what they show."""
    written = []
    for sample in list_samples():
        path = folder / sample.room / sample.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read_sample(sample.name))
        written.append((path, sample))
    return tuple(written)


def _read(folder: str, name: str) -> bytes:
    return files("inspectiq._samples").joinpath(folder, name).read_bytes()
