"""Writes tables of results as CSV that a spreadsheet opens and runs nothing of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from inspectiq._files import to_path
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports._records import RowLevel, build_table, take_results
from inspectiq.reports._rows import format_utc

__all__ = ["format_cell", "read_cell", "to_csv", "write_csv"]

# What begins a formula by OWASP's ASVS 5.0, 1.2.10, and the wide forms of the same signs. Where
# cells are split at semicolons, as where decimals have a comma, our quotes do not count: there what
# follows a semicolon or a line break begins a cell as well.
_FORMULA = re.compile(r"""(?:^|(?<=[;\r\n]))(?=[ \t"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])""")


@hide_locals
def to_csv(results: Result | Iterable[Result], level: RowLevel = "issues") -> str:
    """Writes the rows of results as CSV, as RFC 4180 has it: commas, quotes where needed, CRLF.

    A text that a spreadsheet could take for a formula gets an apostrophe before it; numbers stay.
    A zero byte in a text becomes U+FFFD, since some readers refuse a file that has one.

    Args:
        results: One result, or any number of them.
        level: What a row stands for, as for `to_records`.

    Raises:
        ConfigError: Something else than results was given, or there are no such rows.
    """
    columns, rows = build_table(take_results(results), level)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(format_cell, columns))
    for row in rows:
        writer.writerow(
            value if kind == "exact" else format_cell(value)
            for value, kind in zip(row.values(), columns.values(), strict=True)
        )
    return text.getvalue()


@hide_locals
def write_csv(
    results: Result | Iterable[Result], path: Path | str, level: RowLevel = "issues"
) -> Path:
    """Writes the rows of results into a file of CSV, in UTF-8 with the mark that Excel looks for.

    Args:
        results: One result, or any number of them.
        path: The file; what is there is replaced.
        level: What a row stands for, as for `to_records`.

    Returns:
        The path.

    Raises:
        ConfigError: The file cannot be written, or something else is wrong as for `to_csv`.
    """
    target = to_path(path, "CSV file")
    text = to_csv(results, level)
    try:
        target.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise ConfigError(
            f"cannot write the table to {target} ({type(error).__name__}); choose another path"
        ) from error
    return target


def format_cell(value: Any) -> object:
    """Formats a value; what is text cannot be taken for a formula."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, str):
        return _FORMULA.sub("'", value.replace("\0", "\ufffd"))
    return value


def read_cell(text: str) -> str:
    """Reads a text that `format_cell` wrote: without an apostrophe that keeps it from a formula."""
    if not text.startswith("'"):
        return text
    plain = text[1:]
    return plain if format_cell(plain) == text else text
