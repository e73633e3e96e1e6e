"""Shows one photo of a result, with the boxes of its findings, as a Pillow picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from inspectiq._taking import refuse, require, require_number
from inspectiq._text import to_one_line
from inspectiq.domain._findings import Finding
from inspectiq.domain._photo import Box, PhotoRef
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.errors import ConfigError
from inspectiq.photos._image_rule import ImageRule
from inspectiq.photos._photo import Photo
from inspectiq.reports._colours import NO_LEVEL
from inspectiq.reports._pictures import (
    PhotoLookup,
    check_lookup,
    draw_box,
    find_photos,
    load_photo,
    place_box,
)

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Mark", "draw_photo", "mark_finding", "show_finding", "show_photo"]

LONGEST_TAG = 40  # characters at a box


class Mark(NamedTuple):
    """A box to draw.

    Attributes:
        tag: What stands at it.
        colour: As `#rrggbb`.
        box: Where, on the upright original.
    """

    tag: str
    colour: str
    box: Box


def show_photo(
    result: Result, which: str | PhotoOutcome | Finding, photos: PhotoLookup, long_side: int
) -> Image.Image:
    """Shows a photo of a result, as `Result.show` says."""
    check_lookup(photos)
    rule = _make_rule(long_side)
    numbered = list(enumerate(result.found, start=1))
    if isinstance(which, Finding):
        numbered = [(number, one) for number, one in numbered if one.id == which.id]
        if not numbered:
            raise ConfigError(f"which: the result {result.id} has no finding {which.id}")
        photo_id = _choose_photo(which, None)
    elif isinstance(which, PhotoOutcome):
        photo_id = which.photo.id
    elif isinstance(which, str):
        photo_id = which
    else:
        refuse(which, "which", "give the id of a photo, an outcome or a finding of the result")
    ref = result[photo_id].photo
    marks = [mark for number, one in numbered for mark in mark_finding(one, photo_id, str(number))]
    return _show(ref, list(find_photos(ref, photos, result.handles)), marks, rule)


def show_finding(
    finding: Finding,
    remembered: Mapping[str, tuple[PhotoRef, Any]],
    photo_id: str | None,
    long_side: int,
) -> Image.Image:
    """Shows a photo of a finding, as `Finding.show` says."""
    require(photo_id, (str, NoneType), "photo_id", "give the id of a photo that shows it")
    rule = _make_rule(long_side)
    photo_id = _choose_photo(finding, photo_id)
    if photo_id not in remembered:
        raise ConfigError(
            f"the photo {photo_id} is not remembered: this finding came from JSON, from a pickle "
            "or from no run; give its result the photos: result.show(finding, photos='photos/')"
        )
    ref, photo = remembered[photo_id]
    tag = to_one_line(finding.type.replace("_", " "), LONGEST_TAG)
    return _show(
        ref,
        list(find_photos(ref, None, {ref.id: photo})),
        mark_finding(finding, photo_id, tag),
        rule,
    )


def mark_finding(finding: Finding, photo_id: str, tag: str) -> list[Mark]:
    """Marks where a photo shows a finding."""
    colour = finding.severity.colour or NO_LEVEL
    return [
        Mark(tag, colour, item.box)
        for item in finding.evidence
        if item.photo_id == photo_id and item.box is not None
    ]


def draw_photo(
    ref: PhotoRef, photos: Iterable[Photo], marks: Iterable[Mark], rule: ImageRule
) -> Image.Image | None:
    """Draws the first of some photos that is the one that was inspected; None if none is."""
    found = (load_photo(ref, photo, rule) for photo in photos)
    picture = next((one for one in found if one is not None), None)
    if picture is not None:
        for mark in marks:
            draw_box(picture, place_box(mark.box, ref.crop), mark.tag, mark.colour)
    return picture


def _make_rule(long_side: int) -> ImageRule:
    require_number(long_side, "long_side", least=1, whole=True)
    return ImageRule(long_side=long_side, short_side=long_side, quality=90)


def _choose_photo(finding: Finding, asked: str | None) -> str:
    """Chooses a photo of a finding: the one that is asked for, else the first one with a box."""
    ids = [item.photo_id for item in finding.evidence]
    if not ids:
        raise ConfigError(f"no photo shows the finding {finding.id}: it comes from words alone")
    if asked is not None:
        if asked not in ids:
            shown = ", ".join(dict.fromkeys(ids))
            raise ConfigError(f"photo_id: the photos that show {finding.id} are {shown}")
        return asked
    boxed = (item.photo_id for item in finding.evidence if item.box is not None)
    return next(boxed, ids[0])


def _show(
    ref: PhotoRef, found: Sequence[Photo], marks: Iterable[Mark], rule: ImageRule
) -> Image.Image:
    picture = draw_photo(ref, found, marks, rule)
    return picture if picture is not None else _explain_gap(ref, found, rule)


def _explain_gap(ref: PhotoRef, found: Sequence[Photo], rule: ImageRule) -> NoReturn:
    """Raises the error that says why a photo cannot be shown.

    Raises:
        PhotoError: It cannot be read.
        ConfigError: It is another reason.
    """
    named = f"photo {ref.id} ({ref.name})"
    if ref.original is None:
        raise ConfigError(f"{named} could not be read when it was inspected; see its fault")
    if not found:
        raise ConfigError(
            f"{named} was not found; a result that came from JSON or a pickle remembers no photos: "
            "give photos=, a folder, paths by id, or a function of a PhotoRef"
        )
    if ref.host_prepared != (found[0].prepare is not None):
        raise ConfigError(
            f"{named} went through a `prepare` of yours, or did not; give it as it was inspected: "
            "photos={id: Photo.from_path(path, prepare=...)}"
        )
    found[0].prepare_for(rule)
    raise ConfigError(f"{named} is another photo now, by its hash; give the one that was inspected")
