"""Changes single figures of a cost book in code; each says whose it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from inspectiq._taking import quote, refuse
from inspectiq._values import thaw
from inspectiq.costs._book import CostBook
from inspectiq.costs._book_files import require_complete, validate_book
from inspectiq.costs._book_merging import cite_both, merge_books, merge_tables
from inspectiq.costs._book_parts import Source
from inspectiq.costs._trades import list_trades, refuse_near
from inspectiq.costs._work import WorkItem
from inspectiq.errors import ConfigError

__all__ = ["change_book"]

PARTS = ("burden", "parity", "overhead", "spread", "tax", "bounds")
"""Fields that have a source of their own."""

_FORMS = {
    "wages": '{"plumber": "41.50"}, or {"CA": {"plumber": 52}}',
    "minimums": '{"plumber": 120}',
    "prices": '{"Paint": "0.45"}',
    "rates": '{"clog": 180}',
    "items": '{"clog": {"hours": "1.5"}}',
}

_ARGUMENTS = (*_FORMS, "source")


def change_book(
    base: CostBook,
    changes: Mapping[str, Mapping[str, Any]],
    source: Source | str,
    fields: Mapping[str, Any],
) -> CostBook:
    """Makes a book with changed figures; see `CostBook.of`.

    Raises:
        ConfigError: A figure is wrong, or what it is for does not exist.
    """
    if isinstance(source, str) and source.strip():
        source = Source(name=source)
    elif not isinstance(source, Source):
        refuse(source, "source", "give a Source, or the name of one")
    given: Mapping[str, object] = changes
    for name, entries in given.items():
        if not isinstance(entries, Mapping):
            refuse(entries, name, f"give a mapping such as {_FORMS[name]}")
    if not any(changes.values()) and not fields:
        return base
    change = _Change(base, source)
    raw: dict[str, Any] = {**fields, "items": change.merge_items(changes)}
    if changes["wages"]:
        raw["wages"] = change.list_wages(changes["wages"])
    if changes["minimums"]:
        raw["trades"] = change.list_minimums(changes["minimums"])
    for part in PARTS:
        if isinstance(raw.get(part), Mapping):
            raw[part] = {"source": source, **raw[part]}
    where = f"CostBook.of {base.label}"
    merged = merge_books(raw, base)
    merged["items"] = {**base.items, **raw["items"]}  # merged already, each with its source
    book = require_complete(validate_book(merged, where, fields, _ARGUMENTS), where)
    if "version" in fields:
        return book
    return book.model_copy(update={"version": f"{base.version}+{book.sha256[:8]}"})


class _Change:
    """The figures that change, as a book's raw fields."""

    def __init__(self, base: CostBook, source: Source) -> None:
        self._base = base
        self._source = source
        self._trades = list_trades(base)

    def list_wages(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Lists wages as the book has them: one that names no region is put into each."""
        everywhere: dict[str, Any] = {}
        regions: dict[str, dict[str, Any]] = {}
        for name, wage in given.items():
            if isinstance(wage, Mapping):
                code = self._base.find_region(str(name))
                regions[code or name] = {
                    self._check_trade("wages", trade): figure for trade, figure in wage.items()
                }
            else:
                everywhere[self._check_trade("wages", name)] = wage
        for region in self._base.regional if everywhere else ():
            regions[region] = {**everywhere, **regions.get(region, {})}
        return {"national": everywhere, "regions": regions, "source": self._source}

    def list_minimums(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Lists the minimum of each trade."""
        return {
            self._check_trade("minimums", trade): {"minimum": money, "source": self._source}
            for trade, money in given.items()
        }

    def merge_items(self, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Merges the work of each type that changes over that of the base."""
        found = self._reprice_materials(changes["prices"])
        for key, own in changes["items"].items():
            if not isinstance(own, Mapping):
                refuse(own, f"items[{key!r}]", "give fields of WorkItem, such as {'hours': '1.5'}")
            if key not in self._base.items:
                found[key] = {"source": self._source, **own}
                continue
            before = found.get(key) or self._base.items[key].model_dump(exclude_unset=True)
            whole = "rate" in own
            shared: dict[str, Any] = {
                name: before[name] for name in ("unit", "quantity", "trade") if name in before
            }
            merged = {**shared, **own} if whole else merge_tables(before, own)
            found[key] = {**merged, "source": own.get("source") or self._cite(key, whole=whole)}
        for key, rate in changes["rates"].items():
            if key not in self._base.items:
                raise ConfigError(
                    f"rates: {self._base.label} has no work for {quote(key)}; "
                    f"{_suggest(key, self._base.items)} For another type give items= with its "
                    "unit and trade"
                )
            item = self._base.items[key]
            found[key] = {"unit": item.unit, "quantity": item.quantity, "trade": item.trade}
            found[key] |= {"rate": rate, "source": self._source}
        return found

    def _reprice_materials(self, prices: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Sets the price of each material of a label, in whichever work takes it."""
        found: dict[str, dict[str, Any]] = {}
        labels = {one.label for item in self._base.items.values() for one in _list_materials(item)}
        if unknown := [label for label in prices if label not in labels]:
            raise ConfigError(
                f"prices: {self._base.label} has no material {quote(unknown[0])}; "
                f"{_suggest(unknown[0], labels)}"
            )
        for key, item in self._base.items.items():
            if any(material.label in prices for material in _list_materials(item)):
                raw: dict[str, Any] = thaw(item.model_dump(exclude_unset=True))
                for work in (raw, raw.get("wear") or {}):
                    for material in work.get("materials", ()):
                        label = material.get("label", "Materials")
                        material["price"] = prices.get(label, material["price"])
                found[key] = {**raw, "source": self._cite(key, whole=False)}
        return found

    def _cite(self, key: str, *, whole: bool) -> Source:
        """Says whose the figures of a type's work are; of a part of them, with the weaker mark."""
        if whole:
            return self._source
        return cite_both(self._source, self._base.get_source(self._base.items[key].source))

    def _check_trade(self, argument: str, trade: Any) -> str:
        """Returns a trade, known or new; refuses one that is nearly a known one."""
        if not isinstance(trade, str):
            refuse(trade, argument, f"give a mapping such as {_FORMS[argument]}")
        if trade not in self._trades:
            refuse_near(trade, self._trades, argument)
        return trade


def _list_materials(item: WorkItem) -> Iterable[Any]:
    return (*item.materials, *(item.wear.materials if item.wear else ()))


def _suggest(name: Any, names: Iterable[str]) -> str:
    known = sorted(names)
    close = get_close_matches(str(name), known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known[:8])}, … ."
