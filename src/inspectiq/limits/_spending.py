"""What calls cost, took and came to: one entry each, and sums of them in bounded memory."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from inspectiq._text import to_one_line
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap, Moment, Value
from inspectiq.domain._results import Status
from inspectiq.errors import ConfigError

__all__ = ["LedgerEntry", "LedgerLine", "LedgerSums", "render_table"]

Count = Annotated[int, Field(ge=0)]

NOT_KEPT = "(tags not kept)"
LEGEND = (
    "usd +n?: and n calls of unknown price; runs c/p/f: complete, partial, failed; "
    "hooks d/x: delivered, given up"
)

# Our assumption: fine enough to tell whether engines slow down, and some 30 numbers for a model.
STEP = 1.1  # a time is known to the square root of it, 5 %
SHORTEST, LONGEST = 0.001, 86_400.0


class LedgerEntry(Value):
    """One accounted event. No photos, no file names, no addresses, no words of an engine.

    Attributes:
        ts: When it was accounted, UTC.
        kind: `answered` or `failed` (a request, for good), `cached` (an answer that was paid for
            before), `refused` (by a budget), `run` (a whole run; its requests have their own),
            `webhook_delivered`, `webhook_failed` (an attempt), `webhook_dead` (given up).
        run_id: The run of the agent.
        case_id: The case.
        tags: The host's labels of the case.
        provider, model: The engine; "" where the event does not say.
        photos: How many photos the request was about; 0 for a run.
        usage: What a request cost, or what a cached answer saved; `usd` is None where that is not
            known.
        seconds: How long the request, the run or the attempt took; None for the others.
        error: Class of the error of a failed request, or why a webhook failed.
        endpoint: Of a webhook.
        status: Complete, partial or failed, for a run.
    """

    ts: Moment
    kind: Literal[
        "answered",
        "failed",
        "cached",
        "refused",
        "run",
        "webhook_delivered",
        "webhook_failed",
        "webhook_dead",
    ]
    run_id: str = ""
    case_id: str = ""
    tags: FrozenMap[str] = FrozenMap()
    provider: str = ""
    model: str = ""
    photos: Count = 0
    usage: Usage = Field(default_factory=Usage)
    seconds: Annotated[float | None, Field(ge=0)] = None
    error: str | None = None
    status: Status | None = None
    endpoint: str | None = None


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
        input_tokens, output_tokens: Of all requests, as far as is known.
        usd_known: Dollars of the requests whose price is known.
        unpriced: Requests whose price is not known: the model has none, or a failed request did
            not say what was paid all the same.
        saved_usd: What the cached answers cost when they were paid for, as far as is known.
        p50_seconds, p95_seconds: Half and 95 % of what an engine answered came within so long;
            None where nothing did. Times below 1 ms count as 1 ms, those above a day as a day.
        runs_complete, runs_partial, runs_failed: Runs by their status.
        webhooks_delivered, webhooks_dead: Webhooks that were taken, and that were given up.
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
    """Sums by day, model and tags. Not thread-safe.

    Args:
        keep: How many combinations of day, model and tags are kept apart. After that, new ones are
            counted without their tags: totals, days and models stay exact.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._sums: defaultdict[_SumKey, _Sum] = defaultdict(_Sum)

    def add(self, entry: LedgerEntry) -> None:
        bucket = _SumKey.of(entry)
        if bucket not in self._sums and len(self._sums) >= self._keep:
            bucket = bucket._replace(tags=None)
        self._sums[bucket].add(entry)

    def lines(
        self, by: str | None, since: date | None, until: date | None
    ) -> tuple[LedgerLine, ...]:
        """Lines in the order of their keys; see `Ledger.summarise`."""
        if any(isinstance(day, datetime) for day in (since, until)):
            raise ConfigError("since and until are days (UTC); give a date, such as moment.date()")
        if by is not None and by not in ("model", "day") and not by.startswith("tag:"):
            raise ConfigError("by is 'model', 'day', 'tag:NAME' or None")
        grouped: defaultdict[str, _Sum] = defaultdict(_Sum)
        if by is None:
            grouped[""] = _Sum()
        for bucket, total in self._sums.items():
            if (since or date.min) <= bucket.day <= (until or date.max):
                grouped[bucket.key(by)].merge(total)
        return tuple(grouped[key].line(key) for key in sorted(grouped))


def render_table(lines: Iterable[LedgerLine]) -> str:
    """The lines for a terminal."""
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
    """What is summed together; `tags` is None where they are not kept."""

    day: date
    provider: str
    model: str
    tags: FrozenMap[str] | None

    @classmethod
    def of(cls, entry: LedgerEntry) -> _SumKey:
        day = entry.ts.astimezone(UTC).date()
        return cls(day, entry.provider, entry.model, entry.tags)

    def key(self, by: str | None) -> str:
        if by is None:
            return ""
        if by == "day":
            return self.day.isoformat()
        if by == "model":
            return f"{self.provider}:{self.model}" if self.provider or self.model else ""
        return NOT_KEPT if self.tags is None else self.tags.get(by.removeprefix("tag:"), "")


@dataclass(slots=True)
class _Sum:
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

    def line(self, key: str) -> LedgerLine:
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
    """The nearest rank; None where there are no times."""
    rank = math.ceil(times.total() * percent / 100)
    for logarithm in sorted(times):
        rank -= times[logarithm]
        if rank <= 0:
            return float(STEP**logarithm)
    return None
