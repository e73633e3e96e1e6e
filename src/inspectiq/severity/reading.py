"""Reads the files that a house may write: TOML, or JSON where the name ends in `.json`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from inspectiq.errors import ConfigError

__all__ = ["parsed", "read_text"]


def read_text(path: Path, what: str) -> str:
    """The text of a file.

    Args:
        path: The file.
        what: What it should be, such as `severity profile`; for the message.

    Raises:
        ConfigError: It cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path}: the {what} cannot be read ({type(error).__name__}); "
            "check the path and who may read it"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the {what} is not UTF-8; save it as UTF-8") from error


def parsed(text: str, path: Path) -> Any:
    """What the text of a file says.

    Raises:
        ConfigError: It is neither TOML nor JSON, as its name says; with the line.
    """
    form, loads = ("JSON", json.loads) if path.suffix == ".json" else ("TOML", tomllib.loads)
    try:
        return loads(text)
    except ValueError as error:
        raise ConfigError(
            f"{path}: this is not {form}: {error}; mend it, or end its name in .json or .toml "
            "as its content is"
        ) from error
