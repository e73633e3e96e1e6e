"""Findings as pre-labels in COCO's JSON, for labelling tools, and labels from what these export."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspectiq._files import read_text, to_path
from inspectiq._taking import quote, require
from inspectiq.domain._given_taxonomy import take_taxonomy
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.evaluation._labels import Corners, Label, LabelledPhoto
from inspectiq.evaluation._matching import enclose
from inspectiq.evaluation._reading import GivenResults, read_results
from inspectiq.evaluation._reads import ReadPhotoRef, ReadPrior, ReadResult

__all__ = ["read_coco", "to_coco"]

_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations of which width and height change places
_GIVE = "give what a labelling tool exports as COCO JSON"
WHOLE: Corners = (0.0, 0.0, 1.0, 1.0)
_ROUNDING = 1.0  # pixels by which tools move the edges of a box; our assumption


def to_coco(
    results: GivenResults, *, taxonomy: Taxonomy | Path | str | None = None
) -> dict[str, Any]:
    """Makes COCO's JSON of findings: pre-labels that a person corrects in a labelling tool.

    Pixels are those of the upright photo. A finding without a place has the whole photo as its box,
    and a label with that box is read back as one without. Where a finding has several boxes on a
    photo, its box is the one around them. Photos that could not be read, and what only words tell,
    are not in it.

    `file_name` is the photo's name, with its case as a folder and its id before it where several
    photos have the same name; `case_id`, `photo_id` and `finding_id` stand beside.

    Args:
        results: Stored or live results, as for `evaluate`; of several of a case the first counts.
        taxonomy: The types, which are the categories; the shipped ones if not given.

    Raises:
        ConfigError: Something is no result, or a finding's type is not in the taxonomy.
    """
    known = Taxonomy.default() if taxonomy is None else take_taxonomy(taxonomy, "taxonomy")
    numbers = {kind.key: number for number, kind in enumerate(known.types, start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    seen: set[str] = set()
    for result in read_results(results):
        if result.case.id in seen:
            continue
        seen.add(result.case.id)
        for photo in _list_photos(result):
            width, height = _measure(photo)
            images.append(
                {
                    "id": len(images) + 1,
                    "file_name": photo.name,
                    "width": width,
                    "height": height,
                    "case_id": result.case.id,
                    "photo_id": photo.id,
                }
            )
            for finding, box in _list_boxes(result, photo.id):
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": len(images),
                        "category_id": numbers[known[finding.type].key],
                        **_place(box, width, height),
                        "iscrowd": 0,
                        "segmentation": [],
                        "finding_id": finding.id,
                    }
                )
    _tell_apart(images)
    return {
        "info": {"description": "findings of a machine, to be corrected by a person"},
        "images": images,
        "annotations": annotations,
        "categories": [
            {"id": number, "name": key, "supercategory": known[key].group}
            for key, number in numbers.items()
        ],
    }


def _tell_apart(images: Sequence[dict[str, Any]]) -> None:
    """Puts the case before each file name that several photos have."""
    names = Counter(image["file_name"] for image in images)
    for image in images:
        if names[image["file_name"]] > 1:
            image["file_name"] = f"{image['case_id']}/{image['photo_id']}-{image['file_name']}"


def _list_photos(result: ReadResult) -> list[ReadPhotoRef]:
    return [
        outcome.photo
        for outcome in result.photos
        if outcome.status != "duplicate" and outcome.photo.original is not None
    ]


def _list_boxes(result: ReadResult, photo_id: str) -> Iterator[tuple[ReadPrior, Corners]]:
    """Lists the findings on a photo, each with its box; the whole photo where it has none."""
    for one in result.found:
        finding = one.original
        if any(item.photo_id == photo_id for item in finding.evidence):
            yield finding, enclose(finding.list_boxes(photo_id)) or WHOLE


def _measure(photo: ReadPhotoRef) -> tuple[int, int]:
    """Measures the upright photo in pixels."""
    assert photo.original is not None
    size = photo.original.width, photo.original.height
    return size[::-1] if photo.orientation in _SIDEWAYS else size


def _place(box: Corners, width: int, height: int) -> dict[str, Any]:
    x0, y0, x1, y1 = box
    wide, high = (x1 - x0) * width, (y1 - y0) * height
    return {"bbox": [x0 * width, y0 * height, wide, high], "area": wide * high}


def read_coco(path: Path | str, sent: Path | str | None) -> list[LabelledPhoto]:
    """Reads what a labelling tool exported; each image of it is labelled whole.

    Args:
        path: The export.
        sent: The file of `to_coco` that was imported into the tool; needed where the tool did not
            keep `case_id` and `photo_id` of images.

    Raises:
        ConfigError: A file is no COCO JSON, or an image is not known.
    """
    source = to_path(path, "COCO file")
    export = _read(source)
    names = {} if sent is None else _read_names(_read(to_path(sent, "COCO file")))
    categories = {one["id"]: one["name"] for one in export["categories"]}
    images = {one["id"]: one for one in export["images"]}
    labels: dict[Any, list[Label]] = {number: [] for number in images}
    for note in export["annotations"]:
        image = images.get(note.get("image_id"))
        category = categories.get(note.get("category_id"))
        if image is None or category is None:
            raise ConfigError(
                f"{source}: the annotation {quote(note.get('id'))} is of an image or a category "
                "that there is not; export it anew"
            )
        box = _read_box(note, image, f"{source}: the annotation {quote(note.get('id'))}")
        labels[image["id"]].append(Label(str(category), box=box))
    found: list[LabelledPhoto] = []
    for number, image in images.items():
        case_id, photo_id = _identify(image, names, source)
        found.append(LabelledPhoto(case_id, photo_id, tuple(labels[number])))
    return found


def _read(path: Path) -> Mapping[str, Sequence[dict[str, Any]]]:
    text = read_text(path, "COCO file")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: this is not JSON ({error}); {_GIVE}") from None
    require(found, dict, str(path), _GIVE)
    for name, fields in (
        ("images", ("id", "file_name")),
        ("annotations", ("bbox",)),
        ("categories", ("id", "name")),
    ):
        entries = found.get(name)
        whole = isinstance(entries, list) and all(
            isinstance(one, dict) and all(field in one for field in fields) for one in entries
        )
        if not whole:
            raise ConfigError(
                f"{path}: it needs a list of {name}, each with {' and '.join(fields)}; {_GIVE}"
            )
    return dict(found)


def _read_names(sent: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, tuple[str, str]]:
    """Reads which photo each file name stands for."""
    return {
        str(image["file_name"]): (str(image["case_id"]), str(image["photo_id"]))
        for image in sent["images"]
        if "case_id" in image and "photo_id" in image
    }


def _identify(
    image: Mapping[str, Any], names: Mapping[str, tuple[str, str]], source: Path
) -> tuple[str, str]:
    if "case_id" in image and "photo_id" in image:
        return str(image["case_id"]), str(image["photo_id"])
    name = str(image["file_name"])
    if name not in names:
        raise ConfigError(
            f"{source}: which photo is {quote(name)}? Give sent=, the file that `to_coco` made and "
            "the tool got, and keep its file names"
        )
    return names[name]


def _read_box(note: Mapping[str, Any], image: Mapping[str, Any], where: str) -> Corners | None:
    """Reads a box in fractions of its photo; None where it is the whole photo."""
    try:
        width, height = float(image["width"]), float(image["height"])
        x, y, wide, high = map(float, note["bbox"])
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            f"{where}: it needs a bbox of four numbers, and its image a width and a height; {_GIVE}"
        ) from None
    edges = x, y, x + wide, y + high
    limits = (0.0, 0.0, width, height)
    close = [abs(edge - limit) <= _ROUNDING for edge, limit in zip(edges, limits, strict=True)]
    if all(close):
        return None
    x0, y0, x1, y1 = (
        limit if near else edge for edge, limit, near in zip(edges, limits, close, strict=True)
    )
    return x0 / width, y0 / height, x1 / width, y1 / height
