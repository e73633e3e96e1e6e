"""The largest and smallest photo that is accepted, before it is decoded. The limits are ours."""

from __future__ import annotations

from inspectiq.errors import PhotoError

__all__ = ["MAX_BYTES", "MAX_PIXELS", "MIN_SIDE", "make_size_error"]

MAX_BYTES = 25_000_000
MAX_PIXELS = 100_000_000
MIN_SIDE = 16


def make_size_error(name: str, size: int | None = None) -> PhotoError:
    """Makes the error for a file over `MAX_BYTES`."""
    has = f"has {size / 1e6:.0f} MB" if size and size >= MAX_BYTES + 1_000_000 else "is too large"
    return PhotoError(
        f"{name}: the file {has}, at most {MAX_BYTES // 1_000_000} MB are read; export it as a "
        "JPEG or make it smaller",
        photo=name,
        reason="too_many_bytes",
    )
