"""Loads the cost book that ships with inspectiq, from the files in `us/`."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from inspectiq.costs._book import CostBook
from inspectiq.costs._book_files import resolve_sources

__all__ = ["load_us_book"]


@cache
def load_us_book() -> CostBook:
    """Loads the book for the United States."""
    import tomllib

    raw: dict[str, Any] = tomllib.loads(_read_text("book.toml"), parse_float=Decimal)
    sources = raw["sources"]
    work = tomllib.loads(_read_text("work.toml"), parse_float=Decimal)
    raw["items"] = {key: {**item, "source": "ours"} for key, item in work.items()}
    wages = {
        row.pop("state"): {trade: wage for trade, wage in row.items() if wage}
        for row in _read_rows("wages.csv")
    }
    states = {row["state"]: row for row in _read_rows("states.csv")}
    levels = {code: row["goods_parity"] for code, row in states.items() if row["goods_parity"]}
    raw |= {
        "regions": {code: row["name"] for code, row in states.items() if code != "US"},
        "wages": {"national": wages.pop("US"), "regions": wages, "source": sources["oews"]},
        "parity": {"national": levels.pop("US"), "regions": levels, "source": sources["rpp"]},
    }
    return CostBook.model_validate(resolve_sources(raw, "the shipped book"))


def _read_rows(name: str) -> list[dict[str, str]]:
    import csv

    return list(csv.DictReader(_read_text(name).splitlines()))


def _read_text(name: str) -> str:
    return files("inspectiq.costs").joinpath("us", name).read_text(encoding="utf-8")
