"""From a scene to a labelled JPEG, and to the list of what all of them show."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from inspectiq._samples import LABEL, Sample
from tools.pictures.camera import write_caption
from tools.pictures.flat_scenes import FLAT_SCENES
from tools.pictures.scenes import SCENES, Scene

__all__ = ["LIST", "SEED", "encode_picture", "render_picture", "write_pictures"]

SEED = 7  # of the photos that ship
LIST = "samples.json"
_DESCRIPTION, _ORIENTATION, _EXIF_IFD, _TAKEN = 0x010E, 0x0112, 0x8769, 0x9003
_BY_NAME = {scene.name: scene for scene in (*SCENES, *FLAT_SCENES)}


def render_picture(name: str, *, seed: int = SEED) -> tuple[Image.Image, Sample]:
    """Renders one photo upright (RGB, as large as it is stored), and says what it shows.

    Args:
        name: File name of one of `SCENES` or `FLAT_SCENES`.
        seed: Chooses cracks, stains and noise; the same seed gives the same picture.

    Raises:
        KeyError: There is no such scene.
    """
    scene = _BY_NAME[name]
    picture, defects = scene.paint(random.Random(f"{seed} {name}"))
    picture.thumbnail((scene.long_side, scene.long_side))
    write_caption(picture, LABEL)
    return picture, Sample(name, scene.room, scene.shows, defects)


def encode_picture(picture: Image.Image, scene: Scene) -> bytes:
    """Encodes an upright picture as a JPEG that says in its metadata, too, that it was rendered."""
    exif = Image.Exif()
    exif[_DESCRIPTION] = LABEL
    if scene.taken:
        exif.get_ifd(_EXIF_IFD)[_TAKEN] = scene.taken
    if scene.stored_sideways:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        exif[_ORIENTATION] = 6
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=scene.quality, optimize=True, exif=exif, comment=LABEL)
    return file.getvalue()


def write_pictures(
    folder: Path, scenes: Sequence[Scene] = SCENES, *, seed: int = SEED
) -> tuple[Path, ...]:
    """Writes a photo of every scene into a folder, and `samples.json` that says what they show."""
    folder.mkdir(parents=True, exist_ok=True)
    written, samples = [], []
    for scene in scenes:
        picture, sample = render_picture(scene.name, seed=seed)
        written.append(folder / scene.name)
        written[-1].write_bytes(encode_picture(picture, scene))
        samples.append(asdict(sample))
    listed = folder / LIST
    listed.write_text(json.dumps(samples, indent=2) + "\n", encoding="utf-8")
    return (*written, listed)
