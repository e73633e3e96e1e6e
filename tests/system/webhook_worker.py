"""A process that accepts and delivers webhooks until somebody ends it."""

import itertools
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

from inspectiq import Inspection, WebhookNotifier
from inspectiq.net import NetPolicy
from inspectiq.webhooks import Endpoint, Pace, Schedule

IN_FLIGHT = 4
ATTEMPTS = 6
PACE = Pace(in_flight=IN_FLIGHT, per_second=10_000, failures=10_000, timeout=5, lease=10)
SCHEDULE = Schedule(waits=(0.0,) + (0.2,) * (ATTEMPTS - 1), busy_wait=0)


@dataclass(frozen=True)
class Work:
    """What all workers share; it pickles.

    Attributes:
        url, secret, policy: Of the receiver.
        folder: With the outbox, and what each worker says that it has accepted.
        result: To tell of, under many ids.
        pause: Seconds between results.
        grace: Seconds that a worker waits for what is under way when it is told to end.
    """

    url: str
    secret: str
    policy: NetPolicy
    folder: Path
    result: Inspection
    pause: float = 0.005
    grace: float = 5.0

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox.sqlite"

    def notifier(self, *, background: bool = True) -> WebhookNotifier:
        return WebhookNotifier(
            Endpoint(url=self.url, secret=self.secret, name="crm"),
            policy=self.policy,
            outbox=self.outbox,
            schedule=SCHEDULE,
            pace=PACE,
            background=background,
        )

    def accepted(self) -> list[str]:
        """Ids that workers have accepted, as they said after the call had returned."""
        return [
            id
            for file in sorted(self.folder.glob("accepted-*"))
            for id in file.read_text(encoding="ascii").split()
        ]


def run(work: Work, name: str) -> None:
    """Accepts and delivers until SIGTERM."""
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    notifier = work.notifier()
    with (work.folder / f"accepted-{name}").open("ab", buffering=0) as told:
        for number in itertools.count():
            result = work.result.model_copy(update={"id": f"{name}-{number}"})
            (receipt,) = notifier.notify(result)
            told.write(f"{receipt.id}\n".encode())
            if ending.wait(work.pause):
                break
    notifier.close(work.grace)
