"""Describes costs in a report: of one finding, and of all together."""

from __future__ import annotations

from decimal import Decimal

from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate, CostLine
from inspectiq.domain._results import Result
from inspectiq.domain._taxonomy import OPEN_TRADE
from inspectiq.reports._blocks import Item, Listed, Paragraph, Section, Table
from inspectiq.reports._language import Language

__all__ = ["build_total_cost", "describe_cost", "format_cost_range", "sum_up_cost"]


def describe_cost(finding: Finding, language: Language) -> Item:
    """Describes the cost of a finding, and below it the lines that it is made of."""
    cost, label = finding.cost, language.say("Cost")
    if cost is None:
        waits = finding.severity.is_review or finding.scope.trade == OPEN_TRADE
        if waits and not finding.is_rejected:
            why = "not estimated; what the repair takes is not known until a person has looked"
            return Item(language.say(why), label)
        return Item(language.say("not estimated"), label)
    lines = [Item(_explain_line(line, language)) for line in cost.lines]
    noted = language.say("To note")
    notes = [Item(language.translate(note), noted) for note in cost.notes]
    told = f"{format_cost_range(cost, language)}, {_describe_basis(cost, language)}"
    return Item(told, label, (*lines, *notes))


def _explain_line(line: CostLine, language: Language) -> str:
    """Explains a line: the amount, what is paid for, the quantity, the rate, and its source."""
    amount, how = _format_exact(line.amount, language), ""
    if not (line.quantity == 1 and line.rate == line.amount):
        quantity, rate = (_format_exact(one, language) for one in (line.quantity, line.rate))
        unit = language.translate(line.unit.replace("_", " "))
        how = f": {quantity} {unit} × {rate}"
    return f"{amount} {language.translate(line.label)}{how} ({_cite(line, language)}) [{line.mark}]"


def _format_exact(amount: Decimal, language: Language) -> str:
    """Formats an amount with all the decimals that it has."""
    return language.format_number(amount, len(f"{amount:f}".partition(".")[2]))


def _cite(line: CostLine, language: Language) -> str:
    source = language.translate(line.source)
    return source if line.year is None else f"{source}, {line.year}"


def sum_up_cost(result: Result, language: Language) -> str:
    """Describes in a sentence what all findings cost together."""
    cost = result.cost
    if cost is None:
        priced = any(finding.cost for finding in result.found)
        return language.say("see each finding") if priced else language.say("not estimated")
    figures = f"{format_cost_range(cost, language)}, {_describe_basis(cost, language)}"
    if waiting := [one.cost for one in result.found if one.cost and _waits(one)]:
        part = format_cost_range(CostEstimate.total(waiting), language)
        figures += "; " + language.say(
            "of it {part} for what a person must first confirm", part=part
        )
    return figures


def _waits(finding: Finding) -> bool:
    """Tells whether a person must look at a finding before it has a level."""
    return finding.severity.is_review and not finding.is_rejected


def _find_assumed(result: Result) -> int | None:
    """Finds how many percent of the total rest on assumptions, rounded; None without lines."""
    standing = [one.cost for one in result.found if one.cost and not one.is_rejected]
    lines = [line for cost in standing for line in cost.lines]
    whole = sum((line.amount for line in lines), Decimal(0))
    assumed = sum((line.amount for line in lines if line.mark == "A"), Decimal(0))
    return round(100 * assumed / whole) if whole > 0 else None


def build_total_cost(result: Result, title: str, language: Language, level: int = 2) -> Section:
    """Builds the section on what all findings cost together, with a table of its lines."""
    cost, say = result.cost, language.say
    if cost is None:
        return Section("cost", title)
    rows: list[tuple[str, ...]] = [
        (
            language.translate(line.label),
            _format_exact(line.amount, language),
            _cite(line, language),
            line.mark,
        )
        for line in cost.lines
    ]
    rows.append((say("In all"), _format_exact(cost.expected, language), "", ""))
    figures = f"{format_cost_range(cost, language)}, {_describe_basis(cost, language)}"
    limits = say(
        "This is not a quote. Class {number} of 5, the roughest: made from photos and words, not "
        "from a visit. Range: {source}.",
        number=cost.estimate_class,
        source=language.translate(cost.range_source) or say("not known"),
    )
    open_ones = [
        str(number)
        for number, finding in enumerate(result.found, start=1)
        if finding.cost and _waits(finding)
    ]
    waiting = []
    if (assumed := _find_assumed(result)) is not None and cost.basis == "book":
        told = say("{percent} % of it rests on assumptions, marked A.", percent=assumed)
        waiting.append(told)
    if open_ones:
        listed = ", ".join(open_ones)
        told = say("Counted in, though a person must look first: {numbers}.", numbers=listed)
        waiting.append(told)
    marks = say("V: seen at the source. S: seen in secondary sources only. A: an assumption.")
    return Section(
        "cost",
        title,
        (
            Paragraph(say("All findings together: {figures}.", figures=figures)),
            Table((say("What"), cost.currency, say("Source"), ""), tuple(rows), frozenset({1})),
            Listed.of([*map(language.translate, cost.notes), *waiting, limits, marks]),
        ),
        level,
    )


def format_cost_range(cost: CostEstimate, language: Language) -> str:
    """Formats the lowest and highest amount, without false precision."""
    low, high = language.format_number(cost.low), language.format_number(cost.high)
    return language.say("{low} to {high} {currency}", low=low, high=high, currency=cost.currency)


def _describe_basis(cost: CostEstimate, language: Language) -> str:
    """Describes whether a cost is a book's estimate or somebody's guess, and for which place."""
    say = language.say
    if cost.basis == "stated":
        by = {line.source for line in cost.lines}
        if len(by) == 1:
            return say("stated by {person} and not a quote", person=by.pop())
        return say("not a quote")
    if cost.region:
        return say("an estimate and not a quote, figures of {region}", region=cost.region)
    return say("an estimate and not a quote, national figures")
