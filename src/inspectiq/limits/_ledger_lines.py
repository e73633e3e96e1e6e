"""`LedgerLine`: sums over ledger entries by model, day or tag, kept in bounded memory."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import Field

from inspectiq._text import to_one_line
from inspectiq._values import FrozenMap, Value
from inspectiq.errors import ConfigError
from inspectiq.limits._ledger_entries import LedgerEntry

__all__ = ["LedgerLine", "LedgerSums", "render_table"]

Count = Annotated[int, Field(ge=0)]

NOT_KEPT = "(tags not kept)"
LEGEND = (
    "usd +n?: and n calls of unknown price; runs c/p/f: complete, partial, failed; "
    "hooks d/x: delivered, given up"
)

# Our assumption: fine enough to tell whether engines slow down, and some 30 numbers for a model.
STEP = 1.1  # a time is known to the square root of it, 5 %
SHORTEST, LONGEST = 0.001, 86_400.0


class LedgerLine(Value):
    """Sums over the entries of one model, day or tag, or over all of them.

    All is exact but the two percentiles, which are within 5 %.

    Attributes:
        key: `provider:model`, the day or the tag's value; "" where an entry has none (as a run has
            no model), and for all of them together.
        requests: Answered and failed ones, each once however often it was tried.
        failed: Those that failed for good.
        cached: Those that were answered from the cache.
        refused: How often a budget said no.
        photos: What the requests were about; a photo that is asked about twice counts twice.
        input_tokens: Of all requests, as far as is known.
        output_tokens: Of all answers, as far as is known.
        usd_known: Dollars of the requests whose price is known.
        unpriced: Requests whose price is not known: the model has none, or a failed request did
            not say what was paid all the same.
        saved_usd: What the cached answers cost when they were paid for, as far as is known.
        p50_seconds: Half of an engine's answers came within so long; None where there were none.
            Times below 1 ms count as 1 ms, those above a day as a day.
        p95_seconds: 95 % of them came within so long.
        runs_complete: Runs that assessed everything.
        runs_partial: Runs that left something out.
        runs_failed: Runs that assessed nothing.
        webhooks_delivered: Webhooks that were taken.
        webhooks_dead: Webhooks that were given up.
        webhook_attempts_failed: Attempts at webhooks that failed.
    """

    key: str = ""
    requests: Count = 0
    failed: Count = 0
    cached: Count = 0
    refused: Count = 0
    photos: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0
    usd_known: Decimal = Decimal(0)
    unpriced: Count = 0
    saved_usd: Decimal = Decimal(0)
    p50_seconds: float | None = None
    p95_seconds: float | None = None
    runs_complete: Count = 0
    runs_partial: Count = 0
    runs_failed: Count = 0
    webhooks_delivered: Count = 0
    webhooks_dead: Count = 0
    webhook_attempts_failed: Count = 0

    @property
    def webhook_success_rate(self) -> float | None:
        """Of the webhooks that came to an end, the share that was delivered; None if none did."""
        ended = self.webhooks_delivered + self.webhooks_dead
        return self.webhooks_delivered / ended if ended else None

    @property
    def usd(self) -> Decimal | None:
        """Dollars of all requests; None where the price of one is not known."""
        return None if self.unpriced else self.usd_known


class LedgerSums:
    """Adds entries up by day, model and tags. Not thread-safe.

    Args:
        keep: How many combinations of day, model and tags are kept apart. After that, new ones are
            counted without their tags: totals, days and models stay exact.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._sums: defaultdict[_SumKey, _Sum] = defaultdict(_Sum)

    def add(self, entry: LedgerEntry) -> None:
        """Adds an entry."""
        key = _SumKey.of(entry)
        if key not in self._sums and len(self._sums) >= self._keep:
            key = key._replace(tags=None)
        self._sums[key].add(entry)

    def build_lines(
        self, by: str | None, since: date | None, until: date | None
    ) -> tuple[LedgerLine, ...]:
        """Builds the lines in the order of their keys; see `Ledger.summarise`.

        Raises:
            ConfigError: `by` is not known, or a day has a time.
        """
        _check_choice(by, since, until)
        lines: defaultdict[str, _Sum] = defaultdict(_Sum)
        if by is None:
            lines[""] = _Sum()
        for key, total in self._sums.items():
            if (since or date.min) <= key.day <= (until or date.max):
                lines[key.choose_line(by)].merge(total)
        return tuple(lines[key].to_line(key) for key in sorted(lines))


def _check_choice(by: str | None, *days: date | None) -> None:
    if any(isinstance(day, datetime) for day in days):
        raise ConfigError("since and until are days (UTC); give a date, such as moment.date()")
    if by is not None and by not in ("model", "day") and not by.startswith("tag:"):
        raise ConfigError("by is 'model', 'day', 'tag:NAME' or None")


def render_table(lines: Iterable[LedgerLine]) -> str:
    """Renders lines as a table for a terminal."""
    head = ("", "requests", "failed", "cached", "refused", "photos", "input", "output", "usd")
    rows = [
        (*head, "saved", "p50 s", "p95 s", "runs c/p/f", "hooks d/x"),
        *map(_render_cells, lines),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    written = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([*written, LEGEND])


def _render_cells(line: LedgerLine) -> tuple[str, ...]:
    counts = (line.requests, line.failed, line.cached, line.refused, line.photos)
    unknown = f" +{line.unpriced}?" if line.unpriced else ""
    times = (line.p50_seconds, line.p95_seconds)
    return (
        to_one_line(line.key, 60) or "-",
        *(f"{count:,}" for count in (*counts, line.input_tokens, line.output_tokens)),
        f"{line.usd_known:.4f}{unknown}",
        f"{line.saved_usd:.4f}",
        *("-" if seconds is None else f"{seconds:.2f}" for seconds in times),
        f"{line.runs_complete}/{line.runs_partial}/{line.runs_failed}",
        f"{line.webhooks_delivered}/{line.webhooks_dead}",
    )


class _SumKey(NamedTuple):
    """The day, engine and tags whose entries are summed; `tags` is None where they are not kept."""

    day: date
    provider: str
    model: str
    tags: FrozenMap[str] | None

    @classmethod
    def of(cls, entry: LedgerEntry) -> _SumKey:
        day = entry.ts.astimezone(UTC).date()
        return cls(day, entry.provider, entry.model, entry.tags)

    def choose_line(self, by: str | None) -> str:
        """Chooses the key of the line that counts these entries; see `Ledger.summarise`."""
        if by is None:
            return ""
        if by == "day":
            return self.day.isoformat()
        if by == "model":
            return f"{self.provider}:{self.model}" if self.provider or self.model else ""
        return NOT_KEPT if self.tags is None else self.tags.get(by.removeprefix("tag:"), "")


@dataclass(slots=True)
class _Sum:
    """A sum that grows entry by entry."""

    counts: Counter[str] = field(default_factory=Counter)  # by field of `LedgerLine`
    usd_known: Decimal = Decimal(0)
    saved_usd: Decimal = Decimal(0)
    times: Counter[int] = field(default_factory=Counter)  # how many, by logarithm of the seconds

    def add(self, entry: LedgerEntry) -> None:
        self.counts.update(_count_entry(entry))
        usd = entry.usage.usd or Decimal(0)
        if entry.kind == "cached":
            self.saved_usd += usd
        elif entry.kind in ("answered", "failed"):
            self.usd_known += usd
        # An answer from the cache says nothing of how fast an engine is.
        if entry.kind == "answered" and entry.seconds is not None and entry.usage.requests:
            self.times[_compute_logarithm(entry.seconds)] += 1

    def merge(self, other: _Sum) -> None:
        self.counts.update(other.counts)
        self.usd_known += other.usd_known
        self.saved_usd += other.saved_usd
        self.times.update(other.times)

    def to_line(self, key: str) -> LedgerLine:
        return LedgerLine.model_validate(
            {
                "key": key,
                "usd_known": self.usd_known,
                "saved_usd": self.saved_usd,
                "p50_seconds": _find_percentile(self.times, 50),
                "p95_seconds": _find_percentile(self.times, 95),
                **self.counts,
            }
        )


def _count_entry(entry: LedgerEntry) -> dict[str, int]:
    if entry.kind == "run":
        return {f"runs_{entry.status}": 1} if entry.status else {}
    if entry.kind in _WEBHOOKS:
        return {_WEBHOOKS[entry.kind]: 1}
    if entry.kind in ("cached", "refused"):
        return {entry.kind: 1}
    return {
        "requests": 1,
        "failed": int(entry.kind == "failed"),
        "photos": entry.photos,
        "input_tokens": entry.usage.input_tokens,
        "output_tokens": entry.usage.output_tokens,
        "unpriced": int(entry.usage.usd is None),
    }


_WEBHOOKS = {
    "webhook_delivered": "webhooks_delivered",
    "webhook_failed": "webhook_attempts_failed",
    "webhook_dead": "webhooks_dead",
}


def _compute_logarithm(seconds: float) -> int:
    return round(math.log(min(max(seconds, SHORTEST), LONGEST), STEP))


def _find_percentile(times: Counter[int], percent: int) -> float | None:
    """Finds the time at a percentile, by the nearest rank; None where there are no times."""
    rank = math.ceil(times.total() * percent / 100)
    for logarithm in sorted(times):
        rank -= times[logarithm]
        if rank <= 0:
            return float(STEP**logarithm)
    return None
