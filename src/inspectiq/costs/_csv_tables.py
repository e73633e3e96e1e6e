"""Reads CSV as office programs write it: other separators, a byte order mark, `sep=;`."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from inspectiq.costs._tables import Table, build_table, normalize_name
from inspectiq.errors import ConfigError

__all__ = ["read_csv_table"]

SEPARATORS = (",", ";", "\t", "|")

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_AS_UTF8 = "save it as CSV UTF-8"


def read_csv_table(content: str | bytes, path: Path, columns: Sequence[str]) -> Table:
    """Reads a table of the content of a CSV file.

    The separator is what the first line names (`sep=;`, as Excel knows it), else the one that
    splits the names of the columns best: a comma, semicolon, tab or bar.

    Args:
        content: Bytes in UTF-8, or in UTF-16 with a byte order mark; or text.
        path: The file, for messages.
        columns: The names of the columns that there may be.

    Raises:
        ConfigError: What is wrong, in which row, and how to mend it.
    """
    text = content if isinstance(content, str) else _decode(content, path)
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise ConfigError(f"{path}, row {row}: there is a zero byte in it; {_AS_UTF8}")
    stated = re.match(r'\ufeff?"?sep=(.)"?[,;\t]*(?:\r\n|\r|\n|$)', text)
    first = 1
    if stated:
        text, first = text[stated.end() :], 2
    separator = stated[1] if stated else _choose_separator(text, columns)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except (csv.Error, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: this is not CSV: {error}; mend it there") from None
    return build_table(str(path), enumerate(rows, start=first), columns)


def _decode(content: bytes, path: Path) -> str:
    if content.startswith(_ZIP):
        raise ConfigError(
            f"{path}: this is a workbook and no CSV; read it with CostBook.from_xlsx, or {_AS_UTF8}"
        )
    if content.startswith(_OLE):
        raise ConfigError(f"{path}: this is an old or a locked workbook; {_AS_UTF8}")
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise ConfigError(f"{path}: this is UTF-32; {_AS_UTF8}")
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{path}, row {row}: this is not UTF-8, and which letter is meant cannot be told; "
            f"{_AS_UTF8}, or open it yourself, as open(path, encoding='cp1252', newline='')"
        ) from None


def _choose_separator(text: str, columns: Sequence[str]) -> str:
    """Chooses the separator by which the line of names has most of the known ones."""
    header = next((line for line in text.splitlines() if line.strip(" ,;\t|\xa0")), "")

    def count_known(separator: str) -> int:
        try:
            names: Iterable[str] = next(csv.reader([header], delimiter=separator), ())
        except csv.Error:
            return 0
        return sum(normalize_name(name) in columns for name in names)

    best = max(SEPARATORS, key=count_known)
    return best if count_known(best) else max(SEPARATORS, key=header.count)
