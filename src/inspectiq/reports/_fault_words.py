"""Says in a sentence why a photo, or the words, could not be assessed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from inspectiq.domain._photo import PhotoFault

__all__ = ["find_fault_words", "load_fault_words"]


def find_fault_words(fault: PhotoFault) -> str:
    """Finds the English sentence for a fault: that of its reason, or else of its error's class."""
    reasons, errors = (load_fault_words()[name] for name in ("reasons", "errors"))
    by_error = errors.get(fault.error, errors["InspectIQError"])
    return reasons.get(fault.reason or "", by_error)


@cache
def load_fault_words() -> Mapping[str, Mapping[str, str]]:
    """Loads the sentences, by `reasons` of photos and by `errors`."""
    path = files("inspectiq.reports").joinpath("languages", "faults.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
