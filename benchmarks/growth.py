"""How time, dollars and memory grow: with photos of an inspection, and with inspections at once.

    python benchmarks/growth.py [--model gpt-4.1]

Each size runs in a process of its own. The engine's API is a stand-in in another process on
127.0.0.1, which takes .7 s, .15 s a photo and 12 ms for each token that it writes, and finds one
scripted issue a photo; its tokens are four bytes of text each, besides what the model table counts
for a picture. All of that is our assumption. The photos are drawn, 1024 x 768 pixels, and no two
are alike.
"""

import argparse
import asyncio
import io
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from api_stand_in import serve
from PIL import Image

from inspectiq import Case, Inspection, InspectionAgent, OpenAITransport, Photo
from inspectiq.agents import CaseOutcome

PHOTOS = (1, 10, 100, 1000)
AT_ONCE = (1, 10, 100, 1000)
EACH = 3  # photos of an inspection, where it is inspections that grow
LATENCY = (0.7, 0.15, 0.012)
SIZE = 1024, 768


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="gpt-4.1")
    given = parser.parse_args()
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    server = fresh.Process(target=serve, args=(theirs, *LATENCY))
    server.start()
    try:
        port = ours.recv()
        with tempfile.TemporaryDirectory() as folder:
            _draw_photos(Path(folder), max(PHOTOS))
            print("inspections  photos each   seconds  photos/s       usd  peak MB  MB over start")
            for inspections, photos in [(1, n) for n in PHOTOS] + [(n, EACH) for n in AT_ONCE]:
                job = (given.model, port, Path(folder), inspections, photos)
                child = fresh.Process(target=_measure, args=job)
                child.start()
                child.join()
    finally:
        ours.send("end")
        server.join(10)


def _measure(model: str, port: int, folder: Path, inspections: int, photos: int) -> None:
    server = f"http://127.0.0.1:{port}/v1"
    engine = OpenAITransport(model, base_url=server, api_key="sk-benchmark")
    agent = InspectionAgent(engine)
    asyncio.run(engine.aopen())  # imports the SDK
    start, begun = _read_peak(), time.monotonic()
    cases = list(_make_cases(folder, inspections, photos))
    outcomes = list(agent.run_many(cases, at_once=inspections))
    took, usd = time.monotonic() - begun, sum(map(_count_usd, outcomes))
    peak = _read_peak()
    print(
        f"{inspections:11}  {photos:11}  {took:8.1f}  {inspections * photos / took:8.1f}"
        f"  {usd:8.4f}  {peak:7.0f}  {peak - start:13.0f}"
    )


def _make_cases(folder: Path, inspections: int, photos: int) -> Iterator[Case]:
    files = sorted(folder.iterdir())
    for number in range(inspections):
        first = number * photos % len(files)
        own = tuple(map(Photo.from_path, files[first : first + photos]))
        yield Case(id=f"case-{number}", photos=own)


def _count_usd(outcome: CaseOutcome[Inspection]) -> Decimal:
    result = outcome.result
    if result is None or result.status != "complete" or result.usage.usd is None:
        raise SystemExit(f"{outcome.case_id} is not complete: {outcome.error}")
    return result.usage.usd


def _draw_photos(folder: Path, count: int) -> None:
    for number in range(count):
        noise = Image.frombytes("RGB", (80, 60), random.Random(number).randbytes(80 * 60 * 3))
        file = io.BytesIO()
        noise.resize(SIZE, Image.Resampling.BILINEAR).save(file, "JPEG", quality=92)
        (folder / f"{number:04}.jpg").write_bytes(file.getvalue())


def _read_peak() -> float:
    """Reads the most memory that this process ever took, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
