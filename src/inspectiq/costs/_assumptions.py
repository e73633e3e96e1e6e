"""Renders every figure of a cost book as a page, each with its source and mark."""

from __future__ import annotations

from collections.abc import Iterator

from inspectiq.costs._book import CostBook
from inspectiq.costs._book_parts import Source
from inspectiq.costs._priced_work import format_key, format_percent
from inspectiq.costs._useful_lives import UsefulLives
from inspectiq.costs._work import Work

__all__ = ["render_cost_assumptions"]

_UNKNOWN = "— | — | —"


def render_cost_assumptions(book: CostBook) -> str:
    """Renders all figures of a book as Markdown, each with its source, year and mark."""
    parts = [
        _render_intro(book),
        _render_factors(book),
        _render_trades(book),
        _render_work(book),
        _render_price_levels(book),
        _render_useful_lives(),
        _render_conditions(),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _render_intro(book: CostBook) -> Iterator[str]:
    yield f"# What the cost book {book.name} assumes"
    yield ""
    yield f"Version {book.version}, {book.currency}. This page is made from the book's own data."
    yield ""
    yield "**V** seen at the source · **S** seen in secondary sources only · **A** an assumption."
    yield "What is marked A has no published source: it is reasonable, round, ours, and meant to be"
    yield "overridden by [a book of your own](guides/costs.md)."
    yield ""


def _render_factors(book: CostBook) -> Iterator[str]:
    yield from _render_head("Sources and factors", "what", "figure", "source", "mark")
    for what, figures, source in _list_factors(book):
        yield f"| {what} | {figures} | {_render_source(book.get_source(source))} |"
    yield ""


def _list_factors(book: CostBook) -> Iterator[tuple[str, str, Source | None]]:
    """Lists the figures that hold for the whole book: name, value, source."""
    spread, overhead, bounds, tax = book.spread, book.overhead, book.bounds, book.tax
    for wages in book.wages.list_layers():
        figures = f"{len(wages.list_trades())} trades, {len(wages.regions)} regions"
        yield "wages", figures, wages.source
    for parity in book.parity.list_layers():
        figures = f"{len(parity.regions)} regions; national {parity.national}"
        yield "price level of goods", figures, parity.source
    yield "billed for a unit of wage", f"{book.burden.factor:f}", book.burden.source
    figures = f"{format_percent(overhead.rate)} from {overhead.from_trades} trades on"
    yield "overhead and profit", figures, overhead.source
    figures = f"class {spread.estimate_class}: {spread.low:f} to {spread.high:f} times the expected"
    yield "range", figures, spread.source
    figures = (
        f"{bounds.hours:,f} hours; {bounds.each:,f} each, {bounds.sq_ft:,f} sq ft, "
        f"{bounds.lin_ft:,f} ft"
    )
    yield "most that is believed of an engine", figures, bounds.source
    if tax is not None:
        figures = f"{format_percent(tax.rate)}, {'included' if tax.included else 'added'}"
        yield tax.label, figures, tax.source
    for trade, learnt in book.corrections.items():
        yield f"correction, {format_key(trade)}", f"× {learnt.factor:f}", learnt.source


def _render_trades(book: CostBook) -> Iterator[str]:
    yield from _render_head(
        "Trades",
        *("trade", "national wage for an hour", "source", "mark"),
        *("visit minimum", "source", "mark"),
        note="Wages by state stand in the book; where a state has none, the national one is used.",
    )
    for trade in sorted({*book.trades, *book.wages.list_trades()}):
        wage, terms = book.wages.find(trade, None), book.trades.get(trade)
        paid, least = _UNKNOWN, _UNKNOWN
        if wage is not None:
            paid = f"{wage.figure:f} | {_render_source(book.get_source(wage.source))}"
        if terms is not None:
            least = f"{terms.minimum:f} | {_render_source(book.get_source(terms.source))}"
        yield f"| {format_key(trade)} | {paid} | {least} |"
    yield ""


def _render_work(book: CostBook) -> Iterator[str]:
    yield from _render_head(
        "Work by type of issue",
        *("type", "unit", "usual quantity", "hours", "materials", "disposal", "permit"),
        *("source", "mark"),
        note="Hours, materials, disposal and rate are for one unit; a permit is for one finding.",
    )
    for key, item in book.items.items():
        source = _render_source(book.get_source(item.source))
        yield f"| {key} | {item.unit} | {item.quantity:f} | {_render_cells(item)} | {source} |"
        if item.wear is not None:
            source = _render_source(book.get_source(item.wear.source or item.source))
            yield f"| {key}, wear | {item.unit} | | {_render_cells(item.wear)} | {source} |"
    yield ""


def _render_cells(work: Work) -> str:
    if work.rate is not None:
        return f"all in: {work.rate:f} {work.code or ''}".rstrip() + " | — | — | —"
    materials = "; ".join(
        f"{item.label} {item.quantity:f} × {item.price:f}"
        + (f", {format_percent(item.waste - 1)} waste" if item.waste > 1 else "")
        for item in work.materials
    )
    return f"{work.hours:f} | {materials or '—'} | {work.disposal:f} | {work.permit:f}"


def _render_price_levels(book: CostBook) -> Iterator[str]:
    if not book.regional:
        return
    yield from _render_head("Price level of goods by region", "region", "of 100", "source", "mark")
    for code in sorted(book.regional):
        level = book.parity.find(code)
        if level is not None:
            note = "" if level.regional else " (national)"
            source = _render_source(book.get_source(level.source))
            yield f"| {code} | {level.figure:f}{note} | {source} |"
    yield ""


def _render_useful_lives() -> Iterator[str]:
    yield from _render_head("Useful lives", "item", "years", "source", "mark")
    for item, life in UsefulLives.default().lives.items():
        yield f"| {format_key(item)} | {life.years} | {_render_source(life.source)} |"
    yield ""


def _render_conditions() -> Iterator[str]:
    lives = UsefulLives.default()
    source = _render_source(lives.list_source)
    yield from _render_head(
        "What is called wear or damage", "type", "called", "because of", "source", "mark"
    )
    for key, entry in lives.listed.items():
        yield f"| {key} | {entry.condition} | {entry.what} | {source} |"


def _render_head(title: str, *columns: str, note: str = "") -> Iterator[str]:
    yield f"## {title}"
    yield ""
    if note:
        yield note
        yield ""
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"


def _render_source(source: Source) -> str:
    year = "" if source.year is None else f", {source.year}"
    return f"{source.name}{year} | {source.mark}"
