"""Processes that are killed while they accept and deliver lose nothing that they accepted."""

import asyncio
import multiprocessing
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from inspectiq.testing import ReceivedWebhook, ReceiverAnswer, WebhookReceiver
from inspectiq.testing._receiver import Scripted
from inspectiq.webhooks import DeliveryRecord
from tests.system.webhook_worker import IN_FLIGHT, Work, run
from tests.webhooks.results import an_inspection

pytestmark = pytest.mark.system

WORKERS = 4
KILLS = 100


class Taking:
    """What the receiver answers, and what it took by that: ids that it answered with 200."""

    def __init__(self, answer: Callable[[ReceivedWebhook], Scripted]) -> None:
        self._answer = answer
        self.taken: Counter[str] = Counter()
        self.bodies: defaultdict[str, set[bytes]] = defaultdict(set)

    def __call__(self, webhook: ReceivedWebhook) -> Scripted:
        assert webhook.verified
        answer = self._answer(webhook)
        self.bodies[webhook.id].add(webhook.body)
        if answer == 200 or (isinstance(answer, ReceiverAnswer) and answer.status == 200):
            self.taken[webhook.id] += 1
        return answer

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.taken.values())


class Crew:
    """Workers, each of which is followed by another when it is killed."""

    def __init__(self, work: Work) -> None:
        # From a process that has imported everything and runs no thread, so that a start is quick.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pytest", "tests.system.webhook_worker"])
        self._work = work
        self._names = iter(f"w{number}" for number in range(1000))
        self.running: list[BaseProcess] = []

    def start(self) -> None:
        name = next(self._names)
        process = self._context.Process(target=run, args=(self._work, name), name=name)
        process.start()
        self.running.append(process)

    def wait_until_all_accept(self) -> None:
        files = [self._work.folder / f"accepted-{process.name}" for process in self.running]
        _wait_until(lambda: all(file.exists() and file.stat().st_size for file in files))

    def kill(self, process: BaseProcess) -> None:
        assert process.exitcode is None, "a worker ended by itself"
        self.running.remove(process)
        process.kill()
        process.join()

    def end(self) -> list[int | None]:
        """Tells all to end, and waits for it; their exit codes."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.join(30)
        codes = [process.exitcode for process in self.running]
        self.running.clear()
        return codes


@contextmanager
def crew(work: Work) -> Iterator[Crew]:
    workers = Crew(work)
    try:
        for _ in range(WORKERS):
            workers.start()
        yield workers
    finally:
        for process in list(workers.running):
            process.kill()
            process.join()


def _wait_until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def _records(work: Work) -> dict[str, DeliveryRecord]:
    notifier = work.notifier(background=False)
    found = asyncio.run(notifier.outbox.list_records(limit=1_000_000, now=time.time()))
    notifier.close()
    return {record.id: record for record in found}


def _deliver_the_rest(work: Work) -> None:
    with work.notifier(background=False) as notifier:
        while True:
            notifier.deliver_due()
            due = asyncio.run(notifier.outbox.find_next_due(["crm"]))
            if due is None:
                return
            time.sleep(max(0.0, due - time.time()))


def test_a_hundred_kills_lose_nothing_that_was_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    answers: list[Scripted] = [200, 500, "reset"]
    taking = Taking(lambda _: chance.choices(answers, [70, 20, 10])[0])
    with WebhookReceiver(answers=taking) as receiver:
        work = Work(
            url=receiver.url,
            secret=receiver.secret,
            policy=receiver.policy,
            folder=tmp_path,
            result=an_inspection(),
        )
        begun = time.monotonic()
        with crew(work) as workers:
            workers.wait_until_all_accept()
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.05, 0.5))
                workers.kill(chance.choice(workers.running))
                workers.start()
            workers.wait_until_all_accept()
            assert set(workers.end()) == {0}
        killing = time.monotonic() - begun
        _deliver_the_rest(work)
    accepted, records = work.accepted(), _records(work)
    assert len(accepted) == len(set(accepted))
    states = Counter(records[id].state for id in accepted)  # a lost one is a KeyError
    with capsys.disabled():
        print(
            f"\n{KILLS} kills in {killing:.0f} s: {len(accepted)} accepted, {dict(states)}, "
            f"{len(records) - len(accepted)} kept that nobody was told of, "
            f"{taking.duplicates} duplicates, {len(receiver.received)} requests, "
            f"{time.monotonic() - begun:.0f} s in all"
        )
    assert set(states) <= {"delivered", "dead"}
    assert all(taking.taken[id] for id in accepted if records[id].state == "delivered")
    assert taking.duplicates <= KILLS * IN_FLIGHT
    assert all(len(bodies) == 1 for bodies in taking.bodies.values())


def test_workers_that_are_told_to_end_deliver_nothing_twice_and_leave_no_lease(
    tmp_path: Path,
) -> None:
    chance, hung = random.Random(7), set[str]()

    def answer(webhook: ReceivedWebhook) -> Scripted:
        if webhook.id not in hung and chance.random() < 0.05:
            hung.add(webhook.id)
            return "hang"  # until its sender leaves
        return ReceiverAnswer(delay=chance.uniform(0, 0.05))

    taking = Taking(answer)
    with WebhookReceiver(answers=taking) as receiver:
        work = Work(
            url=receiver.url,
            secret=receiver.secret,
            policy=receiver.policy,
            folder=tmp_path,
            result=an_inspection(),
            grace=0.5,
        )
        with crew(work) as workers:
            workers.wait_until_all_accept()
            _wait_until(lambda: len(taking.taken) >= 100 and len(hung) >= WORKERS)
            assert workers.end() == [0] * WORKERS
        now, records = time.time(), _records(work)
        waiting = [record for record in records.values() if record.state == "pending"]
        assert not [record for record in waiting if record.leased]
        assert not [record for record in waiting if record.due > now]  # all at once
        _deliver_the_rest(work)
    accepted = work.accepted()
    assert len(accepted) == len(records)
    assert {record.state for record in _records(work).values()} == {"delivered"}
    assert set(taking.taken) == set(accepted)
    assert taking.duplicates == 0
