"""Workers that make greenlets of threads: 16 tasks at once in each are told what to use instead.

`FOREIGN_GREENLETS` names a Python that has Celery, gunicorn, gevent, eventlet and inspectiq.
"""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.foreign.servers import find_free_port
from tests.transports.openai.stand_in import StandIn, responses, seen

pytestmark = pytest.mark.foreign

TASKS = 16
POOLS = ("gevent", "eventlet")
SAID = "{} has replaced Python's threads, and asyncio cannot run beside it; use workers of threads"
GATHER = """
from tests.foreign.greenlets import inspect, run_a_loop
results = [inspect.delay() for _ in range({tasks})]
print(*(result.get(timeout=100) for result in results), sep=chr(10))
print(run_a_loop.delay().get(timeout=20))
"""


@pytest.fixture
def environment(tmp_path: Path, samples: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "queue").mkdir()
    (tmp_path / "results").mkdir()
    with StandIn(lambda body: responses(seen(body))) as server:
        yield {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).parent.parent.parent),
            "OPENAI_API_KEY": "sk-x",
            "OPENAI_BASE_URL": server.url,
            "BROKER": "filesystem://",
            "BACKEND": f"file://{tmp_path}/results",
            "QUEUE": f"{tmp_path}/queue",
            "PHOTOS": str(samples),
        }


@contextmanager
def running(folder: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[None]:
    """A worker, which is ended when the block is left; its log is shown if the block fails."""
    with (folder / "log").open("wb") as log:
        worker = subprocess.Popen(
            [os.environ["FOREIGN_GREENLETS"], "-m", *arguments],
            env=dict(environment),
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            yield
        except Exception:
            print((folder / "log").read_text(errors="replace")[-5000:])
            raise
        finally:
            worker.terminate()
            worker.wait(30)


@pytest.mark.parametrize("pool", POOLS)
def test_a_celery_worker(pool: str, tmp_path: Path, environment: dict[str, str]) -> None:
    command = ("celery", "-A", "tests.foreign.greenlets:celery", "worker", "-P", pool)
    with running(tmp_path, environment, *command, "-c", str(TASKS)):
        done = subprocess.run(
            [os.environ["FOREIGN_GREENLETS"], "-c", GATHER.format(tasks=TASKS)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    *said, loop = done.stdout.splitlines()
    assert len(said) == TASKS, done.stdout
    assert all(one.startswith(SAID.format(pool)) for one in said)
    assert loop == "fine"


def test_a_gunicorn_worker(tmp_path: Path, environment: dict[str, str]) -> None:
    port = find_free_port()
    url = f"http://127.0.0.1:{port}/"
    command = ("gunicorn", "tests.foreign.greenlets:app", "-k", "gevent", "-b", f"127.0.0.1:{port}")
    with running(tmp_path, environment, *command):
        said = [ask(url)]
        with ThreadPoolExecutor(TASKS) as askers:
            said += askers.map(ask, [url] * TASKS)
        loop = ask(f"{url}loop")
    assert len(said) == TASKS + 1
    assert all(one.startswith(SAID.format("gevent")) for one in said)
    assert loop == "fine"


def ask(url: str) -> str:
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return str(answer.read().decode())
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
