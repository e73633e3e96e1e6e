"""Reads cases from a file of JSON lines, as `many` and sweeps take them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from inspectiq.agents._case import make_case
from inspectiq.agents._many import GivenCase
from inspectiq.errors import ConfigError, InspectIQError

__all__ = ["read_cases"]


def read_cases(path: Path, reword: Callable[[str], str] = str) -> Iterator[GivenCase]:
    """Reads cases one by one; what is wrong with a line stands in its place.

    A line is `{"id": "c1", "photos": ["flat-1/"]}` and other fields of a case. Paths are relative
    to the folder of the file. No photo is looked for yet.

    Args:
        path: The file.
        reword: Puts an error into the words of who gave the file.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                yield _read_case(line, path.parent)
            except InspectIQError as error:
                yield ConfigError(f"{path.name}, line {number}: {reword(str(error))}")


def _read_case(line: bytes, folder: Path) -> GivenCase:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise ConfigError('this is no case; write it as {"id": "c1", "photos": ["flat-1/"]}')
    if not isinstance(fields.get("id"), str):
        raise ConfigError("id: this is missing; give each case one, by which it is found again")
    photos = fields.pop("photos", None) or []
    if isinstance(photos, str):
        photos = [photos]
    if not isinstance(photos, list) or not all(isinstance(one, str) for one in photos):
        raise ConfigError("photos: give a list of paths, folders or globs")
    make_case(None, {name: value for name, value in fields.items() if name != "room"})
    # Made once it is known that the case is not done yet, so that no folder is read for nothing.
    return {**fields, "photos": [str(folder / one) for one in photos] or None}
