"""The look and words of a report of your own: names, logo, colour, disclaimer, labels."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from inspectiq._values import FROZEN, FrozenMap, Value

__all__ = ["Brand"]

LARGEST_LOGO = 2_000_000  # bytes; each report carries it. Our assumption
LONGEST_SIDE = 4_096  # pixels of a logo; a few bytes can say that they are far more
_LOGOS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


class Brand(Value):
    """The look and words of reports that go out under your own name.

    With a brand, only what a report says of its making (versions, hashes) names this software.

    Attributes:
        product: Name of your product.
        company: Who sends the report.
        logo: A PNG, JPEG, GIF or WebP: its bytes, or the path of a file that is read at once. At
            most 2 MB and 4,096 pixels a side, since each report carries it.
        colour: Of the line below the title, as `#rrggbb`.
        contact: Whom to ask, as plain text.
        disclaimer: Your own limits, as plain text, beside those that every report has.
        disclosure: What the report says of its making by a machine, in place of our own sentence;
            `{engines}`, `{date}` and `{review}` are filled in.
        labels: What a field of an agent of your own is called, by its name.
        more: Sections of your own, before the photos: lines of plain text by title.
        template: A Jinja template of your own, which may extend `report.html`. An index takes its
            masthead and footer.
    """

    product: Annotated[str, Field(max_length=200)] = ""
    company: Annotated[str, Field(max_length=200)] = ""
    logo: Annotated[bytes | None, Field(repr=False)] = None
    colour: Annotated[str | None, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = None
    contact: str = ""
    disclaimer: str = ""
    disclosure: str = ""
    labels: Annotated[Mapping[str, str], FROZEN] = FrozenMap()
    more: Annotated[Mapping[str, tuple[str, ...]], FROZEN] = FrozenMap()
    template: Path | None = None

    @field_validator("logo", mode="before")
    @classmethod
    def _read_logo(cls, given: object) -> object:
        if isinstance(given, str | Path):
            path = Path(given)
            try:
                size = path.stat().st_size
                given = path.read_bytes() if size <= LARGEST_LOGO else None
            except OSError as error:
                raise ValueError(
                    f"the file {path.name} cannot be read ({type(error).__name__}); give the path "
                    "of a picture"
                ) from None
            if given is None:
                raise ValueError(_describe_size(size))
        if isinstance(given, bytearray | memoryview):
            given = bytes(given)
        if isinstance(given, bytes):
            if len(given) > LARGEST_LOGO:
                raise ValueError(_describe_size(len(given)))
            _check_picture(given)
        return given

    @property
    def logo_type(self) -> str:
        """The media type of the logo, such as `image/png`; "" for none."""
        found = (kind for start, kind in _LOGOS.items() if (self.logo or b"").startswith(start))
        return next(found, "")


def _check_picture(content: bytes) -> None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "GIF", "WEBP"]) as picture:
            side = max(picture.size)
            if side <= LONGEST_SIDE:
                picture.load()
    except Exception as error:  # Pillow raises of many kinds, and each means the same
        raise ValueError(
            f"it is no PNG, JPEG, GIF or WebP that can be shown ({type(error).__name__}); save it "
            "as one"
        ) from None
    if side > LONGEST_SIDE:
        raise ValueError(f"it is {side} pixels long, at most {LONGEST_SIDE} are taken; shrink it")


def _describe_size(size: int) -> str:
    return f"it has {size:,} bytes, at most {LARGEST_LOGO:,} are taken; make it smaller"
