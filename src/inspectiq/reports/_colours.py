"""Chooses colours of levels, and an ink that can be read on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["NO_LEVEL", "choose_ink", "list_colours"]

NO_LEVEL = "#7b2d8b"  # of what has no level, or one without a colour
REJECTED = "#5c6166"


def list_colours(colours: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Lists the levels with a colour each, also where the severity profile names none."""
    for level, colour in colours.items():
        if level == "rejected":
            yield level, REJECTED
        else:
            yield level, colour or NO_LEVEL


def choose_ink(colour: str) -> str:
    """Chooses black or white, whichever stands out more on a colour by WCAG 2.2."""
    red, green, blue = (_to_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def _to_linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
