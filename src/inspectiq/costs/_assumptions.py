"""Every assumption and source of a cost book, as a page."""

from __future__ import annotations

from collections.abc import Iterator

from inspectiq.costs._book import CostBook
from inspectiq.costs._book_parts import Source
from inspectiq.costs._priced_work import format_key, format_percent
from inspectiq.costs._useful_lives import UsefulLives
from inspectiq.costs._work import Work

__all__ = ["render_cost_assumptions"]


def render_cost_assumptions(book: CostBook) -> str:
    """All figures of a book as Markdown, each with its source, year and mark."""
    return (
        "\n".join(
            [
                *_render_head(book),
                *_render_factors(book),
                *_render_trades(book),
                *_render_work(book),
                *_render_price_levels(book),
                *_render_useful_lives(),
            ]
        )
        + "\n"
    )


def _render_head(book: CostBook) -> Iterator[str]:
    yield f"# What the cost book {book.name} assumes"
    yield ""
    yield f"Version {book.version}, {book.currency}. This page is made from the book's own data."
    yield ""
    yield "**V** seen at the source · **S** seen in secondary sources only · **A** an assumption."
    yield "What is marked A has no published source: it is reasonable, round, ours, and meant to be"
    yield "overridden by [a book of your own](guides/costs.md)."
    yield ""


def _render_factors(book: CostBook) -> Iterator[str]:
    spread, over, bounds = book.spread, book.overhead, book.bounds
    yield "## Sources and factors"
    yield ""
    yield "| what | figure | source | mark |"
    yield "| --- | --- | --- | --- |"
    for table in book.wages.list_layers():
        figures = f"{len(table.list_trades())} trades, {len(table.regions)} regions"
        yield _render_row("wages", figures, book.get_source(table.source))
    for level in book.parity.list_layers():
        figures = f"{len(level.regions)} regions; national {level.national}"
        yield _render_row("price level of goods", figures, book.get_source(level.source))
    yield _render_row(
        "billed for a unit of wage", f"{book.burden.factor:f}", book.get_source(book.burden.source)
    )
    figures = f"{format_percent(over.rate)} from {over.from_trades} trades on"
    yield _render_row("overhead and profit", figures, book.get_source(over.source))
    figures = f"class {spread.estimate_class}: {spread.low:f} to {spread.high:f} times the expected"
    yield _render_row("range", figures, book.get_source(spread.source))
    figures = (
        f"{bounds.hours:,f} hours; {bounds.each:,f} each, {bounds.sq_ft:,f} sq ft, "
        f"{bounds.lin_ft:,f} ft"
    )
    yield _render_row("most that is believed of an engine", figures, book.get_source(bounds.source))
    if book.tax is not None:
        figures = f"{format_percent(book.tax.rate)}, {'included' if book.tax.included else 'added'}"
        yield _render_row(book.tax.label, figures, book.get_source(book.tax.source))
    for trade, learnt in book.corrections.items():
        yield _render_row(f"correction, {format_key(trade)}", f"× {learnt.factor:f}", learnt.source)
    yield ""


def _render_trades(book: CostBook) -> Iterator[str]:
    yield "## Trades"
    yield ""
    yield "Wages by state stand in the book; where a state has none, the national one is used."
    yield ""
    yield "| trade | national wage for an hour | source | mark | visit minimum | source | mark |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for trade in sorted({*book.trades, *book.wages.list_trades()}):
        wage, terms = book.wages.find(trade, None), book.trades.get(trade)
        paid = (
            f"{wage.figure:f} | {_render_source(book.get_source(wage.source))}"
            if wage
            else "— | — | —"
        )
        least = (
            f"{terms.minimum:f} | {_render_source(book.get_source(terms.source))}"
            if terms
            else "— | — | —"
        )
        yield f"| {format_key(trade)} | {paid} | {least} |"
    yield ""


def _render_work(book: CostBook) -> Iterator[str]:
    yield "## Work by type of issue"
    yield ""
    yield "Hours, materials, disposal and rate are for one unit; a permit is for one finding."
    yield ""
    yield "| type | unit | usual quantity | hours | materials | disposal | permit | source | mark |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for key, item in book.items.items():
        source = book.get_source(item.source)
        yield f"| {key} | {item.unit} | {item.quantity:f} | {_render_cells(item)} | {_render_source(source)} |"
        if item.wear is not None:
            source = book.get_source(item.wear.source or item.source)
            yield f"| {key}, wear | {item.unit} | | {_render_cells(item.wear)} | {_render_source(source)} |"
    yield ""


def _render_price_levels(book: CostBook) -> Iterator[str]:
    if not book.regional:
        return
    yield "## Price level of goods by region"
    yield ""
    yield "| region | of 100 | source | mark |"
    yield "| --- | --- | --- | --- |"
    for code in sorted(book.regional):
        level = book.parity.find(code)
        if level is not None:
            note = "" if level.regional else " (national)"
            yield f"| {code} | {level.figure:f}{note} | {_render_source(book.get_source(level.source))} |"
    yield ""


def _render_useful_lives() -> Iterator[str]:
    lives = UsefulLives.default()
    yield "## Useful lives"
    yield ""
    yield "| item | years | source | mark |"
    yield "| --- | --- | --- | --- |"
    for item, life in lives.lives.items():
        yield f"| {format_key(item)} | {life.years} | {_render_source(life.source)} |"
    yield ""
    yield "## What is called wear or damage"
    yield ""
    yield "| type | called | because of | source | mark |"
    yield "| --- | --- | --- | --- | --- |"
    for key, entry in lives.listed.items():
        yield f"| {key} | {entry.condition} | {entry.what} | {_render_source(lives.list_source)} |"


def _render_cells(work: Work) -> str:
    if work.rate is not None:
        return f"all in: {work.rate:f} {work.code or ''}".rstrip() + " | — | — | —"
    materials = "; ".join(
        f"{item.label} {item.quantity:f} × {item.price:f}"
        + (f", {format_percent(item.waste - 1)} waste" if item.waste > 1 else "")
        for item in work.materials
    )
    return f"{work.hours:f} | {materials or '—'} | {work.disposal:f} | {work.permit:f}"


def _render_row(what: str, figures: str, source: Source) -> str:
    return f"| {what} | {figures} | {_render_source(source)} |"


def _render_source(source: Source) -> str:
    year = "" if source.year is None else f", {source.year}"
    return f"{source.name}{year} | {source.mark}"
