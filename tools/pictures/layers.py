"""Layers of straight-edged things, drawn crisply and laid over a picture with their shadow."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tools.pictures.surfaces import Box, Colour, Point, build_table, scale_colour, to_rgb

SUPERSAMPLE = 2  # Pillow draws without anti-aliasing, so shapes are drawn larger and reduced


class Layer:
    """Straight-edged things (furniture, frames, tiles) drawn crisply and laid over a picture."""

    def __init__(self, size: tuple[int, int]) -> None:
        """Starts an empty layer over a picture of `size` pixels."""
        self._image = Image.new("RGBA", (size[0] * SUPERSAMPLE, size[1] * SUPERSAMPLE))
        self._draw = ImageDraw.Draw(self._image)

    def draw_box(self, box: Box, colour: Colour, *, radius: float = 0, shade: float = 0) -> None:
        """Draws an upright rectangle, its foot `shade` (0-1) darker than its head."""
        x0, y0, x1, y1 = (round(edge * SUPERSAMPLE) for edge in box)
        if not shade:
            self._draw.rounded_rectangle((x0, y0, x1 - 1, y1 - 1), radius * SUPERSAMPLE, colour)
            return
        size = (x1 - x0, y1 - y0)
        ramp = Image.new("RGBA", (1, 32))
        for row in range(32):
            ramp.putpixel((0, row), (*scale_colour(colour, 1 - shade * row / 31), 255))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).rounded_rectangle(
            (0, 0, size[0] - 1, size[1] - 1), radius * SUPERSAMPLE, 255
        )
        self._image.paste(ramp.resize(size, Image.Resampling.NEAREST), (x0, y0), mask)

    def draw_panel(self, box: Box, colour: Colour, inset: float, *, shade: float = 0.04) -> None:
        """Draws a framed door or drawer front: a lit upper edge and a recessed field."""
        x0, y0, x1, y1 = box
        self.draw_box(box, scale_colour(colour, 1.05))
        self.draw_box((x0 + 2, y0 + 2, x1, y1), scale_colour(colour, 0.86))
        self.draw_box((x0 + 2, y0 + 2, x1 - 2, y1 - 2), colour, shade=shade)
        field = (x0 + inset, y0 + inset, x1 - inset, y1 - inset)
        self.draw_box(field, scale_colour(colour, 0.84))
        self.draw_box((field[0] + 3, field[1] + 3, *field[2:]), scale_colour(colour, 1.04))
        self.draw_box(
            (field[0] + 3, field[1] + 3, field[2] - 3, field[3] - 3),
            scale_colour(colour, 0.97),
            shade=shade,
        )

    def draw_shape(self, corners: Sequence[Point], colour: Colour) -> None:
        """Draws a filled polygon."""
        self._draw.polygon([(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in corners], colour)

    def draw_disc(self, centre: Point, across: float, down: float, colour: Colour) -> None:
        """Draws a filled ellipse with half-axes `across` and `down`."""
        x, y = centre
        box = (x - across, y - down, x + across, y + down)
        self._draw.ellipse([edge * SUPERSAMPLE for edge in box], colour)

    def draw_stroke(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draws an open line `width` pixels wide."""
        scaled_points = [(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in points]
        self._draw.line(scaled_points, colour, round(width * SUPERSAMPLE), joint="curve")

    def lay_over(
        self, picture: Image.Image, *, shadow: float = 0.35, fall: Point = (9, 12), soft: float = 12
    ) -> None:
        """Lays the layer over `picture` in place, casting a `soft` shadow that falls by `fall`."""
        drawn = self._image.getbbox()
        if not drawn:
            return
        margin = round(2 * soft + max(map(abs, fall))) if shadow else 0  # work on the part touched
        x0, y0 = (max(0, edge // SUPERSAMPLE - margin) for edge in drawn[:2])
        x1, y1 = (
            min(side, -(-edge // SUPERSAMPLE) + margin)
            for side, edge in zip(picture.size, drawn[2:], strict=True)
        )
        area = self._image.crop(
            (x0 * SUPERSAMPLE, y0 * SUPERSAMPLE, x1 * SUPERSAMPLE, y1 * SUPERSAMPLE)
        )

        # Drawn pixels are opaque and the rest is empty black, so reduced ones are premultiplied.
        red, green, blue, cover = (band.reduce(SUPERSAMPLE) for band in area.split())
        clear = ImageChops.invert(cover)
        if shadow:
            small = cover.reduce(4)  # soft edges survive a quarter of the size
            cast = Image.new("L", small.size)
            cast.paste(small, (round(fall[0] / 4), round(fall[1] / 4)))
            cast = cast.filter(ImageFilter.GaussianBlur(soft / 4))
            shade = cast.point(build_table(lambda value: 255 - value * shadow)).resize(cover.size)
            clear = ImageChops.multiply(clear, shade)
        seen = ImageChops.multiply(picture.crop((x0, y0, x1, y1)), to_rgb(clear))
        picture.paste(ImageChops.add(seen, Image.merge("RGB", (red, green, blue))), (x0, y0))
