"""Merges the figures of a cost book over those of another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inspectiq.costs._book_parts import Source
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["cite_both", "merge_books", "merge_tables"]


MARKS = "VSA"  # the weakest last


def cite_both(own: Source, rest: Source) -> Source:
    """Cites the sources of work that is changed in part, with the weaker of their marks."""
    return Source(
        name=f"{own.name}; the rest {rest.name}",
        year=own.year if own.year == rest.year else None,
        mark=max(own.mark, rest.mark, key=MARKS.index),
    )


def merge_books(own: Mapping[str, Any], base: CostBook) -> dict[str, Any]:
    """Merges raw figures of a book over those of its base.

    Raises:
        ConfigError: The currencies differ.
    """
    currency = own.get("currency", base.currency)
    currency = currency.upper() if isinstance(currency, str) else currency
    if currency != base.currency:
        raise ConfigError(
            f"two currencies: the book is in {currency}, its base {base.label} in "
            f"{base.currency}; state all figures of your own and leave the base out"
        )
    raw = merge_tables(base.model_dump(exclude={"wages", "parity"}), own)
    for table in ("wages", "parity"):
        # These keep a source for each layer, so that nobody's wage is told as somebody else's.
        figures, below = own.get(table), getattr(base, table)
        raw[table] = below if figures is None else _lay_over(figures, below)
    raw["built_on"] = base.label
    return raw


def merge_tables(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Merges raw tables entry by entry; a changed one has no source of its own any more."""
    result = dict(base)
    if "source" in base:
        result["source"] = None  # whoever changes a figure answers for it
    for key, value in own.items():
        below = result.get(key)
        if (
            isinstance(value, Mapping)
            and isinstance(below, Mapping)
            and not _is_priced_otherwise(value, below)
        ):
            result[key] = merge_tables(below, value)
        else:
            result[key] = value
    return result


def _is_priced_otherwise(own: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Tells whether work is priced in another way than in the base: all in, or by hours."""
    return "rate" in own or (
        base.get("rate") is not None and not {"hours", "materials"}.isdisjoint(own)
    )


def _lay_over(figures: Any, base: Any) -> Any:
    if not isinstance(figures, Mapping):
        return figures  # validation says what is wrong with it
    below = figures.get("below")
    return {**figures, "below": base if below is None else _lay_over(below, base)}
