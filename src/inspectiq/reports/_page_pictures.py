"""Makes the pictures that a page carries: photos with numbered boxes, close-ups, thumbnails."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterable
from typing import TYPE_CHECKING

from inspectiq.domain._findings import Finding
from inspectiq.domain._photo import Box
from inspectiq.domain._results import PhotoOutcome, Result
from inspectiq.photos._image_rule import ImageRule
from inspectiq.reports._blocks import PagePicture
from inspectiq.reports._language import Language
from inspectiq.reports._pictures import (
    PhotoLookup,
    draw_boxes,
    list_boxes,
    load_picture,
    place_box,
)

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["PagePictures"]

WHOLE, CROP, THUMB = 1000, 420, 220  # pixels on the longer side; our choice
LARGEST = 2600  # pixels on the longer side that a close-up is cut from
AROUND = 0.35  # of a box's longer side, shown around it in a close-up
MOST_IN_BRIEF = 2  # pictures of one finding
LARGE_BOX = 0.6  # of the photo; a close-up of it would show nothing new
SHARE = 140_000  # bytes of a whole photo at most, and a third of it of a close-up
MARKUP = 300  # bytes of the elements around a picture, about
LEAST = 900  # bytes of a picture that shows anything; for less, no photo is decoded
QUALITIES = ((1.0, 80), (1.0, 66), (0.75, 66), (0.5, 66), (0.32, 60))  # of the side, and JPEG's


class PagePictures:
    """The pictures of one page, made photo by photo so that one at a time is decoded.

    Args:
        result: The inspection or diagnosis.
        photos: Where the photos are; a live result knows.
        language: Of the page.
        room: Bytes that all pictures together may take.
        brief: Whether close-ups are enough, and whole photos left out where there is one.
    """

    def __init__(
        self,
        result: Result,
        photos: PhotoLookup,
        language: Language,
        room: int,
        *,
        brief: bool = False,
    ) -> None:
        self.missing: list[PhotoOutcome] = []
        self.left_out: list[PhotoOutcome] = []
        self._language, self._room = language, room
        self._wholes: dict[str, PagePicture] = {}
        self._crops: dict[tuple[str, int], PagePicture] = {}
        self._thumbs: dict[str, PagePicture] = {}
        self._names = {outcome.photo.id: outcome.photo.name for outcome in result.photos}
        boxes = list_boxes(result)
        cited = {item.photo_id for finding in result.found for item in finding.evidence}
        wanted = [
            outcome
            for outcome in result.photos
            if outcome.photo.id in cited or (not brief and outcome.photo.original is not None)
        ]
        ordered = sorted(wanted, key=lambda outcome: outcome.photo.id not in cited)
        # In thirds of a whole photo, as much as a close-up or a thumbnail may take.
        thirds = [
            3 + len(boxes.get(outcome.photo.id, ())) if outcome.photo.id in cited else 1
            for outcome in ordered
        ]
        self._has_crops = room >= LEAST * sum(thirds)
        if not self._has_crops:  # then the photos themselves, as many as there is room for
            thirds = [min(3, third) for third in thirds]
        left = sum(thirds)
        for outcome, wants in zip(ordered, thirds, strict=True):
            third = min(SHARE // 3, self._room // left)
            left -= wants
            if third < LEAST:
                self.left_out.append(outcome)
                continue
            marks = boxes.get(outcome.photo.id, [])
            rule = _choose_rule(marks) if outcome.photo.id in cited else _RULES[THUMB]
            picture = load_picture(result, outcome.photo, photos, rule)
            if picture is None:
                self.missing.append(outcome)
            elif outcome.photo.id not in cited:
                self._add_thumb(outcome, picture, third)
            else:
                self._add_whole(outcome, picture, marks, third)

    def list_of(self, finding: Finding, number: int, *, brief: bool = False) -> list[PagePicture]:
        """Lists the pictures of a finding: close-ups, and photos that no finding before showed."""
        shown: list[PagePicture] = []
        for item in finding.evidence:
            crop = self._crops.pop((item.photo_id, number), None)
            if not (brief and crop) and item.photo_id in self._wholes:
                shown.append(self._wholes.pop(item.photo_id))
            if crop is not None:
                shown.append(crop)
            if brief and len(shown) >= MOST_IN_BRIEF:
                break
        return shown

    def list_thumbs(self) -> list[PagePicture]:
        """Lists the photos that show no finding, small."""
        return list(self._thumbs.values())

    def _add_whole(
        self,
        outcome: PhotoOutcome,
        picture: Image.Image,
        marks: list[tuple[int, Finding, Box]],
        third: int,
    ) -> None:
        ref, say = outcome.photo, self._language.say
        crops = {
            number: _cut(picture, place_box(box, ref.crop)) if self._has_crops else None
            for number, _, box in marks
        }
        picture.thumbnail((WHOLE, WHOLE))
        draw_boxes(picture, marks, ref.crop)
        caption = ", ".join(filter(None, (ref.name, ref.room)))
        numbers = ", ".join(str(number) for number, *_ in marks)
        alt = say("Photo {name}", name=ref.name)
        if marks:
            alt = say("Photo {name}, with boxes: {numbers}", name=ref.name, numbers=numbers)
        made = self._make(picture, 3 * third, alt, caption, "whole")
        if made is None:
            self.left_out.append(outcome)
            return
        self._wholes[ref.id] = made
        for number, finding, _ in marks:
            if (cut := crops[number]) is not None:
                label = self._language.translate(finding.label)
                alt = say("Close-up of finding {number}: {label}", number=number, label=label)
                caption = say("Close-up of {number}, from {name}", number=number, name=ref.name)
                close = self._make(cut, third, alt, caption, "crop")
                if close is not None:
                    self._crops[ref.id, number] = close

    def _add_thumb(self, outcome: PhotoOutcome, picture: Image.Image, third: int) -> None:
        ref = outcome.photo
        picture.thumbnail((THUMB, THUMB))
        told = self._language.translate(outcome.status)
        if outcome.duplicate_of:
            told = self._language.say("same as {photo}", photo=self._names[outcome.duplicate_of])
        alt = self._language.say("Photo {name}", name=ref.name)
        made = self._make(picture, third, alt, f"{ref.name}: {told}", "thumb")
        if made is None:
            self.left_out.append(outcome)
        else:
            self._thumbs[ref.id] = made

    def _make(
        self, picture: Image.Image, share: int, alt: str, caption: str, css: str
    ) -> PagePicture | None:
        """Makes a picture of at most so many bytes; None where that takes too much of it."""
        around = MARKUP + len((alt + caption).encode())
        for scale, quality in QUALITIES:
            small = picture
            if scale < 1:
                small = picture.resize(
                    (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
                )
            file = io.BytesIO()
            small.save(file, "JPEG", quality=quality)
            uri = "data:image/jpeg;base64," + b64encode(file.getvalue()).decode()
            if len(uri) + around <= share:
                self._room -= len(uri) + around
                return PagePicture(uri, small.width, small.height, alt, caption, css)
        return None


_RULES = {side: ImageRule(long_side=side, short_side=side, quality=90) for side in (THUMB, WHOLE)}


def _choose_rule(marks: Iterable[tuple[int, Finding, Box]]) -> ImageRule:
    """Chooses how large a photo is decoded: so that its close-ups are sharp."""
    sides = [max(box.x1 - box.x0, box.y1 - box.y0) * (1 + 2 * AROUND) for *_, box in marks]
    wanted = max((CROP / side for side in sides if side < LARGE_BOX), default=0)
    side = round(min(LARGEST, max(WHOLE, wanted)))
    return ImageRule(long_side=side, short_side=side, quality=90)


def _cut(picture: Image.Image, box: tuple[float, float, float, float]) -> Image.Image | None:
    """Cuts a box out of a picture with something around it, never enlarged; None if it is large."""
    width, height = picture.size
    x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    if max(box[2] - box[0], box[3] - box[1]) >= LARGE_BOX:
        return None
    margin = AROUND * max(x1 - x0, y1 - y0)
    corners = (
        max(0, int(x0 - margin)),
        max(0, int(y0 - margin)),
        min(width, int(x1 + margin) + 1),
        min(height, int(y1 + margin) + 1),
    )
    if corners[2] - corners[0] < 24 or corners[3] - corners[1] < 24:
        return None  # too few pixels to see anything
    cut = picture.crop(corners)
    cut.thumbnail((CROP, CROP))
    return cut
