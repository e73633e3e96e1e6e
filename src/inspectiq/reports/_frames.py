"""Makes tables of results as frames of pandas or polars, with a stated type for each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from inspectiq._taking import quote, require
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports._columns import Kind
from inspectiq.reports._ladders import find_ladder
from inspectiq.reports._records import RowLevel, build_table, take_results
from inspectiq.severity._profile import SeverityProfile

__all__ = ["FrameLibrary", "to_dataframe"]

FrameLibrary = Literal["pandas", "polars"]
"""What makes frames."""

LIBRARIES = ("pandas", "polars")


@hide_locals
def to_dataframe(
    results: Result | Iterable[Result],
    level: RowLevel = "issues",
    *,
    library: FrameLibrary | None = None,
    severity: SeverityProfile | Path | str | None = None,
) -> Any:
    """Makes a frame of the rows of results; its types do not depend on what the rows hold.

    `severity` is a column with an order, the mildest level first: in pandas an ordered
    categorical, in polars an Enum. Where results were graded by profiles whose levels differ,
    there is no order between them, and the column is text.

    Args:
        results: One result, or any number of them.
        level: What a row stands for, as for `to_records`.
        library: `pandas` or `polars`; pandas if not given, or polars where only that is installed.
        severity: The profile whose levels the column has: needed for one of your own, of which
            results know only the levels that they met. As for `regrade`.

    Returns:
        A `pandas.DataFrame` or a `polars.DataFrame`.

    Raises:
        ConfigError: The library is not installed, a level is not of the profile given, something
            else than results was given, or there are no such rows.
    """
    given = take_results(results)
    columns, rows = build_table(given, level)
    ladder = find_ladder(given, severity)
    name, module = _import_library(library)
    values = {column: [row[column] for row in rows] for column in columns}
    make = _make_pandas_frame if name == "pandas" else _make_polars_frame
    return make(module, columns, values, ladder)


def _import_library(asked: str | None) -> tuple[str, Any]:
    if asked is not None:
        choices = "give 'pandas' or 'polars'"
        require(asked, str, "library", choices)
        if asked not in LIBRARIES:
            raise ConfigError(f"library: no frames are made by {quote(asked)}; {choices}")
    missing: list[str] = []
    for name in [asked] if asked else LIBRARIES:
        try:
            return name, import_module(name)
        except ImportError as error:
            missing.append(str(error))
    raise ConfigError(
        f"a frame needs a library that is not here ({'; '.join(missing)}); run: "
        f"pip install {asked or 'pandas'}"
    )


Values = Mapping[str, Sequence[Any]]


def _make_pandas_frame(
    pandas: Any, columns: Mapping[str, Kind], values: Values, ladder: Sequence[str] | None
) -> Any:
    # The type that pandas chooses for text itself, so that keys of two frames fit together; before
    # version 3 it chose none.
    text: Any = pandas.Series(["text"]).dtype
    text = "string" if text.name == "object" else text
    types: dict[Kind, Any] = {
        "text": text,
        "exact": text,
        "number": "float64",
        "whole": "Int64",
        "flag": "boolean",
        "time": "datetime64[us, UTC]",
        "local": "datetime64[us]",
        "level": text if ladder is None else pandas.CategoricalDtype(ladder, ordered=True),
    }
    return pandas.DataFrame(
        {name: pandas.Series(values[name], dtype=types[kind]) for name, kind in columns.items()}
    )


def _make_polars_frame(
    polars: Any, columns: Mapping[str, Kind], values: Values, ladder: Sequence[str] | None
) -> Any:
    types: dict[Kind, Any] = {
        "text": polars.String,
        "exact": polars.String,
        "number": polars.Float64,
        "whole": polars.Int64,
        "flag": polars.Boolean,
        "time": polars.Datetime("us", "UTC"),
        "local": polars.Datetime("us"),
        "level": polars.String if ladder is None else polars.Enum(ladder),
    }
    schema = {name: types[kind] for name, kind in columns.items()}
    return polars.DataFrame(values, schema=schema)  # nothing is inferred from the first rows
