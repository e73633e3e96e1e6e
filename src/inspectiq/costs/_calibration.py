"""Corrects a cost book by invoices: a factor for each trade, and a range that holds for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import comb
from pathlib import Path

from inspectiq._taking import require, require_all
from inspectiq._values import FrozenMap, Value, hash_content
from inspectiq.costs._book import CostBook
from inspectiq.costs._book_files import take_book
from inspectiq.costs._book_parts import Correction, Source, Spread
from inspectiq.costs._figures import read_figure
from inspectiq.domain._money import CostEstimate
from inspectiq.errors import ConfigError

__all__ = ["FEWEST_FOR_RANGE", "FEWEST_PAIRS", "CostCalibration", "TradeFactor", "calibrate"]

FEWEST_PAIRS = 12
"""Pairs that a trade needs: six to learn from, which is the fewest whose extremes hold the median
with 95 % confidence, and six to check on."""

FEWEST_FOR_RANGE = 9
"""Pairs to check on, of all trades, from which a range of 80 % can be told."""

_MONEY = "give money above 0 as text or a Decimal, such as '182.50'"
_FINE = Decimal("0.0001")
_FARTHEST = Decimal(100)  # beyond it the two are not of the same work; our assumption


class TradeFactor(Value):
    """How a trade's invoices compare with what was expected.

    Attributes:
        trade: The trade.
        factor: Median of invoice ÷ expected, over the pairs that were learnt from.
        low: Lower end of where the true median lies with 95 % confidence (order statistics).
        high: Upper end of it.
        pairs: How many pairs there were; half of them were learnt from.
        bias_before: Median of expected ÷ invoice, less 1, over the other half: 0.1 where estimates
            were a tenth too high.
        bias_after: The same, with the new factor.
    """

    trade: str
    factor: Decimal
    low: Decimal
    high: Decimal
    pairs: int
    bias_before: Decimal
    bias_after: Decimal


class CostCalibration(Value):
    """The result of a calibration: the corrected book, and how far invoices were from estimates.

    Attributes:
        book: A new version with a hash of its own; the same book where there were too few pairs.
        factors: By trade.
        too_few: Trades with fewer than `FEWEST_PAIRS` pairs, and how many they had; left alone.
        checked: Pairs that were checked on and not learnt from.
        bias_before: As for a trade, over all that were checked.
        bias_after: The same, with the new book.
        coverage_before: Share of invoices within the range, over all that were checked.
        coverage_after: The same with the new range. It was drawn from them (split conformal), so
            that a next invoice lies within it with at least 80 %, as long as it comes from the same
            kind of work.
        notes: What the data did not allow.
    """

    book: CostBook
    factors: tuple[TradeFactor, ...] = ()
    too_few: FrozenMap[int] = FrozenMap()
    checked: int = 0
    bias_before: Decimal | None = None
    bias_after: Decimal | None = None
    coverage_before: Decimal | None = None
    coverage_after: Decimal | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pair:
    """An estimate, and what was paid for the work."""

    estimate: CostEstimate
    invoice: Decimal

    @property
    def ratio(self) -> Decimal:
        return self.invoice / self.estimate.expected

    def is_within(self, factor: Decimal, low: Decimal, high: Decimal) -> bool:
        return low <= self.ratio / factor <= high


def calibrate(
    estimates: Sequence[CostEstimate],
    invoices: Sequence[Decimal | int | str],
    *,
    book: CostBook | Path | str,
) -> CostCalibration:
    """Compares estimates with what was paid, in the same order, and corrects the book.

    Args:
        estimates: Of the book, each for one trade: all from `estimate`, or all from
            `estimate_together`.
        invoices: What was paid for each, in the book's currency, with tax where the book has one.
        book: The book that made the estimates; what `CostBook.of` takes.

    Raises:
        ConfigError: The two do not match, an estimate is another book's, or an amount is wrong.
    """
    book = take_book(book, "book")
    by_trade = _pair_up(estimates, invoices, book)
    too_few = FrozenMap[int](
        {trade: len(pairs) for trade, pairs in by_trade.items() if len(pairs) < FEWEST_PAIRS}
    )
    notes = [
        f"{trade} has {count} pairs and needs {FEWEST_PAIRS}: left as it is"
        for trade, count in sorted(too_few.items())
    ]
    factors: list[TradeFactor] = []
    held: list[tuple[_Pair, Decimal]] = []
    for trade in sorted(by_trade.keys() - too_few.keys()):
        learnt, checked = _halve(by_trade[trade])
        factors.append(_learn_factor(trade, learnt, checked))
        held += [(pair, factors[-1].factor) for pair in checked]
    if not held:
        return CostCalibration(
            book=book, too_few=too_few, notes=(*notes, "nothing could be calibrated")
        )
    spread = _learn_spread(book, held, notes)
    return CostCalibration(
        book=_correct_book(book, factors, spread),
        factors=tuple(factors),
        too_few=too_few,
        checked=len(held),
        bias_before=_compute_bias([pair.ratio for pair, _ in held]),
        bias_after=_compute_bias([pair.ratio / factor for pair, factor in held]),
        coverage_before=_compute_share(
            pair.estimate.low <= pair.invoice <= pair.estimate.high for pair, _ in held
        ),
        coverage_after=_compute_share(
            pair.is_within(factor, spread.low, spread.high) for pair, factor in held
        ),
        notes=tuple(notes),
    )


def _halve(pairs: Iterable[_Pair]) -> tuple[list[_Pair], list[_Pair]]:
    """Splits pairs in those to learn from and those to check on."""
    # Which half a pair is in depends on its content alone, not on the order.
    ordered = sorted(pairs, key=lambda pair: hash_content([str(pair.ratio), str(pair.invoice)]))
    return ordered[::2], ordered[1::2]


def _pair_up(
    estimates: Sequence[CostEstimate], invoices: Sequence[Decimal | int | str], book: CostBook
) -> Mapping[str, list[_Pair]]:
    """Pairs each estimate with its invoice, by trade."""
    estimates = require_all(estimates, "estimates", "give a list of estimates of the book")
    for estimate in estimates:
        require(estimate, CostEstimate, "estimates", "give a list of estimates of the book")
    invoices = require_all(invoices, "invoices", "give a list of what was paid")
    if len(estimates) != len(invoices):
        raise ConfigError(
            f"{len(estimates)} estimates and {len(invoices)} invoices; give one invoice for each"
        )
    by_trade: defaultdict[str, list[_Pair]] = defaultdict(list)
    for place, (estimate, invoice) in enumerate(zip(estimates, invoices, strict=True)):
        trade, pair = _make_pair(place, estimate, invoice, book)
        by_trade[trade].append(pair)
    return by_trade


def _make_pair(
    place: int, estimate: CostEstimate, invoice: Decimal | int | str, book: CostBook
) -> tuple[str, _Pair]:
    if estimate.book_sha256 != book.sha256:
        raise ConfigError(
            f"estimates[{place}] was not made by {book.label}; make it again with this book"
        )
    if estimate.trade is None or not estimate.expected:
        raise ConfigError(
            f"estimates[{place}] is of several trades or of nothing; give one for each finding"
        )
    pair = _Pair(estimate, _parse_invoice(place, invoice))
    if not 1 / _FARTHEST <= pair.ratio <= _FARTHEST:
        raise ConfigError(
            f"invoices[{place}] is over {_FARTHEST} times its estimate or under its "
            f"{_FARTHEST}th part; check the currency and that it is the same work"
        )
    return estimate.trade, pair


def _parse_invoice(place: int, invoice: Decimal | int | str) -> Decimal:
    try:
        if isinstance(invoice, str):
            amount = read_figure(invoice)
        else:
            amount = Decimal("NaN" if isinstance(invoice, float | bool) else invoice)
    except ConfigError as error:
        raise ConfigError(f"invoices[{place}]: {_MONEY}; {error}") from None
    except (TypeError, ValueError):
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise ConfigError(f"invoices[{place}]: {_MONEY}")
    return amount


def _learn_factor(trade: str, learnt: Sequence[_Pair], checked: Sequence[_Pair]) -> TradeFactor:
    ratios = sorted(pair.ratio for pair in learnt)
    factor = _compute_median(ratios).quantize(_FINE)
    outside = _count_outside(len(ratios))
    return TradeFactor(
        trade=trade,
        factor=factor,
        low=ratios[outside].quantize(_FINE, ROUND_FLOOR),
        high=ratios[-1 - outside].quantize(_FINE, ROUND_CEILING),
        pairs=len(learnt) + len(checked),
        bias_before=_compute_bias([pair.ratio for pair in checked]),
        bias_after=_compute_bias([pair.ratio / factor for pair in checked]),
    )


def _count_outside(count: int) -> int:
    """Counts the values at each end that may lie outside an interval for the median, at 95 %."""
    tail, outside = 0, -1
    while 40 * (tail + comb(count, outside + 1)) <= 2**count:  # both tails within a twentieth
        outside += 1
        tail += comb(count, outside)
    return max(outside, 0)


def _learn_spread(
    book: CostBook, held: Sequence[tuple[_Pair, Decimal]], notes: list[str]
) -> Spread:
    """Learns the range from the checked invoices; keeps the book's own where they are too few."""
    if len(held) < FEWEST_FOR_RANGE:
        notes.append(
            f"{len(held)} pairs to check on, and a range needs {FEWEST_FOR_RANGE}: left as it is"
        )
        return book.spread
    scores = sorted(pair.ratio / factor for pair, factor in held)
    outside = (len(scores) + 1) // 10  # a tenth at each end, counted as split conformal counts
    low = scores[outside - 1].quantize(_FINE, ROUND_FLOOR)
    high = scores[-outside].quantize(_FINE, ROUND_CEILING)
    return Spread(
        low=min(max(low, _FINE), Decimal(1)),
        high=max(high, Decimal(1)),
        estimate_class=book.spread.estimate_class,
        source=Source(name=f"80 % of invoices to come, as told from {len(held)}", mark="V"),
    )


def _correct_book(book: CostBook, factors: Sequence[TradeFactor], spread: Spread) -> CostBook:
    corrections = dict(book.corrections)
    for learnt in factors:
        before = corrections.get(learnt.trade)
        corrections[learnt.trade] = Correction(
            factor=learnt.factor * (before.factor if before else 1),
            source=Source(name=f"{learnt.pairs} invoices", mark="V"),
        )
    changed = book.model_copy(
        update={"corrections": FrozenMap(corrections), "spread": spread, "built_on": book.label}
    )
    return changed.model_copy(update={"version": f"{book.version}+{changed.sha256[:8]}"})


def _compute_bias(ratios: Sequence[Decimal]) -> Decimal:
    return (_compute_median(sorted(1 / ratio for ratio in ratios)) - 1).quantize(_FINE)


def _compute_median(ordered: Sequence[Decimal]) -> Decimal:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _compute_share(hits: Iterable[bool]) -> Decimal:
    found = list(hits)
    return (Decimal(sum(found)) / len(found)).quantize(_FINE)
