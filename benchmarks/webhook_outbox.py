"""How fast webhooks are accepted for good, and worked off, by the outbox in a file.

    python benchmarks/webhook_outbox.py [--folder DIR] [--seconds 3]

Each rate is the median of five rounds. The baseline is the same disk in the same run: SQLite
alone, with the same safety, one insert and one commit after another.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from inspectiq.webhooks import AttemptOutcome, Message, SQLiteOutbox

ROUNDS = 5
SIZES = (3_000, 20_000)  # bytes
CALLERS = (1, 8, 64)


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each round")
    given = parser.parse_args()
    print(f"SQLite {sqlite3.sqlite_version}; events a second, each on the disk")
    for size in SIZES:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            await _measure(Path(folder), b"x" * size, given.seconds)


async def _measure(folder: Path, body: bytes, seconds: float) -> None:
    outbox = SQLiteOutbox(folder / "outbox.sqlite")
    numbers = iter(range(10**9))

    async def accept() -> int:
        id = f"msg_{next(numbers)}"
        message = Message(id=id, endpoint="crm", type="inspection.completed", body=body)
        return len(await outbox.add([message], now=time.time()))

    async def deliver() -> int:
        leases = await outbox.claim({"crm": 4}, now=time.time(), lease=60)
        done = AttemptOutcome.delivered()
        await asyncio.gather(
            *(outbox.record_outcome(lease, done, now=time.time()) for lease in leases)
        )
        return len(leases)

    await accept()
    rates: dict[str, list[float]] = {}
    for number in range(ROUNDS):  # in turns, since a disk has moods
        raw = _measure_raw_rate(folder / f"raw-{number}.sqlite", body, seconds)
        rates.setdefault("SQLite alone, one by one", []).append(raw)
        for callers in CALLERS:
            rate = await _measure_rate(accept, callers, seconds)
            rates.setdefault(f"accepted, {callers:2} callers", []).append(rate)
    for _ in range(ROUNDS):
        for workers in (1, 8):
            rate = await _measure_rate(deliver, workers, seconds)
            rates.setdefault(f"claimed and settled, {workers} workers of 4", []).append(rate)
    await outbox.aclose()
    baseline = statistics.median(rates["SQLite alone, one by one"])
    print(f"\nbodies of {len(body) / 1000:.0f} kB")
    for what, measured in rates.items():
        rate = statistics.median(measured)
        spread = f"{min(measured):,.0f}-{max(measured):,.0f}"
        print(f"{what:36} {rate:8,.0f}  ({spread})  {rate / baseline:6.1f} x")


async def _measure_rate(work: Callable[[], Awaitable[int]], workers: int, seconds: float) -> float:
    begun = time.perf_counter()

    async def keep_working() -> int:
        done = 0
        while time.perf_counter() - begun < seconds:
            done += await work()
        return done

    done = sum(await asyncio.gather(*(keep_working() for _ in range(workers))))
    return done / (time.perf_counter() - begun)


def _measure_raw_rate(path: Path, body: bytes, seconds: float) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = TRUNCATE")
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("CREATE TABLE messages (id TEXT PRIMARY KEY, body BLOB)")
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO messages VALUES (?, ?)", (f"msg_{done}", body))
            raw.execute("COMMIT")
            done += 1
        return done / (time.perf_counter() - begun)


if __name__ == "__main__":
    asyncio.run(main())
