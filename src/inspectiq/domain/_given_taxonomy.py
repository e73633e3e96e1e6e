"""Takes a taxonomy where one is wanted: an object, or the path of a file."""

from __future__ import annotations

from pathlib import Path

from inspectiq._taking import take
from inspectiq.domain._taxonomy import Taxonomy

__all__ = ["take_taxonomy"]


def take_taxonomy(given: Taxonomy | Path | str, argument: str = "taxonomy") -> Taxonomy:
    """Takes a taxonomy, or the path of a file over the shipped one.

    Raises:
        ConfigError: It is neither.
    """
    return take(given, Taxonomy, argument, read_file=Taxonomy.from_file, files=(".toml",))
