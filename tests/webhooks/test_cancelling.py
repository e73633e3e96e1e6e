"""Cancelled or closed at any moment: no task, no socket and no lease stays behind."""

import asyncio
import gc
import time
from pathlib import Path

import pytest

from inspectiq import WebhookNotifier, _sync
from inspectiq.testing import ReceiverAnswer, WebhookReceiver
from inspectiq.webhooks import Receipt, SQLiteOutbox
from tests.webhooks.results import numbered

EVENTS = 6


def sockets() -> int:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("only Linux lists a process's sockets; run it there")
    links = []
    for entry in folder.iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return sum(link.startswith("socket:") for link in links)


def sockets_before() -> int:
    numbered(0)
    _sync.run(asyncio.sleep(0))  # the background's own loop has sockets as well
    return sockets()


def assert_closed(before: int) -> None:
    gc.collect()
    until = time.monotonic() + 5
    while sockets() > before and time.monotonic() < until:
        time.sleep(0.02)  # the receiver's ends close a moment after ours
    assert sockets() <= before


async def after_steps(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def leased(outbox: SQLiteOutbox) -> int:
    return sum(counted.leased for counted in await outbox.count(now=0))


@pytest.mark.parametrize(
    "tens", [pytest.param(n, marks=() if n in (0, 9) else pytest.mark.system) for n in range(10)]
)
def test_cancelling_at_any_of_200_points_leaves_nothing_behind(tens: int, tmp_path: Path) -> None:
    def answer(_: object) -> ReceiverAnswer:
        return ReceiverAnswer(status=200 if len(receiver.received) % 3 else 500, delay=0.002)

    async def once(number: int) -> None:
        outbox = SQLiteOutbox(tmp_path / f"{number}.sqlite")
        notifier = WebhookNotifier(
            receiver.url, policy=receiver.policy, outbox=outbox, background=False
        )
        accepted: list[Receipt] = []

        async def work() -> None:
            for event in range(EVENTS):
                accepted.extend(await notifier.anotify(numbered(event)))
            await notifier.adeliver_due()

        task = asyncio.create_task(work())
        # The first points are single steps of the loop, the later ones are moments.
        await (after_steps(number) if number < 100 else asyncio.sleep((number - 100) / 1500))
        task.cancel()
        await asyncio.wait([task])
        await notifier.aclose(grace=0)
        assert await leased(outbox) == 0
        records = await outbox.list_records(now=0)
        assert {one.id for one in accepted} <= {record.id for record in records}
        left = [other for other in asyncio.all_tasks() if other is not asyncio.current_task()]
        assert left == []
        # All of it can still be delivered.
        await notifier.adeliver_due()
        await notifier.aclose()
        await outbox.aclose()

    before = sockets_before()
    with WebhookReceiver(answers=answer) as receiver:
        for number in range(tens * 20, tens * 20 + 20):
            asyncio.run(once(number))
    assert_closed(before)


def test_closing_under_load_leaves_nothing_behind(tmp_path: Path) -> None:
    before = sockets_before()

    async def once(grace: float) -> None:
        outbox = SQLiteOutbox(tmp_path / f"{grace}.sqlite")
        notifier = WebhookNotifier(receiver.url, policy=receiver.policy, outbox=outbox)

        async def caller(name: int) -> None:
            for event in range(20):
                await notifier.anotify(numbered(f"{name}-{event}"))

        callers = [asyncio.create_task(caller(name)) for name in range(16)]
        await asyncio.sleep(0.1)
        await notifier.aclose(grace=grace, drain=0)
        await asyncio.gather(*callers)  # accepting goes on, and starts the background again
        await notifier.aclose(grace=grace, drain=0)
        counts = await outbox.count(now=0)
        assert sum(one.pending + one.delivered for one in counts) == 16 * 20
        assert sum(one.leased for one in counts) == 0
        await outbox.aclose()
        left = [other for other in asyncio.all_tasks() if other is not asyncio.current_task()]
        assert left == []

    with WebhookReceiver(answers=lambda _: ReceiverAnswer(delay=0.01)) as receiver:
        for grace in (0.0, 2.0):
            asyncio.run(once(grace))
    assert_closed(before)
