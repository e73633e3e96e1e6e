"""Reads stored results one by one: live ones, JSON, JSON lines, files and folders of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from inspectiq._files import to_path
from inspectiq._taking import name_kind, refuse
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.evaluation._reads import ReadResult

__all__ = ["GivenResult", "GivenResults", "read_results"]

GivenResult = Result | Path | str | bytes | Mapping[str, Any]
"""A result, the path of a file or folder of results, JSON of one, or what JSON made of one."""

GivenResults = GivenResult | Iterable[GivenResult]
"""One of these, or any number of them."""

ReadT = TypeVar("ReadT")

_GIVE = (
    "give results, or the path of what `inspect --out`, `to_json` or `many --out` wrote, or of a "
    "folder of such files"
)


class _Line(BaseModel):
    """A line of a checkpoint; a case that ended with an error has no result."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    result: ReadResult | None = None


def read_results(given: GivenResults) -> Iterator[ReadResult]:
    """Reads results one by one, and keeps none.

    Args:
        given: A result, a path, JSON, or an iterable of these. Of a file of JSON lines, as
            `run_many` keeps one, the last result of a case and revision counts, as there.

    Raises:
        ConfigError: Something is no result, or there is nothing at a path.
    """
    if isinstance(given, Result | Mapping | str | bytes | os.PathLike):
        yield from _read_one(given, "results")
        return
    if not isinstance(given, Iterable):
        refuse(given, "results", _GIVE)
    for place, one in enumerate(given):
        yield from _read_one(one, f"results[{place}]")


def _read_one(given: object, place: str) -> Iterator[ReadResult]:
    if isinstance(given, Result):
        yield ReadResult.take(given)
    elif isinstance(given, Mapping):
        yield _check(lambda: ReadResult.take(dict(given)), place)
    elif isinstance(given, bytes) or (isinstance(given, str) and given.lstrip()[:1] == "{"):
        found = _read_json(given, place)
        if found is not None:
            yield found
    elif isinstance(given, str | os.PathLike):
        yield from _read_path(to_path(given, "results"))
    else:
        raise ConfigError(f"{place}: {name_kind(given)} was given; {_GIVE}")


def _read_path(path: Path) -> Iterator[ReadResult]:
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.suffix in (".json", ".jsonl"))
        found = False
        for file in files:
            for result in _read_file(file, strict=False):
                found = True
                yield result
        if not found:
            raise ConfigError(f"{path} holds no result; {_GIVE}")
    elif path.is_file():
        yield from _read_file(path, strict=True)
    else:
        raise ConfigError(f"there is no file or folder {path}; {_GIVE}")


def _read_file(path: Path, *, strict: bool) -> Iterator[ReadResult]:
    """Reads a file; where it is not strict, JSON of other things is passed over."""
    if path.suffix == ".jsonl":
        yield from _read_lines(path)
        return
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__}); {_GIVE}") from error
    if not strict and not _looks_like_result(text):
        return
    found = _read_json(text, str(path))
    if found is None:
        raise ConfigError(f"{path} is no result of inspectiq; {_GIVE}")
    yield found


def _looks_like_result(text: bytes) -> bool:
    return b'"provenance"' in text and (b'"issues"' in text or b'"findings"' in text)


def _read_lines(path: Path) -> Iterator[ReadResult]:
    """Reads JSON lines: results, or a checkpoint, of which the last line of a case counts."""
    last: dict[tuple[str, object], int] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if key := _find_key(line):
                    last[key] = number
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                key = _find_key(line)
                if line.isspace() or (key and last[key] != number):
                    continue
                found = _read_json(line, f"{path}, line {number}")
                if found is not None:
                    yield found
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({type(error).__name__}); {_GIVE}") from error


def _find_key(line: bytes) -> tuple[str, object] | None:
    """Finds the case and revision at the head of a checkpoint's line that has a result."""
    head, mark, _ = line.partition(b', "result": ')
    if not mark or not line.startswith(b'{"case_id"'):
        return None
    try:
        fields = json.loads(head + b"}")
    except ValueError:
        return None
    return str(fields["case_id"]), fields.get("revision", 1)


def _read_json(text: str | bytes, place: str) -> ReadResult | None:
    """Reads a result, or the line of a checkpoint; None of a line without a result."""
    start = text[:20].encode(errors="replace") if isinstance(text, str) else text[:20]
    if start.startswith((b'{"case_id"', b'{"inspectiq"')):
        return _check(lambda: _Line.model_validate_json(text).result, place)
    return _check(lambda: ReadResult.model_validate_json(text), place)


def _check(read: Callable[[], ReadT], place: str) -> ReadT:
    try:
        return read()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        told = f"{where}: {first['msg']}" if where else first["msg"]
        raise ConfigError(f"{place} is no result of inspectiq ({told}); {_GIVE}") from None
