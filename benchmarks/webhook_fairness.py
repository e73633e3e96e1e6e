"""One endpoint of 21 that hangs: how late are the webhooks of the other twenty?

    python benchmarks/webhook_fairness.py

Runs rounds without and with an endpoint that never answers, in turns, in one process: a real
outbox on the disk, real HTTP on 127.0.0.1. Prints the 95th percentile of the time from acceptance
to delivery for the twenty, for both, and their ratio.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from inspectiq import Inspection, InspectionAgent, WebhookNotifier
from inspectiq._samples import write_samples
from inspectiq.events import Event, WebhookDelivered
from inspectiq.net import NetPolicy
from inspectiq.testing import WebhookReceiver
from inspectiq.webhooks import Endpoint

OTHERS, EVENTS, ROUNDS = 20, 10, 3
EVERY = 0.1  # seconds between results


class Waits:
    """Notes how long webhooks waited, of those endpoints that answer."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_event(self, event: Event, /) -> None:
        if isinstance(event, WebhookDelivered):
            self.seconds.append(event.waited)


async def measure_p95(result: Inspection, folder: Path, *, hang: bool) -> float:
    """Measures the seconds within which 95 % of what the twenty got was delivered."""
    waits = Waits()
    with WebhookReceiver() as fine, WebhookReceiver(answers=lambda _: "hang") as hung:
        endpoints = [Endpoint(url=f"{fine.url}/{n}", name=f"e{n}") for n in range(OTHERS)]
        silent = Endpoint(url=(hung if hang else fine).url, name="the-21st")
        notifier = WebhookNotifier(
            [silent, *endpoints],
            policy=NetPolicy(private=(*fine.policy.private, *hung.policy.private)),
            outbox=folder / f"{time.monotonic_ns()}.sqlite",
            observers=[waits],
        )
        for number in range(EVENTS):
            await notifier.anotify(result.model_copy(update={"id": f"result-{number}"}))
            await asyncio.sleep(EVERY)
        wanted = EVENTS * (OTHERS if hang else OTHERS + 1)
        while len(waits.seconds) < wanted:  # noqa: ASYNC110 - an observer counts
            await asyncio.sleep(0.01)
        await notifier.aclose(grace=0)
    return statistics.quantiles(waits.seconds, n=20)[-1]


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_samples(folder / "photos")
        with InspectionAgent("offline") as agent:
            result = agent.inspect(folder / "photos")
        without, with_it = [], []
        for _ in range(ROUNDS):
            without.append(asyncio.run(measure_p95(result, folder, hang=False)))
            with_it.append(asyncio.run(measure_p95(result, folder, hang=True)))
    a, b = statistics.median(without), statistics.median(with_it)
    print(
        f"p95 without {a * 1000:.0f} ms, with one that hangs {b * 1000:.0f} ms: {b / a:.2f} times"
    )


if __name__ == "__main__":
    main()
