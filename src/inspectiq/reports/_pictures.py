"""Draws pictures with numbered boxes: each finding where it was seen."""

from __future__ import annotations

import glob
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspectiq._files import to_path
from inspectiq._log import get_logger
from inspectiq._taking import refuse, require
from inspectiq._tracebacks import hide_locals
from inspectiq._values import hash_content
from inspectiq.domain._findings import Finding
from inspectiq.domain._photo import Box, PhotoRef
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError, PhotoError
from inspectiq.photos._image_rule import ImageRule
from inspectiq.photos._photo import Photo
from inspectiq.reports._colours import NO_LEVEL

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "Mark",
    "PhotoLookup",
    "check_lookup",
    "draw_box",
    "draw_boxes",
    "find_photos",
    "list_boxes",
    "load_photo",
    "load_picture",
    "name_picture",
    "place_box",
    "write_pictures",
]

PhotoLookup = (
    Mapping[str, "Photo | Path | str | bytes"]
    | Path
    | str
    | Callable[[PhotoRef], "Photo | Path | str | bytes | None"]
    | None
)
"""Where renderers find photos: by id, in a folder by name, or from a function of the PhotoRef."""

Mark = tuple[int, Finding, Box]
"""A finding on a photo: its number in the report, the finding, and where it is."""

RULE = ImageRule(long_side=1600, short_side=1600, quality=88)


@hide_locals
def write_pictures(
    result: Result, folder: Path | str, photos: PhotoLookup = None
) -> tuple[Path, ...]:
    """Writes one JPEG for each photo that shows a finding, with a numbered box for each.

    A file is shown only if it is the one that was inspected, by its hash. Photos go through the
    host's `prepare` again, so that what it hides stays hidden; after a result went through JSON,
    hand over such photos as `Photo(..., prepare=...)`.

    Args:
        result: The inspection or diagnosis.
        folder: Where to write; made if need be.
        photos: Where the photos are; a live result knows.

    Returns:
        What was written, in the order of the photos. A photo that cannot be found or read any
        more, that is another one by now, or that lacks its `prepare` is left out.

    Raises:
        ConfigError: `photos` is no folder, or gives something that is no photo.
    """
    require(result, Result, "result", "give an Inspection or a Diagnosis")
    target = to_path(folder, "folder of the pictures")
    check_lookup(photos)
    boxes = list_boxes(result)
    written: list[Path] = []
    for outcome in result.photos:
        ref = outcome.photo
        if ref.id not in boxes:
            continue
        picture = load_picture(result, ref, photos, RULE)
        if picture is None:
            continue
        draw_boxes(picture, boxes[ref.id], ref.crop)
        path = target / name_picture(ref)
        target.mkdir(parents=True, exist_ok=True)
        picture.save(path, "JPEG", quality=RULE.quality)
        written.append(path)
    return tuple(written)


def list_boxes(result: Result) -> dict[str, list[Mark]]:
    """Lists boxes by photo id, each with its finding and the number of that."""
    boxes: dict[str, list[Mark]] = {}
    for number, finding in enumerate(result.found, start=1):
        for item in finding.evidence:
            if item.box is not None:
                boxes.setdefault(item.photo_id, []).append((number, finding, item.box))
    return boxes


def load_picture(
    result: Result, ref: PhotoRef, photos: PhotoLookup, rule: ImageRule
) -> Image.Image | None:
    """Loads a photo as it was inspected; None, and a warning, where it is not to be found.

    Args:
        result: The result that the photo belongs to.
        ref: The photo.
        photos: Where the photos are; a live result knows.
        rule: How large it should be.
    """
    found = (load_photo(ref, photo, rule) for photo in find_photos(ref, photos, result.handles))
    picture = next((picture for picture in found if picture is not None), None)
    if picture is None and photos is not None:
        _warn_of_gap(result, ref)
    return picture


def draw_boxes(picture: Image.Image, marks: Iterable[Mark], crop: Box | None) -> None:
    """Draws a numbered box for each finding, in the colour of its level.

    Args:
        picture: What is drawn on.
        marks: Numbers, findings and boxes.
        crop: The part of the upright original that the picture shows; None for all of it.
    """
    for number, finding, box in marks:
        colour = finding.severity.colour or NO_LEVEL
        draw_box(picture, place_box(box, crop), str(number), colour)


def name_picture(ref: PhotoRef) -> str:
    """Names a photo's picture file: its id, a dot, and what is harmless of its name.

    An id that has to be changed for that, or that differs from another only in case, gets a hash.
    """
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(ref.name).stem).strip("-")[:60]
    safe_id = re.sub(r"[^a-z0-9_-]+", "-", ref.id.lower())[:60]
    if safe_id != ref.id:
        safe_id += "-" + hash_content(ref.id)[:8]
    return f"{safe_id}.{stem}.jpg" if stem else f"{safe_id}.jpg"


def find_photos(ref: PhotoRef, photos: PhotoLookup, handles: Mapping[str, Any]) -> Iterator[Photo]:
    """Finds the photos that may be the one of `ref`."""
    if isinstance(photos, str | os.PathLike):
        yield from _search_folder(ref, Path(photos))
    elif photos is None:
        yield from _open_photo(ref, handles.get(ref.id))
    elif isinstance(photos, Mapping):
        yield from _open_photo(ref, photos.get(ref.id))
    else:
        yield from _open_photo(ref, photos(ref))


def check_lookup(photos: object) -> None:
    """Refuses what is no place to find photos in.

    Raises:
        ConfigError: It is no folder, mapping or function.
    """
    if photos is None or isinstance(photos, Mapping):
        return
    if isinstance(photos, str | os.PathLike):
        folder = to_path(photos, "folder of the photos")
        if not folder.is_dir():
            raise ConfigError(f"photos= names {folder}, which is no folder")
        return
    choices = "give a folder, photos by id, or a function of a PhotoRef"
    if isinstance(photos, type) or not callable(photos):
        refuse(photos, "photos", choices)


def _warn_of_gap(result: Result, ref: PhotoRef) -> None:
    get_logger("inspectiq.reports").warning(
        "a picture is left out: what photos= gives is not the photo that was inspected",
        case_id=result.case.id,
        photo_id=ref.id,
    )


def _search_folder(ref: PhotoRef, folder: Path) -> Iterator[Photo]:
    if not ref.name or "\0" in ref.name or Path(ref.name).name != ref.name:
        return  # the name of no file: nothing is looked for elsewhere
    for path in sorted(folder.rglob(glob.escape(ref.name))):
        if path.name == ref.name and path.is_file():
            yield Photo.from_path(path, id=ref.id)


def _open_photo(ref: PhotoRef, found: Any) -> Iterator[Photo]:
    if isinstance(found, Photo):
        yield found
    elif isinstance(found, bytes):
        yield Photo.from_bytes(found, name=ref.name, id=ref.id)
    elif isinstance(found, str | Path):
        yield Photo.from_path(found, id=ref.id)
    elif found is not None:
        raise ConfigError(
            f"photos= gave a {type(found).__name__} for photo {ref.id}; "
            "give a path, bytes, a Photo, or None"
        )


def load_photo(ref: PhotoRef, photo: Photo, rule: ImageRule) -> Image.Image | None:
    """Loads the photo as it was inspected; None if this is another one."""
    from PIL import Image

    if ref.original is None or ref.host_prepared != (photo.prepare is not None):
        return None
    try:
        prepared = photo.prepare_for(rule)
    except PhotoError:
        return None
    if prepared.original.sha256 != ref.original.sha256:
        return None
    picture = Image.open(io.BytesIO(prepared.jpeg), formats=["JPEG"])
    picture.load()
    return picture


def place_box(box: Box, crop: Box | None) -> tuple[float, float, float, float]:
    """Places a box of the upright original on the part of it that was inspected."""
    x0, y0, x1, y1 = box.to_tuple()
    if crop is None:
        return x0, y0, x1, y1
    width, height = crop.x1 - crop.x0, crop.y1 - crop.y0
    return (
        (x0 - crop.x0) / width,
        (y0 - crop.y0) / height,
        (x1 - crop.x0) / width,
        (y1 - crop.y0) / height,
    )


def draw_box(
    picture: Image.Image, box: tuple[float, float, float, float], number: str, colour: str
) -> None:
    """Draws a box with a tag at it, or none for an empty number."""
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    stroke = max(2, round(max(width, height) / 400))
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    # A white rim keeps the box visible on dark walls and on walls of its own colour.
    draw.rectangle(
        (x0 - stroke, y0 - stroke, x1 + stroke, y1 + stroke), outline="white", width=stroke
    )
    draw.rectangle((x0, y0, x1, y1), outline=colour, width=stroke)
    if not number:
        return
    font = ImageFont.load_default(max(14, round(max(width, height) / 45)))
    left, top, right, bottom = draw.textbbox((0, 0), number, font=font)
    tag_width, tag_height = right - left + 4 * stroke, bottom - top + 4 * stroke
    tag_x = min(max(0, x0 - stroke), width - tag_width)
    tag_y = y0 - tag_height if y0 >= tag_height else y0
    draw.rectangle(
        (tag_x, tag_y, tag_x + tag_width, tag_y + tag_height), fill=colour, outline="white"
    )
    draw.text(
        (tag_x + 2 * stroke - left, tag_y + 2 * stroke - top), number, font=font, fill="white"
    )
