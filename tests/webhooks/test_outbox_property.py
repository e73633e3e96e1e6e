"""What holds for an outbox whatever happens to it, and in whatever order."""

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from inspectiq.webhooks import AttemptOutcome, Lease, MemoryOutbox, Message, Outbox, SQLiteOutbox
from inspectiq.webhooks._outbox import FURTHEST

T = TypeVar("T")

ENDPOINTS = ("a", "b")
LEASE = 60.0
WANTED = st.fixed_dictionaries({}, optional=dict.fromkeys(ENDPOINTS, st.integers(0, 4)))


@dataclass
class Kept:
    """What a message should be, by the plainest thing that could be right."""

    message: Message
    due: float
    settled: float = 0.0
    state: str = "pending"
    attempts: int = 0
    token: str = ""


class OutboxMachine(RuleBasedStateMachine):
    """Anything that workers, operators and clocks may do, against a dictionary."""

    leases: Bundle[Lease] = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.outbox = self.make_outbox()
        self.now = 1_800_000_000.0
        self.kept: dict[str, Kept] = {}
        self.disabled: set[str] = set()

    def make_outbox(self) -> Outbox:
        return MemoryOutbox()

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(call)

    def teardown(self) -> None:
        self.run(self.outbox.aclose())
        self.loop.close()

    def may_be_claimed(self, kept: Kept) -> bool:
        return (
            kept.state == "pending"
            and kept.message.endpoint not in self.disabled
            and not self.now < kept.due <= self.now + FURTHEST
        )

    # -- what happens ----------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.add([(1, "a"), (2, "a"), (3, "b")], b"first")

    @rule(
        chosen=st.lists(st.tuples(st.integers(1, 5), st.sampled_from(ENDPOINTS)), max_size=3),
        body=st.binary(max_size=4),
    )
    def add(self, chosen: list[tuple[int, str]], body: bytes) -> None:
        messages = [
            Message(id=f"msg_{n}", endpoint=endpoint, type="t", body=b"%d %b" % (n, body))
            for n, endpoint in chosen
        ]
        expected = []
        for message in messages:
            expected.append(message.id not in self.kept)
            self.kept.setdefault(message.id, Kept(message, self.now))
        assert self.run(self.outbox.add(messages, now=self.now)) == tuple(expected)

    @rule(
        target=leases,
        wanted=st.fixed_dictionaries({}, optional=dict.fromkeys(ENDPOINTS, st.integers(0, 4))),
    )
    def claim(self, wanted: dict[str, int]) -> Any:
        leases = self.run(self.outbox.claim(wanted, now=self.now, lease=LEASE))
        for endpoint in ENDPOINTS:
            due = sorted(
                kept.due
                for kept in self.kept.values()
                if kept.message.endpoint == endpoint and self.may_be_claimed(kept)
            )
            got = [one.message.id for one in leases if one.message.endpoint == endpoint]
            assert [self.kept[id].due for id in got] == due[: wanted.get(endpoint, 0)]
            assert len({*got}) == len(got)
            assert all(self.may_be_claimed(self.kept[id]) for id in got)
        for lease in leases:
            kept = self.kept[lease.message.id]
            assert lease.message == kept.message  # id and body are what was accepted first
            assert lease.attempts == kept.attempts
            kept.token, kept.due = lease.token, self.now + LEASE
        return multiple(*leases)

    @rule(
        lease=consumes(leases),
        state=st.sampled_from(["delivered", "pending", "dead"]),
        wait=st.sampled_from([0.0, 5.0, 300.0, 100_000.0]),
    )
    def settle(self, lease: Lease, state: str, wait: float) -> None:
        outcome = {
            "delivered": AttemptOutcome.delivered(),
            "pending": AttemptOutcome.retry(self.now + wait, "http_500"),
            "dead": AttemptOutcome.dead("http_500"),
        }[state]
        kept = self.kept.get(lease.message.id)
        held = kept is not None and kept.token == lease.token
        assert self.run(self.outbox.record_outcome(lease, outcome, now=self.now)) is held
        if kept is not None and held:
            kept.state, kept.due, kept.token = state, outcome.due, ""
            kept.attempts += 1
            kept.settled = self.now

    @rule(lease=leases)
    def release(self, lease: Lease) -> None:
        self.run(self.outbox.release([lease], now=self.now))
        kept = self.kept.get(lease.message.id)
        if kept is not None and kept.token == lease.token:
            kept.token, kept.due = "", self.now

    @rule(
        ids=st.none() | st.lists(st.integers(1, 5).map("msg_{}".format), max_size=4),
        endpoint=st.none() | st.sampled_from(ENDPOINTS),
    )
    def replay(self, ids: list[str] | None, endpoint: str | None) -> None:
        chosen = [
            kept
            for kept in self.kept.values()
            if (kept.state == "dead" if ids is None else kept.message.id in ids)
            and kept.state != "pending"
            and endpoint in (None, kept.message.endpoint)
        ]
        again = self.run(self.outbox.replay(ids=ids, endpoint=endpoint, now=self.now))
        assert again == len(chosen)
        for kept in chosen:
            kept.state, kept.attempts, kept.due = "pending", 0, self.now

    @rule(endpoint=st.sampled_from(ENDPOINTS))
    def disable(self, endpoint: str) -> None:
        self.run(self.outbox.disable(endpoint, "http_410", now=self.now))
        self.disabled.add(endpoint)

    @rule(endpoint=st.sampled_from(ENDPOINTS))
    def enable(self, endpoint: str) -> None:
        self.run(self.outbox.enable(endpoint, now=self.now))
        if endpoint in self.disabled:
            self.disabled.remove(endpoint)
            for kept in self.kept.values():
                if kept.message.endpoint == endpoint and kept.state == "pending" and not kept.token:
                    kept.due = self.now

    @rule(state=st.sampled_from(["delivered", "dead"]), age=st.sampled_from([0.0, 10.0]))
    def purge(self, state: Any, age: float) -> None:
        before = self.now - age
        old = [
            id for id, kept in self.kept.items() if kept.state == state and kept.settled < before
        ]
        for id in old:
            del self.kept[id]
        assert self.run(self.outbox.purge(state, before=before)) == len(old)

    @rule(seconds=st.sampled_from([0.001, 5.0, LEASE, 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(seconds=st.sampled_from([-3600.0, -31_536_000.0, 31_536_000.0]))
    def somebody_sets_the_clock(self, seconds: float) -> None:
        self.now += seconds

    # -- what holds ------------------------------------------------------------------------------

    @invariant()
    def nothing_that_was_accepted_is_lost_or_changed(self) -> None:
        async def look() -> tuple[Any, Any, Any]:
            return await asyncio.gather(
                self.outbox.list_records(now=self.now),
                self.outbox.count(now=self.now),
                self.outbox.find_next_due(ENDPOINTS),
            )

        records, counts, next_due = self.run(look())
        assert {
            record.id: (record.endpoint, record.state, record.attempts, record.due)
            for record in records
        } == {
            id: (kept.message.endpoint, kept.state, kept.attempts, kept.due)
            for id, kept in self.kept.items()
        }
        assert {
            (one.endpoint, one.pending, one.delivered, one.dead, one.disabled) for one in counts
        } == {self.count(endpoint) for endpoint in self.disabled | self.known()}
        assert next_due == min(
            (
                kept.due
                for kept in self.kept.values()
                if kept.state == "pending" and kept.message.endpoint not in self.disabled
            ),
            default=None,
        )

    def known(self) -> set[str]:
        return {kept.message.endpoint for kept in self.kept.values()}

    def count(self, endpoint: str) -> tuple[str, int, int, int, str]:
        states = [kept.state for kept in self.kept.values() if kept.message.endpoint == endpoint]
        pending, delivered, dead = map(states.count, ("pending", "delivered", "dead"))
        return endpoint, pending, delivered, dead, "http_410" * (endpoint in self.disabled)


class SQLiteOutboxMachine(OutboxMachine):
    """The same on a file, with crashes."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        super().__init__()
        self.crashed: list[Outbox] = []

    def make_outbox(self) -> Outbox:
        return SQLiteOutbox(Path(self.folder.name) / "outbox.sqlite")

    @precondition(lambda self: len(self.crashed) < 3)
    @rule()
    def crash_and_start_again(self) -> None:
        self.crashed.append(self.outbox)
        self.outbox = self.make_outbox()

    @precondition(lambda self: self.crashed)
    @rule()
    def who_was_believed_dead_works_on(self) -> None:
        self.crashed.append(self.outbox)
        self.outbox = self.crashed.pop(0)

    @rule(id=st.integers(1, 5).map("msg_{}".format))
    def look(self, id: str) -> None:
        kept = self.kept.get(id)
        assert self.run(self.outbox.read_body(id)) == (None if kept is None else kept.message.body)

    def teardown(self) -> None:
        for outbox in self.crashed:
            self.run(outbox.aclose())
        super().teardown()
        self.folder.cleanup()


TestAnyStoryInMemory = OutboxMachine.TestCase
TestAnyStoryInMemory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyStoryInAFile = SQLiteOutboxMachine.TestCase
TestAnyStoryInAFile.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
