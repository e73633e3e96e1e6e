"""Takes trades as people write them, and refuses those that are likely misspelt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from inspectiq._taking import quote
from inspectiq.costs._book import CostBook
from inspectiq.costs._tables import normalize_name
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError

__all__ = [
    "check_trades",
    "list_trades",
    "recase_trade",
    "recase_trades",
    "refuse_near",
    "require_used",
]

NEAR = 0.85
"""How alike two names are of which one is likely the other, misspelt. Our assumption."""


def recase_trade(named: str, base: CostBook | None) -> str:
    """Writes a trade as the base does, else as we do: `Drywall installer` is drywall_installer."""
    name = normalize_name(named)
    known = () if base is None else list_trades(base)
    return next((trade for trade in known if normalize_name(trade) == name), name)


def recase_trades(fields: Mapping[str, Any], base: CostBook | None) -> dict[str, Any]:
    """Writes the trades of a book's raw fields as those of its rows.

    Raises:
        ConfigError: One stands there twice.
    """
    found = dict(fields)
    for name in ("trades", "corrections"):
        if isinstance(fields.get(name), Mapping):
            found[name] = _recase_keys(fields[name], name, base)
    wages = fields.get("wages")
    if isinstance(wages, Mapping):
        found["wages"] = dict(wages)
        if isinstance(wages.get("national"), Mapping):
            found["wages"]["national"] = _recase_keys(wages["national"], "wages.national", base)
        if isinstance(wages.get("regions"), Mapping):
            found["wages"]["regions"] = {
                region: _recase_keys(own, f"wages.regions.{region}", base)
                if isinstance(own, Mapping)
                else own
                for region, own in wages["regions"].items()
            }
    if isinstance(fields.get("fallback_trade"), str):
        found["fallback_trade"] = recase_trade(fields["fallback_trade"], base)
    return found


def _recase_keys(table: Mapping[Any, Any], place: str, base: CostBook | None) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in table.items():
        trade = recase_trade(key, base) if isinstance(key, str) else key
        if trade in found:
            raise ConfigError(f"{place}: {trade} stands twice, as {quote(key)} too; keep one")
        found[trade] = value
    return found


def list_trades(book: CostBook) -> set[str]:
    """Lists the trades that a book has a wage, a minimum or work of."""
    own = {item.trade for item in book.items.values() if item.trade}
    return book.wages.list_trades() | {*book.trades} | own


def check_trades(book: CostBook, where: str, at: Callable[[str, str], str]) -> None:
    """Refuses a trade that is likely another one, misspelt, and would miss its figures.

    Args:
        book: The book.
        where: The file, for messages.
        at: Says where a field of a type's work stands.

    Raises:
        ConfigError: A trade that nothing else names is near one that something does.
    """
    priced = book.wages.list_trades() | {*book.trades}
    usual = {kind.trade for kind in Taxonomy.default().types}
    worked = {item.trade for item in book.items.values() if item.trade} | usual
    tables = {"wages": book.wages.list_trades(), "trades": {*book.trades}}
    tables["corrections"] = {*book.corrections}
    for name, trades in tables.items():
        for trade in sorted(trades - worked):
            refuse_near(trade, worked, f"{where}: {name}.{trade}")
    for key, item in book.items.items():
        if item.trade and item.trade not in priced | usual:
            refuse_near(item.trade, priced, at(key, "trade"))


def require_used(book: CostBook, trades: Collection[str]) -> None:
    """Makes sure that minimums which were given beside rows are those of trades that there are.

    Raises:
        ConfigError: Nothing is done by one of them.
    """
    rows = {item.trade for item in book.items.values() if item.trade}
    known = rows | book.wages.list_trades() | {kind.trade for kind in Taxonomy.default().types}
    if unknown := [trade for trade in trades if trade not in known]:
        raise ConfigError(
            f"trades.{unknown[0]}: no row has the trade {quote(unknown[0])}; write one of "
            f"{', '.join(sorted(rows)[:8])}"
        )


def refuse_near(trade: str, known: Collection[str], place: str) -> None:
    """Refuses a trade whose name is nearly that of a known one.

    Raises:
        ConfigError: It is; with the one that was likely meant.
    """
    names = {name.casefold(): name for name in known}
    close = get_close_matches(trade.casefold(), names, n=1, cutoff=NEAR)
    if close:
        raise ConfigError(
            f"{place}: there is no trade {quote(trade)}; did you mean {names[close[0]]}?"
        )
