"""Tells why an array is no picture, and what to give instead."""

from __future__ import annotations

from typing import Any

__all__ = ["describe_wrong_array"]

_WORDS = frozenset("OUST")  # numpy's kinds of dtype that hold text, paths or anything
_WANTED = "pixels are taken as (height, width, 3), RGB, dtype uint8"


def describe_wrong_array(array: Any) -> str | None:
    """Describes why an array is no RGB picture of 8 bits, and what to give; None if it is one."""
    memory = array.__array_interface__
    shape, form = tuple(memory["shape"]), str(memory["typestr"])
    dtype = getattr(array, "dtype", form)
    said = f"an array of shape {shape} and dtype {dtype}; "
    if hasattr(array, "mask") and hasattr(array, "filled"):
        return f"{said}what it masks would be sent: give array.filled(0)"
    if form == "|u1" and len(shape) == 3 and shape[2] == 3:
        return None
    if mend := _mend_what_is_no_picture(form, shape):
        return f"{said}{mend}"
    mends = filter(None, [_mend_values(form[1:]), _mend_shape(shape)])
    return f"{said}{_WANTED}: give {', and '.join(mends)}"


def _mend_what_is_no_picture(form: str, shape: tuple[int, ...]) -> str | None:
    """Names the right way for arrays that hold no pixels."""
    kind = form[1:2]
    if kind in _WORDS and len(shape) == 2:
        return "give its column of paths, such as frame['path'] or array[:, 0]"
    if kind in _WORDS and len(shape) == 1:
        return "give list(array), where it holds paths or pictures"
    if kind == "V":
        return f"{_WANTED}: give numpy.dstack([array[name] for name in array.dtype.names])"
    if kind in ("M", "m"):
        return "times are no photos: give the paths, such as frame['path']"
    if kind == "c":
        return f"complex numbers are no pixels: {_WANTED}"
    if kind == "f" and len(shape) == 1:
        return "numbers are no photos: give the paths, and leave out what is missing (NaN)"
    if form[1:] not in ("u1", "i1") and len(shape) == 1:
        return (
            "numbers are no photos: give the paths, such as frame['path'], or bytes(list(array)) "
            "where they are the bytes of a file"
        )
    return None


def _mend_values(form: str) -> str:
    """Names the expression that makes bytes of values, by numpy's form such as `u2`."""
    if form == "u1":
        return ""
    if form == "b1":
        return "array.astype('uint8') * 255"
    if form == "u2":
        return "(array // 257).astype('uint8') where its values go from 0 to 65535"
    if form.startswith("f"):
        return "(array * 255).round().astype('uint8') where its values go from 0 to 1"
    return "array.astype('uint8') where its values go from 0 to 255"


def _mend_shape(shape: tuple[int, ...]) -> str:
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        return "array.tobytes() where it holds the bytes of a file"
    if len(shape) == 2:
        return "PIL.Image.fromarray(array) where it is grey"
    if len(shape) == 4:
        return "list(array) where it holds several pictures"
    if len(shape) != 3:
        return "one picture"
    if shape[2] == 3:
        return ""
    if shape[2] == 1:
        return "PIL.Image.fromarray(array[:, :, 0]) where it is grey"
    if shape[2] == 4:
        return "PIL.Image.fromarray(array) where it is RGBA"
    if shape[0] in (1, 3, 4):
        return "array.transpose(1, 2, 0), with the colours last"
    return "array[:, :, :3] where these are its colours"
