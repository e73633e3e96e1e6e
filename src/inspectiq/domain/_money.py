"""Cost estimates that can be taken apart into lines. Amounts are Decimal, in one currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import chain
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from inspectiq._short_forms import shorten
from inspectiq._taking import require, require_all
from inspectiq._text import escape_invisible
from inspectiq._values import Value
from inspectiq.errors import ConfigError

__all__ = ["CostEstimate", "CostLine"]

Amount = Annotated[Decimal, Field(ge=0)]
T = TypeVar("T")

TOO_MUCH = Decimal(10) ** 18  # of any currency; arithmetic in cents is exact below it
_KINDS = (
    "labour",
    "burden",
    "rate",
    "materials",
    "parity",
    "disposal",
    "permit",
    "minimum",
    "correction",
    "overhead",
    "tax",
)
"""The kinds of lines, in the order in which a total tells them."""


_LABELS = {"minimum": "Up to the minimums of visits", "parity": "Price level of goods"}
"""What lines of several labels are called together, where the kind's name is not enough."""


class CostLine(Value):
    """One line of an estimate: `amount = quantity × rate`, and where the rate comes from.

    A share of what is rounded once for several findings may be a coin off.

    Attributes:
        kind: Such as `labour`, `materials`, `minimum`, `parity`, `overhead`, `disposal`, `permit`.
        label: Plain words.
        quantity: In `unit`.
        unit: Such as `hour` or `sq_ft`.
        rate: Money for one unit.
        amount: Money for the line.
        source: Who published the rate, or `assumption`.
        year: Year that the rate is of.
        mark: `V` seen at the source, `S` seen in secondary sources only, `A` our assumption.
    """

    kind: str
    label: str
    quantity: Decimal
    unit: str
    rate: Decimal
    amount: Decimal
    source: str
    year: int | None = None
    mark: Literal["V", "S", "A"]

    def explain(self) -> str:
        """Explains the line in words: what is paid for, the quantity, the rate, and its source."""
        origin = self.source if self.year is None else f"{self.source}, {self.year}"
        how = f": {self.quantity:,f} {self.unit} × {self.rate:,f}"
        if self.quantity == 1 and self.rate == self.amount:
            how = ""
        return f"{self.amount:>12,f}  {self.label}{how} ({origin}) [{self.mark}]"


class CostEstimate(Value):
    """A range of money with its lines. Not a quote.

    Attributes:
        low: The least, in `currency`.
        expected: What is expected, at least `low`.
        high: The most, at least `expected`.
        currency: ISO 4217.
        lines: They add up to `expected`.
        estimate_class: AACE's generic class; 5 for an estimate from photos.
        region: State or country whose figures were used; None for national ones.
        book: Name and version of the cost book.
        book_sha256: Content hash of the cost book.
        notes: What was missing or fell back.
        trade: Who does the work; None for several.
        basis: `book` for a cost book's figures, `stated` for somebody's or an engine's own guess.
        range_source: Where the width of the range comes from, with its mark.
    """

    low: Amount
    expected: Amount
    high: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    lines: tuple[CostLine, ...] = ()
    estimate_class: int = 5
    region: str | None = None
    book: str
    book_sha256: str | None = None
    notes: tuple[str, ...] = ()
    trade: str | None = None
    basis: Literal["book", "stated"] = "book"
    range_source: str = ""

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "low", self.low
        yield "expected", self.expected
        yield "high", self.high
        yield "currency", self.currency
        yield "lines", len(self.lines)
        if self.trade:
            yield "trade", shorten(self.trade)

    @model_validator(mode="after")
    def _check_order(self) -> CostEstimate:
        if not self.low <= self.expected <= self.high:
            raise ValueError("an estimate needs low <= expected <= high")
        return self

    @classmethod
    def stated_range(
        cls, low: Decimal | int | str, high: Decimal | int | str, currency: str, by: str
    ) -> CostEstimate:
        """Makes an estimate of a range that somebody or an engine gave, marked as a guess.

        Args:
            low: The least.
            high: The most; what is expected is taken to be half-way, our assumption.
            currency: ISO 4217.
            by: Who said so, such as a model or "our surveyor".

        Raises:
            ConfigError: An amount is negative, not a number or not exact, or low is above high.
        """
        bottom, top = _read_amount("low", low), _read_amount("high", high)
        if bottom > top:
            raise ConfigError("a range needs low <= high; swap the two amounts")
        if top >= TOO_MUCH:
            raise ConfigError(f"high is {top:.3g}; give an amount below {TOO_MUCH:.0e}")
        middle = ((bottom + top) / 2).quantize(Decimal("0.01"), ROUND_HALF_UP)
        middle = min(max(middle, bottom), top)
        guess = CostLine(
            kind="stated",
            label="Half-way in the range that was stated",
            quantity=Decimal(1),
            unit="guess",
            rate=middle,
            amount=middle,
            source=by,
            mark="A",
        )
        return cls(
            low=bottom,
            expected=middle,
            high=top,
            currency=currency,
            lines=(guess,),
            book="none",
            notes=(f"stated by {by}: no cost book and no published figure stand behind it",),
            basis="stated",
            range_source=f"{by} [A]",
        )

    @classmethod
    def total(cls, parts: Sequence[CostEstimate]) -> CostEstimate:
        """Adds up estimates, to the coin, with a line for each kind of line.

        Visit minimums are added up as they stand: take parts of one settlement.

        Raises:
            ConfigError: There are no parts, or they are in two currencies.
        """
        for part in (parts := require_all(parts, "parts", "give estimates")):
            require(part, CostEstimate, "parts", "give estimates")
        currency = _require_one_currency(parts)
        common = _find_common_fields(parts)
        return cls(
            low=sum((part.low for part in parts), Decimal(0)),
            expected=sum((part.expected for part in parts), Decimal(0)),
            high=sum((part.high for part in parts), Decimal(0)),
            currency=currency,
            lines=tuple(_add_up_kinds(parts)),
            estimate_class=max(part.estimate_class for part in parts),
            region=common["region"],
            book=common["book"] or "several",
            book_sha256=common["book_sha256"],
            notes=tuple(sorted(_list_common_notes(parts))),
            trade=common["trade"],
            basis=common["basis"] or "stated",
            range_source=common["range_source"] or "several",
        )

    def _repr_html_(self) -> str:
        from inspectiq.reports._notebook_values import render_cost

        return render_cost(self)

    def explain(self) -> str:
        """Explains the estimate line by line, as plain text, and says that it is no quote."""
        who = self.trade.replace("_", " ") if self.trade else "several trades"
        where = f"figures of {self.region}" if self.region else "national figures"
        origin = f"{who}, {where}" if self.basis == "book" else "as stated, not from a book"
        notes = [f"- {note}" for note in self.notes]
        lines = [
            f"{self.expected:,f} {self.currency} expected, "
            f"{self.low:,f} to {self.high:,f} {self.currency} ({origin})",
            "",
            *(line.explain() for line in self.lines),
            f"{self.expected:>12,f}  in all, {self.currency}",
            "",
            f"This is not a quote. It is an estimate of class {self.estimate_class}, of which "
            "5 is the roughest,",
            "made from photos and without a visit. It helps to decide what comes first; it "
            "does not tell what a",
            f"contractor will ask. Range: {self.range_source or 'not known'}.",
            *(["", "To note:", *notes] if notes else []),
            "",
            "[V] seen at the source, [S] seen in secondary sources only, [A] an assumption.",
            f"Cost book: {self.book}"
            + (f", {self.book_sha256[:12]}." if self.book_sha256 else "."),
        ]
        return "\n".join(map(escape_invisible, lines))


def _require_one_currency(parts: Sequence[CostEstimate]) -> str:
    currencies = sorted({part.currency for part in parts})
    if len(currencies) != 1:
        found = ", ".join(currencies) or "none"
        raise ConfigError(
            f"a total needs one currency, and the parts have {found}; add up each apart"
        )
    return currencies[0]


def _list_common_notes(parts: Sequence[CostEstimate]) -> list[str]:
    return [note for note in parts[0].notes if all(note in part.notes for part in parts)]


def _find_common_fields(parts: Sequence[CostEstimate]) -> dict[str, Any]:
    """Finds the fields that all parts have in common; None for one in which they differ."""
    names = ("region", "book", "book_sha256", "trade", "basis", "range_source")
    return {name: _get_common([getattr(part, name) for part in parts]) for name in names}


def _add_up_kinds(parts: Sequence[CostEstimate]) -> Iterator[CostLine]:
    """Makes a line for each kind: the sum of the parts' own lines of that kind."""
    by_kind: defaultdict[str, list[CostLine]] = defaultdict(list)
    for line in chain.from_iterable(part.lines for part in parts):
        by_kind[line.kind].append(line)
    order = {kind: place for place, kind in enumerate(_KINDS)}
    for kind in sorted(by_kind, key=lambda kind: (order.get(kind, len(order)), kind)):
        yield _add_up_lines(kind, by_kind[kind])


def _add_up_lines(kind: str, lines: Sequence[CostLine]) -> CostLine:
    amount = sum((line.amount for line in lines), Decimal(0))
    return CostLine(
        kind=kind,
        label=_get_common([line.label for line in lines]) or _LABELS.get(kind, kind.capitalize()),
        quantity=Decimal(1),
        unit="sum",
        rate=amount,
        amount=amount,
        source=_get_common([line.source for line in lines]) or "several, told with each finding",
        year=_get_common([line.year for line in lines]),
        mark=min((line.mark for line in lines), key="ASV".index),
    )


def _get_common(values: Sequence[T]) -> T | None:
    """Returns the value that all have; None where they differ."""
    return values[0] if len(set(values)) == 1 else None


def _read_amount(name: str, value: Decimal | int | str) -> Decimal:
    try:
        if isinstance(value, float):
            raise InvalidOperation
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ConfigError(f"{name}: give money as text or a Decimal, such as '12.50'") from None
    if not amount.is_finite() or amount < 0:
        raise ConfigError(f"{name}: an amount of money is finite and not below 0")
    return amount
