"""The sync API where people use it: a notebook, threads, after fork, under Ctrl-C."""

import asyncio
import contextvars
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from inspectiq import InspectionAgent, Photo, _sync
from inspectiq.events import Event
from inspectiq.testing import FunctionTransport, make_answer

Photos = Callable[..., tuple[Photo, ...]]


def test_it_works_inside_a_running_loop(photos: Photos) -> None:
    async def cell() -> str:
        return InspectionAgent(FunctionTransport(make_answer)).inspect(photos(1)).status

    assert asyncio.run(cell()) == "complete"


def test_it_works_in_eight_threads_at_once(photos: Photos) -> None:
    agent = InspectionAgent(FunctionTransport(make_answer))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: agent.inspect(photos(3), id=f"c{i}"), range(32)))
    assert {result.status for result in results} == {"complete"}
    assert len({result.id for result in results}) == 32
    assert sum(thread.name == "inspectiq" for thread in threading.enumerate()) == 1


def test_a_sync_call_on_its_own_loop_says_what_to_do_instead_of_hanging(photos: Photos) -> None:
    agent = InspectionAgent(FunctionTransport(make_answer))
    told: list[str] = []

    class Nested:
        def on_event(self, event: Event, /) -> None:
            try:
                agent.inspect(photos(1))
            except RuntimeError as error:
                told.append(str(error))

    InspectionAgent(FunctionTransport(make_answer), observers=[Nested()]).inspect(photos(1))
    assert "await its async twin" in told[0]


def test_context_variables_reach_the_transport(photos: Photos) -> None:
    tenant = contextvars.ContextVar("tenant", default="")
    seen: list[str] = []

    def answer(request: object) -> str:
        seen.append(tenant.get())
        return make_answer(request)  # type: ignore[arg-type]

    tenant.set("t1")
    InspectionAgent(FunctionTransport(answer)).inspect(photos(1))
    assert seen == ["t1"]


def test_an_exception_of_the_coroutine_comes_out() -> None:
    async def boom() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        _sync.run(boom())


def test_an_engine_that_exits_ends_its_own_call_and_no_other(photos: Photos) -> None:
    def leaves(request: object) -> str:
        raise SystemExit("bye")

    with pytest.raises(SystemExit, match="bye"):
        InspectionAgent(FunctionTransport(leaves)).inspect(photos(1))
    assert InspectionAgent(FunctionTransport(make_answer)).inspect(photos(1)).status == "complete"


PRELUDE = """
    import io, os, sys, time, random
    from PIL import Image
    from inspectiq import InspectionAgent, Photo
    from inspectiq.testing import FunctionTransport, make_answer
    def photo(i):
        file = io.BytesIO()
        Image.frombytes("RGB", (32, 24), random.Random(i).randbytes(32*24*3)).save(file, "JPEG")
        return Photo.from_bytes(file.getvalue(), name=f"{i}.jpg")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork exists on Unix only")
def test_it_works_in_children_after_fork(tmp_path: Path) -> None:
    code = """
    agent = InspectionAgent(FunctionTransport(make_answer))
    assert agent.inspect([photo(1)]).status == "complete"
    children = []
    for n in range(3):
        child = os.fork()
        if child == 0:
            good = agent.inspect([photo(1), photo(2 + n)], id=str(n)).status == "complete"
            os._exit(0 if good else 1)
        children.append(child)
    codes = [os.waitpid(child, 0)[1] for child in children]
    assert codes == [0, 0, 0], codes
    assert agent.inspect([photo(9)]).status == "complete"
    """
    script = textwrap.dedent(PRELUDE) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent to a single process on Unix")
@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
    reason="SIGINT is ignored, as in a script's background job; run the tests in the foreground",
)
def test_ctrl_c_cancels_the_call_and_the_interpreter_ends() -> None:
    code = """
    import asyncio
    async def hang(request):
        print("hanging", flush=True)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("cancelled", flush=True)
            raise
    try:
        InspectionAgent(FunctionTransport(hang)).inspect([photo(1)])
    except KeyboardInterrupt:
        time.sleep(0.5)
        print("interrupted", flush=True)
    """
    script = textwrap.dedent(PRELUDE) + textwrap.dedent(code)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "hanging\n"
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert out.split() == ["cancelled", "interrupted"]
    assert process.returncode == 0
    assert time.monotonic() - begun < 10


Cell = Callable[[str], tuple[dict[str, Any], str]]


@pytest.fixture(scope="module")
def run_cell() -> Iterator[Cell]:
    """Runs a cell in a real kernel; returns its reply, and what was printed."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager()
    manager.kernel_spec.argv[0] = sys.executable  # type: ignore[union-attr]
    manager.start_kernel()
    client = manager.client()
    client.start_channels()

    def run(cell: str) -> tuple[dict[str, Any], str]:
        shown: list[str] = []
        answer = client.execute_interactive(
            cell,
            timeout=60,
            output_hook=lambda message: shown.append(message["content"].get("text", "")),
        )
        return answer["content"], "".join(shown)

    try:
        client.wait_for_ready(timeout=60)
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_it_works_in_a_real_notebook_kernel(run_cell: Cell, samples: Path) -> None:
    reply, shown = run_cell(
        "import asyncio; asyncio.get_running_loop()\n"  # a notebook cell runs in a loop
        "from inspectiq import InspectionAgent\n"
        f"inspection = InspectionAgent('offline').inspect({str(samples)!r})\n"
        "print(inspection.status, len(inspection.photos))\n"
        f"again = await InspectionAgent('offline').ainspect({str(samples)!r})\n"
        "print(again.status)\n"
    )
    assert reply["status"] == "ok", reply
    assert shown == "partial 7\npartial\n"


def test_a_notebook_shows_the_line_of_a_cell_that_failed(run_cell: Cell, samples: Path) -> None:
    run_cell(
        "from inspectiq import InspectionAgent\n"
        "class Bad(InspectionAgent):\n"
        "    def grade(self, finding, case):\n"
        "        words = 'planted'\n"
        "        raise KeyError('in a cell')\n"
    )
    reply, shown = run_cell(f"Bad('offline').inspect({str(samples)!r})")
    told = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(reply["traceback"]))
    assert reply["ename"] == "KeyError"
    assert "Unexpected exception" not in told + shown
    assert "----> 5         raise KeyError('in a cell')" in told
    assert "_agent.py" in told
