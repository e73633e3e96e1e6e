"""Reads files of configuration: TOML, or JSON where the name ends in `.json`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from inspectiq.errors import ConfigError

__all__ = ["Form", "parse_table", "read_text"]

Form = Literal["TOML", "JSON"]


def read_text(path: Path, what: str) -> str:
    """Reads the text of a file, without a byte order mark.

    Args:
        path: The file.
        what: The kind of file, such as `severity profile`; for the message.

    Raises:
        ConfigError: It cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{path}: the {what} cannot be read ({type(error).__name__}); "
            "check the path and who may read it"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the {what} is not UTF-8; save it as UTF-8") from error


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
    form = form or ("JSON" if path.suffix == ".json" else "TOML")
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
