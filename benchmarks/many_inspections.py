"""What a run over many cases takes besides the cases: memory, processor time, syncs of the disk.

    python benchmarks/many_inspections.py [--cases 20000] [--at-once 32] [--no-checkpoint] [--full]

The agent is a stub that gives the same small result at once, so that all that is measured is
pulling, the checkpoint and the outcomes. With `--full` it is a whole agent with a scripted engine,
and each case has a small photo of its own. Memory is what the process takes more than after the
first hundred cases; the checkpoint is then resumed from, which is measured as well.
"""

import argparse
import io
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from inspectiq import Case, Inspection, InspectionAgent, Photo
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from inspectiq.transports import VisionRequest, VisionResponse

MARKS = (5_000, 10_000, 20_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--no-checkpoint", action="store_true", help="keep no outcomes")
    parser.add_argument("--full", action="store_true", help="a whole agent, with photos")
    given = parser.parse_args()
    engine = _Engine(_answer)
    agent = InspectionAgent(engine) if given.full else _Stub(engine)
    list(agent.run_many(_make_cases(100, given.full)))  # imports, tables
    with tempfile.TemporaryDirectory() as folder:
        file = None if given.no_checkpoint else Path(folder) / "runs.jsonl"
        _measure("asked", agent, given, file)
        if file is not None:
            print(f"file     {file.stat().st_size / given.cases:.0f} bytes a case")
            _measure("resumed", agent, given, file)


def _measure(what: str, agent: InspectionAgent, given: Any, file: Path | None) -> None:
    syncs, sync = 0, os.fsync

    def count_sync(fd: Any) -> None:
        nonlocal syncs
        syncs += 1
        sync(fd)

    os.fsync = count_sync
    start, busy, begun = _read_memory(), time.process_time(), time.monotonic()
    outcomes = agent.run_many(
        _make_cases(given.cases, given.full), checkpoint=file, at_once=given.at_once
    )
    for done, outcome in enumerate(outcomes, start=1):
        if outcome.error is not None:
            raise outcome.error
        if done in MARKS:
            print(f"{what:8} {done} cases, {(_read_memory() - start) / 1000:.1f} MB more")
    took, used = time.monotonic() - begun, time.process_time() - busy
    os.fsync = sync
    print(
        f"{what:8} {used / given.cases * 1e3:.3f} ms of a processor and "
        f"{took / given.cases * 1e3:.3f} ms of time a case, {syncs} syncs of the disk"
    )


async def _answer(request: VisionRequest) -> str:
    return make_answer(request, [make_issue("clog", 1)])


class _Engine(FunctionTransport):
    """A scripted engine that does not remember what it was asked."""

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        response = await super().send(request)
        self.requests.clear()
        return response


class _Stub(InspectionAgent):
    """An agent that asks nobody."""

    _result: Inspection | None = None

    async def _run(self, case: Case, run: Any) -> Inspection:
        if self._result is None:
            self._result = await super()._run(case, run)
        return self._result.model_copy(update={"id": f"r-{case.id}"})


def _make_cases(count: int, full: bool) -> Iterator[Case]:
    photo = Photo.from_bytes(_draw_picture(0), name="wall.jpg")
    for number in range(count):
        if full:
            photo = Photo.from_bytes(_draw_picture(number), name=f"{number}.jpg")
        yield Case(id=f"case-{number}", photos=(photo,))


def _draw_picture(number: int) -> bytes:
    noise = Image.frombytes("RGB", (80, 60), random.Random(number).randbytes(80 * 60 * 3))
    file = io.BytesIO()
    noise.resize((400, 300), Image.Resampling.BILINEAR).save(file, "JPEG", quality=80)
    return file.getvalue()


def _read_memory() -> int:
    """Reads the resident memory of this process, in kB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


if __name__ == "__main__":
    main()
