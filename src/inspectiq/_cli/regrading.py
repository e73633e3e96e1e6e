"""Grades and prices a stored result by other rules, and writes what comes of it."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.results import put_out, read_result, require_out, try_folder
from inspectiq._cli.rules import read_config, read_cost_book, read_severity
from inspectiq._cli.telling import say_untold
from inspectiq._cli.terminal import say
from inspectiq.config import COST_BOOKS
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.errors import ConfigError

__all__ = ["regrade"]


def regrade(arguments: argparse.Namespace) -> int:
    """Regrades a stored result, and prints or writes the new one."""
    result = read_result(arguments.result)
    rules = _read_rules(arguments)
    if arguments.as_of is not None:
        rules["as_of"] = _read_day(arguments.as_of)
    if arguments.photos is not None and not arguments.photos.is_dir():
        raise ConfigError(f"--photos {arguments.photos} is no folder")
    require_out(arguments)
    if arguments.out:
        _refuse_own_folder(arguments.result, arguments.out)
        try_folder(arguments.out)
    regraded = result.regrade(**rules)
    if regraded is result:
        say("inspectiq: nothing changes: it was made by these rules", file=sys.stderr)
    put_out(regraded, arguments, photos=arguments.photos, asked=False)
    kind = "diagnosis" if isinstance(regraded, Diagnosis) else "inspection"
    say_untold(kind, "regrading tells nobody")
    return EXIT_CODES["complete"]


def _read_rules(arguments: argparse.Namespace) -> dict[str, Any]:
    """Reads the rules that were given: of a folder only those that it has a file for."""
    rules: dict[str, Any] = {}
    if (folder := arguments.config) is not None:
        config = read_config(folder)
        if (folder / "severity.toml").exists():
            rules["severity"] = config.severity
        if any((folder / name).exists() for name in COST_BOOKS):
            rules["cost_book"] = config.cost_book
    if arguments.severity is not None:
        rules["severity"] = read_severity(arguments.severity)
    if arguments.cost_book is not None:
        rules["cost_book"] = read_cost_book(arguments.cost_book)
    if not rules:
        raise ConfigError(
            "say by which rules: --severity nspire, --cost-book FILE, or --config DIR with a "
            "severity.toml or a cost book in it"
        )
    return rules


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--as-of {text}: this is no day; write it as 2026-03-02") from None


def _refuse_own_folder(stored: Path, out: Path) -> None:
    """Refuses to write over the result that is regraded: its pictures and report would be lost."""
    if any((out / name).exists() and (out / name).samefile(stored) for name in _WRITTEN):
        raise ConfigError(f"{out} holds the result that is regraded; give another --out")


_WRITTEN = ("inspection.json", "diagnosis.json")
