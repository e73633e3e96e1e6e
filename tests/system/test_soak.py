"""Many runs in one process: nothing piles up."""

import gc
import os
import resource
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inspectiq import InspectionAgent, Photo
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.conftest import render_jpeg

pytestmark = pytest.mark.system


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _threads() -> Counter[str]:
    """How many threads there are, by what they are for."""

    def purpose(name: str) -> str:
        if name == "inspectiq":
            return "loop"
        if name.startswith("inspectiq-prepare"):
            return "darkroom"
        return "asyncio" if name.startswith("asyncio_") else "other"

    return Counter(purpose(thread.name) for thread in threading.enumerate())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="run it on Linux: needs /proc")
def test_two_thousand_inspections_in_eight_threads_leave_no_threads_files_or_memory() -> None:
    photos = [render_jpeg(seed, size=(640, 480)) for seed in range(40)]
    agent: InspectionAgent | None = None

    def one(number: int) -> str:
        nonlocal agent
        engine = FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))
        agent = InspectionAgent(engine)
        chosen = [Photo.from_bytes(photos[(number + i) % 40], name=f"{i}.jpg") for i in range(2)]
        return agent.inspect(chosen).status

    def many(count: int, run: Callable[[int], str]) -> None:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(run, range(count))) == {"complete"}

    many(200, one)  # warms caches and pools
    gc.collect()
    memory, files = _rss_mb(), len(list(Path("/proc/self/fd").iterdir()))
    others = _threads()["other"]
    many(1800, one)
    gc.collect()
    # Pools fill up one thread at a time, so what counts is that none outgrows its bound.
    threads = _threads()
    assert threads["loop"] == 1
    assert threads["darkroom"] <= min(4, os.cpu_count() or 1)
    assert threads["asyncio"] <= min(32, (os.cpu_count() or 1) + 4)  # its default executor's bound
    assert threads["other"] <= others
    assert len(list(Path("/proc/self/fd").iterdir())) <= files
    assert _rss_mb() - memory < 40
