"""What many clients in one process take: start-up, memory, connections, threads.

    python benchmarks/many_clients.py [--clients 200] [--apart]

Each client has an agent with a policy, a cost book, a daily budget, a notifier and an endpoint of
its own. They share one engine, one rate limiter, one outbox and one transport of webhooks; with
`--apart` each has these of its own as well. The engine's API and the receiver of webhooks are a
stand-in in a process of its own on 127.0.0.1, which takes 0.2 s for an answer and counts the
connections that come in. Times are of the processor; memory is what this process takes more than
after one inspection.
"""

import argparse
import asyncio
import io
import multiprocessing
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from api_stand_in import serve
from PIL import Image

from inspectiq import (
    CostBook,
    Inspection,
    InspectionAgent,
    OpenAITransport,
    Photo,
    SeverityPolicy,
    WebhookNotifier,
)
from inspectiq.limits import LocalBudget, LocalRateLimiter
from inspectiq.net import NetPolicy
from inspectiq.webhooks import Endpoint, HTTPWebhookTransport, SQLiteOutbox, create_secret


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--apart", action="store_true", help="share nothing")
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(given.clients, given.apart, ours, Path(folder))
    finally:
        ours.send("end")
        server.join(10)


def _measure(clients: int, apart: bool, server: Connection, folder: Path) -> None:
    port = server.recv()
    picture = Photo.from_bytes(_draw_picture(), name="wall.jpg")
    InspectionAgent(_make_engine(port)).inspect(picture)  # imports, tables
    _ask(server)

    memory, begun = _read_memory(), time.process_time()
    agents, notifiers = zip(*_make_clients(clients, apart, port, folder), strict=True)
    print(f"{clients} clients, {'nothing' if apart else 'engine, limiter and outbox'} shared")
    print(f"start-up     {(time.process_time() - begun) / clients * 1e3:.1f} ms a client")
    print(f"memory       {(_read_memory() - memory) / clients:.0f} kB a client")

    begun = time.process_time()
    results = asyncio.run(_inspect_all(agents, picture))
    print(f"inspections  {(time.process_time() - begun) / clients * 1e3:.1f} ms a client's first")
    deadline, counted = time.monotonic() + 60, Counter[str]()
    while counted["webhooks"] < clients and time.monotonic() < deadline:
        time.sleep(0.2)
        counted += _ask(server)
    print(f"results      {dict(Counter(one.status for one in results))}", end=", ")
    print(f"{counted['webhooks']} webhooks came")
    print(f"connections  {counted['/v1']} to the engine, {counted['/hooks']} to endpoints")
    print(f"memory       {(_read_memory() - memory) / clients:.0f} kB a client, afterwards")
    busy = time.process_time()
    time.sleep(10)
    print(f"idle         {(time.process_time() - busy) * 10:.2f} % of a processor", end=", ")
    print(f"{threading.active_count()} threads")
    for notifier in notifiers:
        notifier.close()


def _make_clients(
    clients: int, apart: bool, port: int, folder: Path
) -> Iterator[tuple[InspectionAgent, WebhookNotifier]]:
    opened = NetPolicy(private=(f"127.0.0.1:{port}",))
    engine, limiter = _make_engine(port), LocalRateLimiter(rpm=60_000)
    outbox, sender = SQLiteOutbox(folder / "outbox.sqlite"), HTTPWebhookTransport(opened)
    for number in range(clients):
        if apart:
            engine, limiter = _make_engine(port), LocalRateLimiter(rpm=60_000)
            outbox = SQLiteOutbox(folder / f"{number}.sqlite")
            sender = HTTPWebhookTransport(opened)
        endpoint = Endpoint(
            name=f"client-{number}",
            url=f"http://127.0.0.1:{port}/hooks/{number}",
            secret=create_secret(),
        )
        notifier = WebhookNotifier(endpoint, policy=opened, outbox=outbox, transport=sender)
        book = CostBook(name=f"client-{number}", version="1", currency="USD")
        agent = InspectionAgent(
            engine,
            severity=SeverityPolicy.of("house", review_below=0.3 + number / 1000),
            cost_book=book.merge_over(CostBook.default()),
            limiter=limiter,
            budgets=[LocalBudget(usd=20, per="day")],
            sinks=[notifier],
        )
        yield agent, notifier


async def _inspect_all(agents: Sequence[InspectionAgent], picture: Photo) -> list[Inspection]:
    runs = (agent.ainspect(picture, id=f"case-{number}") for number, agent in enumerate(agents))
    return await asyncio.gather(*runs)


def _make_engine(port: int) -> OpenAITransport:
    return OpenAITransport(
        "gpt-6-luna", base_url=f"http://127.0.0.1:{port}/v1", api_key="sk-benchmark"
    )


def _draw_picture() -> bytes:
    noise = Image.frombytes("RGB", (80, 60), random.Random(1).randbytes(80 * 60 * 3))
    file = io.BytesIO()
    noise.resize((800, 600), Image.Resampling.BILINEAR).save(file, "JPEG", quality=80)
    return file.getvalue()


def _read_memory() -> int:
    """Reads the resident memory of this process, in kB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def _ask(server: Connection) -> Counter[str]:
    """Asks the stand-in what it counted since it was last asked."""
    server.send("count")
    counted: Counter[str] = server.recv()
    return counted


if __name__ == "__main__":
    main()
