"""Reads from a ledger how long cases took; results do not know it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from inspectiq._files import to_path
from inspectiq.errors import ConfigError
from inspectiq.limits._ledger_entries import LedgerEntry

__all__ = ["read_seconds"]


def read_seconds(path: Path | str) -> dict[str, float]:
    """Reads how many seconds the runs of each case took together, by case id.

    Args:
        path: The file of a ledger; lines that cannot be read are passed over, as by a ledger.

    Raises:
        ConfigError: The file cannot be read, or has no run.
    """
    source = to_path(path, "ledger")
    seconds: defaultdict[str, float] = defaultdict(float)
    try:
        with source.open("rb") as lines:
            for line in lines:
                try:
                    entry = LedgerEntry.model_validate_json(line)
                except ConfigError:
                    continue
                if entry.kind == "run" and entry.seconds is not None:
                    seconds[entry.case_id] += entry.seconds
    except OSError as error:
        raise ConfigError(
            f"{source}: the ledger cannot be read ({type(error).__name__}); check the path"
        ) from error
    if not seconds:
        raise ConfigError(f"{source} has no run; give the file that --ledger or Ledger(path) wrote")
    return dict(seconds)
