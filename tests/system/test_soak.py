"""Many runs in one process: nothing piles up."""

import gc
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inspectiq import InspectionAgent, Photo
from inspectiq.testing import FunctionTransport, issue, reply
from tests.conftest import render_jpeg

pytestmark = pytest.mark.system


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="run it on Linux: needs /proc")
def test_two_thousand_inspections_in_eight_threads_leave_no_threads_files_or_memory() -> None:
    photos = [render_jpeg(seed, size=(640, 480)) for seed in range(40)]
    agent: InspectionAgent | None = None

    def one(number: int) -> str:
        nonlocal agent
        engine = FunctionTransport(lambda request: reply(request, [issue("clog", 1)]))
        agent = InspectionAgent(engine)
        chosen = [Photo.from_bytes(photos[(number + i) % 40], name=f"{i}.jpg") for i in range(2)]
        return agent.inspect(chosen).status

    def many(count: int, run: Callable[[int], str]) -> None:
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(run, range(count))) == {"complete"}

    many(200, one)  # warms caches and pools
    gc.collect()
    memory, files = _rss_mb(), len(list(Path("/proc/self/fd").iterdir()))
    threads = threading.active_count()
    many(1800, one)
    gc.collect()
    assert threading.active_count() <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= files
    assert _rss_mb() - memory < 40
