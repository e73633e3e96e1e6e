"""Knows the codes of countries and languages, and the one that was likely meant by a wrong one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["find_paper", "is_country", "load_codes", "suggest_code"]


def is_country(code: str) -> bool:
    """Tells whether a code in capitals is a country's, by ISO 3166-1 alpha-2."""
    return code in load_codes()["countries"]


def find_paper(country: str | None) -> str:
    """Finds the paper that a country prints on: `letter` or `A4`."""
    return "letter" if country in load_codes()["letter"] else "A4"


def suggest_code(kind: str, given: str) -> str:
    """Suggests the code that was meant, as the end of a message; "" where nobody knows.

    Args:
        kind: `countries` or `languages`.
        given: What was given instead.
    """
    meant: Mapping[str, str] = load_codes()["meant"][kind]
    found = meant.get(given.strip().lower())
    return f"; did you mean {found}?" if found else ""


@cache
def load_codes() -> dict[str, Any]:
    """Loads codes of `countries`, `languages` and `letter` paper, and what people write instead."""
    raw = tomllib.loads(files("inspectiq.domain").joinpath("places.toml").read_text("utf-8"))
    codes = {name: frozenset(raw[name].split()) for name in ("countries", "languages", "letter")}
    return {**raw, **codes}
