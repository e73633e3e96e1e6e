"""Reads cost books from TOML and JSON files, each over the base that it names."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from inspectiq._files import FileGiven, Form, decode_text, parse_table, read_given, read_text
from inspectiq._refusals import validate_raw, word_fault
from inspectiq._taking import quote, take
from inspectiq.costs._book import CostBook
from inspectiq.costs._book_merging import merge_books
from inspectiq.costs._trades import check_trades
from inspectiq.costs._work import is_priced
from inspectiq.errors import ConfigError

__all__ = [
    "WHAT",
    "find_first_fault",
    "read_book",
    "require_complete",
    "resolve_sources",
    "take_book",
    "validate_book",
]

WHAT = "cost book"
RATES = (".csv", ".xlsx")
"""How the names of files with one row a rate end."""

_OTHER_BOOKS = (".xlsm", ".xlsb", ".xls", ".xltx", ".xltm", ".ods", ".fods", ".numbers")
"""How the names of workbooks end that are not read."""

_FORMS: dict[str, Form] = {".toml": "TOML", ".json": "JSON"}


def take_book(given: CostBook | Path | str, argument: str) -> CostBook:
    """Takes a book, the name of one that ships, or the path of a file.

    Rates in CSV or a workbook stand over the shipped book, or alone in another currency.

    Raises:
        ConfigError: It is nothing of these; with the choices.
    """
    if isinstance(given, str | os.PathLike):
        _refuse_workbook(Path(given), argument)
    return take(
        given,
        CostBook,
        argument,
        read_file=lambda path: _read_path(path, ()),
        files=(*_FORMS, *RATES),
        make_named=lambda _: CostBook.default(),
        names=("us",),
    )


def _refuse_workbook(path: Path, place: str) -> None:
    if path.suffix.lower() in _OTHER_BOOKS:
        raise ConfigError(
            f"{place}: workbooks in {path.suffix.lower()} are not read ({quote(path.name)}); "
            "save it as .xlsx, or as CSV UTF-8"
        )


def read_book(file: FileGiven, form: Form) -> CostBook:
    """Reads a book from a path or an open file, over its base if it names one.

    Raises:
        ConfigError: What is wrong, in which file and place, and how to mend it.
    """
    content, path = read_given(file, WHAT)
    return _build_book(decode_text(content, path, WHAT), path, form, (path.resolve(),))


def _read_path(path: Path, above: tuple[Path, ...]) -> CostBook:
    """Reads a book from a path, below others whose bases lead to it."""
    here = path.resolve()
    if here in above:
        circle = " -> ".join(book.name for book in (*above[above.index(here) :], here))
        raise ConfigError(f"{path}: the bases go in a circle ({circle}); take one `base` out")
    ending = path.suffix.lower()
    if ending in RATES:
        from inspectiq.costs._book_rates import read_house_rates

        return read_house_rates(path)
    return _build_book(read_text(path, WHAT), path, _FORMS[ending], (*above, here))


def _build_book(text: str, path: Path, form: Form, above: tuple[Path, ...]) -> CostBook:
    raw = parse_table(text, path, form=form, exact=True)
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: a cost book is an object with named fields")
    raw = resolve_sources(raw, str(path))
    if missing := [field for field in ("name", "version") if field not in raw]:
        raise ConfigError(f"{path}: {missing[0]}: is missing; results record it, so write one")
    named = raw.pop("base", None)
    if named is not None:
        raw = _merge(path, raw, _read_base(path, named, above))
    return require_complete(validate_book(raw, str(path)), str(path))


def _read_base(path: Path, named: Any, above: tuple[Path, ...]) -> CostBook:
    if named == "us":
        return CostBook.default()
    endings = (*_FORMS, *RATES)
    if isinstance(named, str):
        _refuse_workbook(Path(named), f"{path}: base")
    if not isinstance(named, str) or Path(named).suffix.lower() not in endings:
        raise ConfigError(
            f'{path}: base: give "us" or the path of a book that ends in {", ".join(endings[:-1])} '
            f"or {endings[-1]}"
        )
    return _read_path(path.parent / named, above)


def _merge(path: Path, raw: Mapping[str, Any], base: CostBook) -> dict[str, Any]:
    try:
        return merge_books(raw, base)
    except ConfigError as error:
        raise ConfigError(f"{path}: currency: {error}") from None


def resolve_sources(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Replaces each key of `[sources]` by the source that it names.

    Args:
        raw: The figures of a book.
        where: The file, for messages.

    Raises:
        ConfigError: A key names no source.
    """
    sources = raw.get("sources", {})
    if not isinstance(sources, Mapping):
        raise ConfigError(f"{where}: sources: write each as [sources.KEY] with name, year and mark")
    return {
        key: _resolve(value, sources, f"{where}: {key}")
        for key, value in raw.items()
        if key != "sources"
    }


def _resolve(value: Any, sources: Mapping[str, Any], place: str) -> Any:
    if isinstance(value, list):
        return [_resolve(item, sources, place) for item in value]
    if not isinstance(value, Mapping):
        return value
    entries = {key: _resolve(item, sources, f"{place}.{key}") for key, item in value.items()}
    key = entries.get("source")
    if isinstance(key, str):
        if key not in sources:
            raise ConfigError(
                f"{place}.source: there is no source {quote(key)}; "
                f"add it as [sources.{key}] with name, year and mark"
            )
        entries["source"] = sources[key]
    return entries


def validate_book(
    raw: Mapping[str, Any],
    where: str,
    arguments: Collection[str] = (),
    more_arguments: Sequence[str] = (),
) -> CostBook:
    """Makes a book of raw figures, which must be valid.

    Args:
        raw: The figures.
        where: The file, for messages.
        arguments: Fields that a caller gave, and no file.
        more_arguments: What callers may give besides the fields of a book.

    Raises:
        ConfigError: The first thing that is wrong, with its place.
    """
    try:
        return validate_raw(CostBook, raw)
    except ValidationError as error:
        steps, message = find_first_fault(CostBook, error, more_arguments)
        place = f"{'.'.join(steps)}: " if steps else ""
        if steps and steps[0] in arguments:
            raise ConfigError(f"{place}{message}") from None
        raise ConfigError(f"{where}: {place}{message}; mend it there") from None


def find_first_fault(
    form: type[BaseModel], error: ValidationError, more_fields: Sequence[str] = ()
) -> tuple[list[str], str]:
    """Finds the first fault: the steps to its place, and what is wrong there."""
    first = error.errors(include_url=False)[0]
    return [str(step) for step in first["loc"]], word_fault(form, first, more_fields)


def require_complete(
    book: CostBook, where: str, locate: Callable[[str, str], str] | None = None
) -> CostBook:
    """Makes sure that a book can price all work that it lists, and returns it.

    Args:
        book: The book.
        where: The file, for messages.
        locate: Says where a field of a type's work stands, if not at `items.TYPE.FIELD`.

    Raises:
        ConfigError: A trade is misspelt or has no wage, a fallback does not exist, or nothing
            prices some work.
    """
    at = locate or (lambda key, field: f"{where}: items.{key}.{field}")
    for key, item in book.items.items():
        for work, field in ((item, "rate"), (item.wear, "wear")):
            if work is not None and not (is_priced(work) or work.disposal or work.permit):
                raise ConfigError(
                    f"{at(key, field)}: nothing prices the work, so it would be free; give a rate, "
                    "or hours or materials; a rate of 0 says that it is meant"
                )
    if book.fallback_type is not None and book.fallback_type not in book.items:
        raise ConfigError(
            f"{where}: fallback_type: the book has no work for {quote(book.fallback_type)}; "
            "add it to items or name another type"
        )
    known = book.wages.list_trades()
    named = {f"{where}: fallback_trade": book.fallback_trade}
    for key in _list_priced_by_hours(book):
        if not known:
            raise ConfigError(
                f"{at(key, 'hours')}: missing trade: the book has no wages; "
                "add wages.national with each trade's wage, or a base"
            )
        named[at(key, "trade")] = book.items[key].trade
    for place, trade in named.items():
        if trade is not None and trade not in known:
            raise ConfigError(f"{place}: missing trade: {_suggest_trade(trade, known)}")
    check_trades(book, where, at)
    return book


def _list_priced_by_hours(book: CostBook) -> Iterator[str]:
    for key, item in book.items.items():
        if item.hours or (item.wear is not None and item.wear.hours):
            yield key


def _suggest_trade(trade: str, known: set[str]) -> str:
    close = get_close_matches(trade, known, n=1)
    return (
        f"there is no wage for {quote(trade)}; "
        + (f"did you mean {close[0]}? " if close else "")
        + f"else add wages.national.{trade}"
    )
