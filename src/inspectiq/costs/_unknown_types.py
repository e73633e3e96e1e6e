"""Finds work in a cost book for types that a taxonomy does not have."""

from __future__ import annotations

import warnings
from difflib import get_close_matches

from inspectiq.costs._book import CostBook
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError

__all__ = ["check_types", "find_unknown_types"]


def find_unknown_types(book: CostBook, taxonomy: Taxonomy) -> dict[str, str | None]:
    """Finds the types that neither the taxonomy nor the shipped one has, each with a near one."""
    known = {kind.key for kind in (*taxonomy.types, *Taxonomy.default().types)}
    return {
        key: next(iter(get_close_matches(key, known, n=1, cutoff=0.85)), None)
        for key in sorted(book.items.keys() - known)
    }


def check_types(book: CostBook, taxonomy: Taxonomy) -> None:
    """Refuses work for a type that is likely misspelt; warns about others that there are not.

    A book may serve agents whose taxonomies differ, so not all of it must be of use to each.

    Raises:
        ConfigError: A type that there is not is near one that there is.
    """
    unknown = find_unknown_types(book, taxonomy)
    if meant := [f"{key!r} (did you mean {near}?)" for key, near in unknown.items() if near]:
        raise ConfigError(
            f"cost_book: {book.label} has work for types that there are not: {', '.join(meant)}; "
            "write the types of the taxonomy, or add these to it"
        )
    if unknown:
        warnings.warn(
            f"cost_book: {book.label} has work for types that the taxonomy does not have, and that "
            f"prices nothing: {', '.join(unknown)}",
            stacklevel=5,
        )
