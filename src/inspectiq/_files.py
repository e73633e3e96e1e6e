"""Reads files of configuration: TOML, or JSON where the name ends in `.json`."""

from __future__ import annotations

import inspect
import os
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

from inspectiq._taking import quote
from inspectiq.errors import ConfigError

__all__ = ["FileGiven", "Form", "decode_text", "parse_table", "read_given", "read_text", "to_path"]

Form = Literal["TOML", "JSON"]
LONGEST_NAME, LONGEST_PATH = 255, 4095  # bytes that file systems take
FileGiven = str | os.PathLike[str] | IO[str] | IO[bytes]
"""A path, or a file that is open for reading text or bytes."""


def to_path(path: object, what: str) -> Path:
    """Makes the path of what was given as one.

    Raises:
        ConfigError: It is none.
    """
    if not isinstance(path, str | os.PathLike) or "\0" in str(path) or not str(path):
        given = quote(path) if isinstance(path, str) else f"a {type(path).__name__}"
        raise ConfigError(f"{given} is no path; give the path of the {what}")
    try:
        longest = max(map(len, os.fsencode(path).split(os.fsencode(os.sep))))
    except UnicodeEncodeError:  # half of a character, which no file's name has
        raise ConfigError(f"{str(path)[:100]!r} is no path; give that of the {what}") from None
    if longest > LONGEST_NAME or len(str(path)) > LONGEST_PATH:
        _refuse_content(str(path), what)
        raise ConfigError(f"{quote(str(path))} is too long for a path; give that of the {what}")
    return Path(path)


def _refuse_content(text: str, what: str) -> None:
    """Refuses what may be the content of a file, given in place of its path."""
    if "\n" in text:
        raise ConfigError(
            f"{quote(text)} is no path, but may be what is in a {what}; give its path, or an open "
            "file, such as io.StringIO(text)"
        )


def read_given(file: FileGiven, what: str) -> tuple[str | bytes, Path]:
    """Reads a path, or an open file, which stays open.

    Args:
        file: The path or the open file.
        what: The kind of file, such as `cost book`; for the message.

    Returns:
        What is in it, and its path; of an open file without a name, the kind of file instead.

    Raises:
        ConfigError: It cannot be read, or is neither.
    """
    read = getattr(file, "read", None)
    if read is None:
        path = to_path(file, what)
        try:
            return path.read_bytes(), path
        except OSError as error:
            failed = _make_read_error(path, what, error)
            failed.__cause__ = error
        _refuse_content(str(path), what)
        raise failed
    name = getattr(file, "name", None)
    path = Path(name) if isinstance(name, str) and name else Path(what)
    try:
        found = read()
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: the {what} is not in the encoding that it was opened with; open it with "
            "another encoding=, or for reading bytes"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: the {what} cannot be read ({type(error).__name__}); "
            "give a file that is open for reading"
        ) from error
    if isinstance(found, str | bytes):
        return found, path
    if inspect.iscoroutine(found):
        found.close()
    raise ConfigError(
        f"{path}: reading the {what} gives a {type(found).__name__}, not text or bytes; "
        "give a path or an open file"
    )


def decode_text(content: str | bytes, path: Path, what: str) -> str:
    """Decodes UTF-8, and leaves a byte order mark away.

    Raises:
        ConfigError: It is not UTF-8.
    """
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the {what} is not UTF-8; save it as UTF-8") from error


def read_text(path: Path, what: str) -> str:
    """Reads the text of a file, without a byte order mark.

    Args:
        path: The file.
        what: The kind of file, such as `severity profile`; for the message.

    Raises:
        ConfigError: It cannot be read, or is not UTF-8.
    """
    content, path = read_given(path, what)
    return decode_text(content, path, what)


def _make_read_error(path: Path, what: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"{path}: the {what} cannot be read ({type(error).__name__}); "
        "check the path and who may read it"
    )


def parse_table(text: str, path: Path, *, form: Form | None = None, exact: bool = False) -> Any:
    """Parses the text of a file as TOML or JSON.

    Args:
        text: The text.
        path: The file, for the message.
        form: TOML or JSON; as the file's name says if not given.
        exact: Whether fractions are read as Decimal.

    Raises:
        ConfigError: It is neither, or says a thing twice; with the line.
    """
    form = form or ("JSON" if path.suffix.lower() == ".json" else "TOML")
    fraction: Any = Decimal if exact else float
    try:
        if form == "TOML":
            import tomllib

            return tomllib.loads(text, parse_float=fraction)
        import json

        return json.loads(
            text, parse_float=fraction, parse_constant=fraction, object_pairs_hook=_refuse_doubles
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ConfigError(
            f"{path}: this is not {form}: {error}; mend it, or end its name in .json or .toml "
            "as its content is"
        ) from error


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for key, value in pairs:
        if key in entries:
            raise ValueError(f"{key!r} stands twice in one object")
        entries[key] = value
    return entries
