"""A table of rates as an office program keeps it: named columns, numbered rows, filled cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from inspectiq._taking import quote
from inspectiq.errors import ConfigError

__all__ = ["Cell", "Table", "TableRow", "build_table", "normalize_name"]

Cell = str | Decimal
"""A cell: text, or a number that the file keeps as one."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row.

    Attributes:
        place: The file and the row, for messages.
        cells: The filled cells by column.
    """

    place: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file.

    Attributes:
        where: The file, and the sheet where there are sheets; for messages.
        rows: The rows that are not empty.
    """

    where: str
    rows: tuple[TableRow, ...]


def normalize_name(name: str) -> str:
    """Writes the name of a column as we do: `Material price ` is material_price."""
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


def build_table(
    where: str, lines: Iterable[tuple[int, Sequence[Cell]]], columns: Iterable[str]
) -> Table:
    """Builds a table of lines, of which the first that is not empty names the columns.

    Empty lines, and columns that are empty from top to bottom, are left away.

    Args:
        where: The file, for messages.
        lines: The number of each line in the file, and its cells.
        columns: The names of the columns that there may be.

    Raises:
        ConfigError: A column has no name or one that there is not, or a row is too long.
    """
    filled = ((number, _strip(cells)) for number, cells in lines)
    rows = iter([(number, cells) for number, cells in filled if any(map(_is_filled, cells))])
    first, header = next(rows, (1, ()))
    names = [normalize_name(str(cell)) for cell in header]
    _check_names(f"{where}, row {first}", header, names, tuple(columns))
    return Table(where, tuple(_make_rows(where, first, names, rows)))


def _check_names(
    place: str, header: Sequence[Cell], names: Sequence[str], columns: Sequence[str]
) -> None:
    unknown = [pair for pair in zip(header, names, strict=True) if pair[1] not in ("", *columns)]
    if unknown:
        named, name = unknown[0]
        close = get_close_matches(name, columns, n=1, cutoff=0.5)
        meant = f"; did you mean {close[0]}?" if close else ""
        known = any(name in columns for name in names)
        above = "" if known else "; if names stand further down, remove what is above them"
        raise ConfigError(
            f"{place}: there is no column {quote(named)}{meant}{above}; use {', '.join(columns)}"
        )
    if twice := [name for number, name in enumerate(names) if name and name in names[:number]]:
        raise ConfigError(f"{place}: a column stands twice, {twice[0]}; keep one of each name")


def _make_rows(
    where: str, first: int, names: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]]
) -> Iterator[TableRow]:
    for number, cells in rows:
        place = f"{where}, row {number}"
        if any(map(_is_filled, cells[len(names) :])):
            raise ConfigError(
                f"{place}: it has more cells than row {first}; "
                "put cells that hold a comma in double quotes"
            )
        found = {name: cell for name, cell in zip(names, cells, strict=False) if _is_filled(cell)}
        if "" in found:
            raise ConfigError(
                f"{place}: the cell {quote(found[''])} stands in a column without a name; "
                f"name the column in row {first}, or clear it"
            )
        yield TableRow(place, found)


def _strip(cells: Sequence[Cell]) -> list[Cell]:
    return [
        cell.strip("\ufeff\u200b \t\r\n\xa0\u2007\u202f") if isinstance(cell, str) else cell
        for cell in cells
    ]


def _is_filled(cell: Cell) -> bool:
    return cell != ""
