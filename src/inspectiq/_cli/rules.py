"""Reads the rules that the options name: a severity policy, a cost book, a folder of both."""

from __future__ import annotations

from pathlib import Path

from inspectiq._cli.paths import check_folder, check_holds_config
from inspectiq.config import Config, load_config
from inspectiq.costs._book import CostBook
from inspectiq.errors import ConfigError
from inspectiq.severity._policy import SeverityPolicy

__all__ = ["read_config", "read_cost_book", "read_severity"]

COST_BOOKS = (".toml", ".json", ".csv", ".xlsx")


def read_config(folder: Path) -> Config:
    """Reads the folder that `--config` names.

    Raises:
        ConfigError: It is none, holds nothing that would be read, or a file in it is wrong.
    """
    check_folder(folder)
    config = load_config(folder)
    check_holds_config(folder)
    return config


def read_severity(named: str) -> SeverityPolicy:
    """Reads the policy that `--severity` names: a shipped profile, or a file.

    Raises:
        ConfigError: It is neither, or the file is wrong.
    """
    path = Path(named)
    if path.suffix in (".toml", ".json") or path.is_file():
        return SeverityPolicy.from_file(path)
    try:
        return SeverityPolicy.named(named)
    except ConfigError as error:
        raise ConfigError(f"--severity {named}: {error}") from None


def read_cost_book(named: str) -> CostBook:
    """Reads the book that `--cost-book` names: the shipped `us`, or a file.

    Raises:
        ConfigError: It is neither, or the file is wrong.
    """
    if named != "us" and Path(named).suffix.lower() not in COST_BOOKS:
        raise ConfigError(
            f"--cost-book {named}: there is no such book; give us, or the path of a .toml, .json, "
            ".csv or .xlsx file"
        )
    return CostBook.of(named if named == "us" else Path(named))
