"""What every outbox must keep; subclass it in your tests and say how yours is made."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from inspectiq.errors import DeliveryError
from inspectiq.webhooks._messages import (
    AttemptOutcome,
    DeliveryRecord,
    EndpointCounts,
    Lease,
    Message,
)
from inspectiq.webhooks._outbox import Outbox

__all__ = ["OutboxContract"]

T = TypeVar("T")

NOW = 1_800_000_000.0
LEASE = 60.0
YEAR = 365 * 86_400.0
MANY = 1000


class OutboxContract:
    """Tests of an outbox.

        class TestMine(OutboxContract):
            def make_outbox(self):
                return MyOutbox(host=local_stand_in)

    They keep up to 200 messages, of at most 256 kB. Each outbox is closed after its test.
    """

    @abstractmethod
    def make_outbox(self) -> Outbox:
        """A new and empty outbox."""

    @pytest.fixture
    def outbox(self) -> Iterator[Outbox]:
        """The outbox under test."""
        outbox = self.make_outbox()
        yield outbox
        _run(outbox.aclose())

    def test_it_has_the_methods_of_one(self, outbox: Outbox) -> None:
        assert isinstance(outbox, Outbox)

    def test_an_empty_one_has_nothing(self, outbox: Outbox) -> None:
        async def go() -> None:
            assert await outbox.add([], now=NOW) == ()
            assert await _claim(outbox) == []
            assert await outbox.next_due(["crm"]) is None
            assert await outbox.records(now=NOW) == ()
            assert await outbox.counts(now=NOW) == ()
            assert await outbox.body("msg_1") is None
            assert await outbox.replay(now=NOW) == 0
            assert await outbox.purge("delivered", before=NOW) == 0
            await outbox.release([], now=NOW)

        _run(go())

    # -- accepting -------------------------------------------------------------------------------

    def test_what_was_added_is_claimed_as_it_was(self, outbox: Outbox) -> None:
        message = Message(
            id="msg_aZ09-_",
            endpoint="crm.example-1",
            type="inspection.completed",
            body='{"text": "Küche – 漏水 🏚"}'.encode(),
            result_id="result-Ü",
            case_id="Fall 7 / Küche 漏水 🏚 ' \" % \\ \n",
            tags={"tenant": "Łódź", "": "'; --", "null": "{}"},
        )

        async def go() -> None:
            assert await outbox.add([message], now=NOW) == (True,)
            (lease,) = await outbox.claim({message.endpoint: 5}, now=NOW, lease=LEASE)
            assert lease.message == message
            assert (lease.attempts, lease.accepted_at) == (0, NOW)
            assert lease.token

        _run(go())

    @pytest.mark.parametrize(
        "body",
        [b"", b"\x00\xff\n'", bytes(range(256)) * 1024],
        ids=["empty", "not text", "256 kB"],
    )
    def test_a_body_comes_back_byte_for_byte(self, outbox: Outbox, body: bytes) -> None:
        async def go() -> None:
            await outbox.add([_message(1, body=body)], now=NOW)
            (lease,) = await _claim(outbox)
            assert lease.message.body == await outbox.body("msg_1") == body

        _run(go())

    def test_a_message_without_result_case_and_tags_is_one_too(self, outbox: Outbox) -> None:
        message = Message(id="msg_1", endpoint="crm", type="webhook.test", body=b"{}")

        async def go() -> None:
            await outbox.add([message], now=NOW)
            (lease,) = await _claim(outbox)
            assert lease.message == message

        _run(go())

    def test_a_known_id_keeps_what_was_first_accepted(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1, body=b"first")], now=NOW)
            again = [_message(2), _message(1, body=b"second"), _message(3), _message(3)]
            assert await outbox.add(again, now=NOW + 5) == (True, False, True, False)
            assert await outbox.body("msg_1") == b"first"
            (first,) = [one for one in await outbox.records(now=NOW) if one.id == "msg_1"]
            assert first.accepted_at == NOW

        _run(go())

    def test_a_known_id_makes_no_new_event_of_what_was_settled(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1), _message(2)], now=NOW)
            first, second = await _claim(outbox)
            await outbox.record_outcome(first, AttemptOutcome.delivered(), now=NOW)
            await outbox.record_outcome(second, AttemptOutcome.dead("http_500"), now=NOW)
            assert await outbox.add([_message(1), _message(2)], now=NOW) == (False, False)
            assert await _claim(outbox) == []

        _run(go())

    def test_of_what_cannot_be_kept_nothing_is(self, outbox: Outbox) -> None:
        bad = Message(id="msg_bad", endpoint="crm", type="t", body=b"{}", case_id="\ud800")

        async def go() -> None:
            with suppress(DeliveryError):
                await outbox.add([_message(1), bad, _message(2)], now=NOW)
                return  # it can keep that as well
            assert await outbox.records(now=NOW) == ()
            assert await outbox.add([_message(1)], now=NOW) == (True,)

        _run(go())

    def test_one_call_that_cannot_be_kept_takes_no_other_along(self, outbox: Outbox) -> None:
        bad = Message(id="msg_bad", endpoint="crm", type="t", body=b"{}", case_id="\ud800")

        async def go() -> None:
            good = [outbox.add([_message(n)], now=NOW) for n in range(20)]
            calls = [*good[:10], outbox.add([bad], now=NOW), *good[10:]]
            done = await asyncio.gather(*calls, return_exceptions=True)
            assert done.count((True,)) >= 20
            assert {*_ids(await outbox.records(now=NOW))} >= {f"msg_{n}" for n in range(20)}

        _run(go())

    def test_many_add_the_same_and_it_is_new_to_one(self, outbox: Outbox) -> None:
        async def go() -> list[tuple[bool, ...]]:
            both = [_message(1), _message(2)]
            return await asyncio.gather(
                *(outbox.add(both[:: 1 - 2 * (n % 2)], now=NOW) for n in range(20))
            )

        news = _run(go())
        assert sum(new for pair in news for new in pair) == 2

    # -- claiming --------------------------------------------------------------------------------

    def test_a_claim_takes_of_each_endpoint_what_is_wanted(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in range(4):
                for endpoint in ("a", "b", "c", "d"):
                    await outbox.add([_message(f"{endpoint}{n}", endpoint)], now=NOW)
            wanted = {"a": 1, "b": 3, "c": 0, "nobody": 7}
            leases = await outbox.claim(wanted, now=NOW, lease=LEASE)
            assert sorted(one.message.endpoint for one in leases) == ["a", "b", "b", "b"]
            leases = await outbox.claim({"b": 9}, now=NOW, lease=LEASE)
            assert [one.message.endpoint for one in leases] == ["b"]
            assert await outbox.claim({}, now=NOW, lease=LEASE) == ()

        _run(go())

    def test_the_longest_due_goes_first(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in (3, 1, 2):
                await outbox.add([_message(n)], now=NOW + n)
            (first,) = await outbox.claim({"crm": 1}, now=NOW + 10, lease=LEASE)
            rest = await outbox.claim({"crm": 5}, now=NOW + 10, lease=LEASE)
            assert [one.message.id for one in (first, *rest)] == ["msg_1", "msg_2", "msg_3"]

        _run(go())

    def test_what_is_leased_or_not_yet_due_is_left_alone(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1), _message(2)], now=NOW)
            first, second = await _claim(outbox)
            assert first.token != second.token
            await outbox.record_outcome(first, AttemptOutcome.retry(NOW + 300, "timeout"), now=NOW)
            assert await _claim(outbox, NOW + LEASE - 1) == []
            (again,) = await _claim(outbox, NOW + LEASE)
            assert again.message.id == second.message.id
            assert await outbox.record_outcome(again, AttemptOutcome.delivered(), now=NOW) is True
            assert await _claim(outbox, NOW + 299) == []
            (later,) = await _claim(outbox, NOW + 300)
            assert later.message.id == first.message.id

        _run(go())

    def test_a_lease_that_is_over_goes_to_somebody_else_and_its_token_decides(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lost,) = await _claim(outbox)
            (held,) = await _claim(outbox, NOW + LEASE)
            assert (held.message, held.attempts) == (lost.message, 0)
            assert held.token != lost.token
            before = await _only(outbox)
            for outcome in _OUTCOMES:
                assert await outbox.record_outcome(lost, outcome, now=NOW) is False
            await outbox.release([lost], now=NOW)
            assert await _only(outbox) == before
            assert await outbox.record_outcome(held, AttemptOutcome.delivered(), now=NOW) is True
            assert await outbox.record_outcome(held, AttemptOutcome.delivered(), now=NOW) is False
            assert (await _only(outbox)).attempts == 1

        _run(go())

    def test_a_lease_that_is_over_but_nobody_else_s_still_settles(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            late = NOW + LEASE + 100
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=late) is True
            assert (await _only(outbox)).state == "delivered"

        _run(go())

    def test_a_lease_of_what_was_forgotten_settles_nothing(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (old,) = await _claim(outbox)
            (new,) = await _claim(outbox, NOW + LEASE)
            await outbox.record_outcome(new, AttemptOutcome.delivered(), now=NOW)
            await outbox.purge("delivered", before=NOW + 1)
            assert await outbox.record_outcome(old, AttemptOutcome.delivered(), now=NOW) is False
            assert await outbox.records(now=NOW) == ()

        _run(go())

    def test_what_was_put_off_by_a_clock_that_was_ahead_is_taken_at_once(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW + YEAR)
            await outbox.add([_message(2)], now=NOW)
            assert len(await _claim(outbox)) == 2
            assert await _claim(outbox) == []  # leased by the clock as it is now

        _run(go())

    def test_a_lease_under_a_clock_that_was_ahead_is_taken_over(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (ahead,) = await _claim(outbox, NOW + YEAR)
            (held,) = await _claim(outbox, NOW)
            assert await outbox.record_outcome(ahead, AttemptOutcome.delivered(), now=NOW) is False
            assert await outbox.record_outcome(held, AttemptOutcome.delivered(), now=NOW) is True

        _run(go())

    def test_what_is_released_is_due_at_once_and_was_not_attempted(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1), _message(2)], now=NOW)
            leases = await _claim(outbox)
            await outbox.release(leases, now=NOW + 1)
            assert await outbox.next_due(["crm"]) == NOW + 1
            again = await _claim(outbox, NOW + 1)
            assert [one.attempts for one in again] == [0, 0]
            assert (
                await outbox.record_outcome(leases[0], AttemptOutcome.delivered(), now=NOW) is False
            )

        _run(go())

    # -- settling --------------------------------------------------------------------------------

    def test_a_message_that_is_retried_counts_its_attempts(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            for attempt in range(5):
                (lease,) = await _claim(outbox, NOW + attempt * 100)
                assert lease.attempts == attempt
                outcome = AttemptOutcome.retry(
                    NOW + (attempt + 1) * 100, "http_404", likely_permanent=True
                )
                assert await outbox.record_outcome(lease, outcome, now=NOW) is True
                assert await _claim(outbox, NOW + attempt * 100) == []
            told = await _only(outbox)
            assert (told.state, told.attempts, told.due) == ("pending", 5, NOW + 500)
            assert (told.reason, told.likely_permanent, told.leased) == ("http_404", True, False)

        _run(go())

    @pytest.mark.parametrize("state", ["delivered", "dead"])
    def test_what_is_delivered_or_dead_is_claimed_no_more(self, outbox: Outbox, state: str) -> None:
        outcome = AttemptOutcome.delivered() if state == "delivered" else _DEAD

        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            assert await outbox.record_outcome(lease, outcome, now=NOW) is True
            for later in (0, LEASE, YEAR, -YEAR):
                assert await _claim(outbox, NOW + later) == []
            assert await outbox.next_due(["crm"]) is None
            told = await _only(outbox)
            assert (told.state, told.attempts, told.reason) == (state, 1, outcome.reason)
            assert await outbox.body("msg_1") == _message(1).body

        _run(go())

    # -- sending again ---------------------------------------------------------------------------

    def test_a_replay_keeps_id_and_body_and_begins_to_count_anew(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            await outbox.record_outcome(lease, _DEAD, now=NOW)
            assert await outbox.replay(now=NOW + 5) == 1
            told = await _only(outbox)
            assert (told.state, told.attempts, told.reason) == ("pending", 0, "")
            assert (told.due, told.accepted_at, told.likely_permanent) == (NOW + 5, NOW, False)
            (again,) = await _claim(outbox, NOW + 5)
            assert (again.message, again.attempts) == (_message(1), 0)
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW) is False

        _run(go())

    @pytest.mark.parametrize(
        ("asked", "pending"),
        [
            ({}, {"dead-a", "dead-b"}),
            ({"endpoint": "a"}, {"dead-a"}),
            ({"ids": ["msg_dead-b"]}, {"dead-b"}),
            ({"ids": ["msg_sent-a", "msg_dead-a", "msg_none"]}, {"sent-a", "dead-a"}),
            ({"ids": ["msg_sent-a", "msg_dead-b"], "endpoint": "b"}, {"dead-b"}),
            ({"ids": ("msg_dead-a", "msg_dead-a")}, {"dead-a"}),
            ({"ids": []}, set()),
            ({"endpoint": "nobody"}, set()),
        ],
        ids=["all", "endpoint", "id", "delivered", "id of endpoint", "twice", "none", "nobody"],
    )
    def test_a_replay_takes_what_it_is_asked_for(
        self, outbox: Outbox, asked: dict[str, Any], pending: set[str]
    ) -> None:
        async def go() -> None:
            for endpoint in ("a", "b"):
                for kind, outcome in (("sent", AttemptOutcome.delivered()), ("dead", _DEAD)):
                    await outbox.add([_message(f"{kind}-{endpoint}", endpoint)], now=NOW)
                    (lease,) = await outbox.claim({endpoint: 1}, now=NOW, lease=LEASE)
                    await outbox.record_outcome(lease, outcome, now=NOW)
            assert await outbox.replay(**asked, now=NOW) == len(pending)
            now = await outbox.records(state="pending", now=NOW)
            assert {*_ids(now)} == {f"msg_{one}" for one in pending}

        _run(go())

    def test_a_replay_leaves_alone_what_is_pending_or_under_way(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            await outbox.add([_message(2)], now=NOW)
            assert await outbox.replay(ids=["msg_1", "msg_2"], now=NOW) == 0
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW) is True

        _run(go())

    # -- endpoints that are parked ---------------------------------------------------------------

    def test_a_disabled_endpoint_is_parked_with_what_comes_later(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1, "gone"), _message(2, "fine")], now=NOW)
            await outbox.disable("gone", "http_410", now=NOW)
            assert await outbox.add([_message(3, "gone")], now=NOW) == (True,)
            wanted = {"gone": 5, "fine": 5}
            for later in (NOW, NOW + YEAR):
                leases = await outbox.claim(wanted, now=later, lease=LEASE)
                assert [one.message.id for one in leases] == ["msg_2"]
            assert await outbox.next_due(["gone"]) is None
            assert await outbox.next_due(["gone", "fine"]) == NOW + YEAR + LEASE
            await outbox.enable("gone", now=NOW + 9)
            assert await outbox.next_due(["gone"]) == NOW + 9
            leases = await outbox.claim({"gone": 5}, now=NOW + 9, lease=LEASE)
            assert {one.message.id for one in leases} == {"msg_1", "msg_3"}

        _run(go())

    def test_what_was_put_off_is_due_at_once_when_its_endpoint_is_enabled(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            await outbox.disable("crm", "by hand", now=NOW)
            later = AttemptOutcome.retry(NOW + 5000, "http_410")
            assert await outbox.record_outcome(lease, later, now=NOW) is True
            await outbox.enable("crm", now=NOW + 10)
            (again,) = await _claim(outbox, NOW + 10)
            assert again.attempts == 1

        _run(go())

    def test_enabling_takes_no_lease_away(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            await outbox.disable("crm", "by hand", now=NOW)
            await outbox.enable("crm", now=NOW)
            assert await _claim(outbox, NOW + 1) == []
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW) is True

        _run(go())

    def test_enabling_what_is_not_disabled_hurries_nothing(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            (lease,) = await _claim(outbox)
            await outbox.record_outcome(lease, AttemptOutcome.retry(NOW + 5000, "timeout"), now=NOW)
            await outbox.enable("crm", now=NOW)
            await outbox.enable("nobody", now=NOW)
            assert await outbox.next_due(["crm"]) == NOW + 5000

        _run(go())

    def test_an_endpoint_that_is_disabled_twice_is_enabled_once(self, outbox: Outbox) -> None:
        async def go() -> None:
            for reason in ("http_410", "by hand"):
                await outbox.disable("crm", reason, now=NOW)
            (told,) = await outbox.counts(now=NOW)
            assert told == EndpointCounts(endpoint="crm", disabled="by hand")
            await outbox.enable("crm", now=NOW)
            assert await outbox.counts(now=NOW) == ()

        _run(go())

    # -- looking ---------------------------------------------------------------------------------

    def test_the_next_is_due_when_the_first_of_these_endpoints_is(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n, endpoint in enumerate(("a", "b", "c")):
                await outbox.add([_message(n, endpoint)], now=NOW + n)
            assert await outbox.next_due(["c", "b"]) == NOW + 1
            assert await outbox.next_due(["nobody", "c"]) == NOW + 2
            assert await outbox.next_due([]) is None
            assert await outbox.next_due(["nobody"]) is None
            await outbox.claim({"a": 1}, now=NOW, lease=LEASE)
            assert await outbox.next_due(iter(["a"])) == NOW + LEASE

        _run(go())

    def test_records_say_where_each_message_stands(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            await _claim(outbox)
            told = await _only(outbox)
            message = _message(1)
            assert told == DeliveryRecord(
                id=message.id,
                endpoint=message.endpoint,
                type=message.type,
                result_id=message.result_id,
                case_id=message.case_id,
                state="pending",
                attempts=0,
                accepted_at=NOW,
                due=NOW + LEASE,
                leased=True,
                reason="",
                likely_permanent=False,
                size=len(message.body),
            )
            assert (await _only(outbox, NOW + LEASE)).leased is False

        _run(go())

    def test_records_are_chosen_and_the_oldest_come_first(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in (4, 2, 3, 1):
                await outbox.add([_message(n, "ab"[n % 2])], now=NOW + n)
            (lease,) = await outbox.claim({"b": 1}, now=NOW + 9, lease=LEASE)
            await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW + 9)
            assert _ids(await outbox.records(now=NOW)) == ["msg_1", "msg_2", "msg_3", "msg_4"]
            assert _ids(await outbox.records(limit=2, now=NOW)) == ["msg_1", "msg_2"]
            assert _ids(await outbox.records(endpoint="a", now=NOW)) == ["msg_2", "msg_4"]
            assert _ids(await outbox.records(state="delivered", now=NOW)) == ["msg_1"]
            assert _ids(await outbox.records(state="pending", endpoint="b", now=NOW)) == ["msg_3"]
            assert await outbox.records(state="dead", now=NOW) == ()

        _run(go())

    def test_counts_say_how_many_stand_where_by_endpoint(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in range(6):
                await outbox.add([_message(n, "b")], now=NOW + n)
            await outbox.add([_message("only", "a")], now=NOW)
            leases = await outbox.claim({"b": 3}, now=NOW + 9, lease=LEASE)
            await outbox.record_outcome(leases[0], AttemptOutcome.delivered(), now=NOW)
            await outbox.record_outcome(leases[1], _DEAD, now=NOW)
            await outbox.disable("c", "http_410", now=NOW)
            assert await outbox.counts(now=NOW + 10) == (
                EndpointCounts(endpoint="a", pending=1, oldest_pending=NOW),
                EndpointCounts(
                    endpoint="b", pending=4, leased=1, delivered=1, dead=1, oldest_pending=NOW + 2
                ),
                EndpointCounts(endpoint="c", disabled="http_410"),
            )
            told = await outbox.counts(now=NOW + 9 + LEASE)
            assert [one.leased for one in told] == [0, 0, 0]

        _run(go())

    def test_a_purge_forgets_what_was_settled_before_a_time_and_nothing_else(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            for n, outcome in enumerate((AttemptOutcome.delivered(), _DEAD) * 2):
                await outbox.add([_message(n)], now=NOW)
                (lease,) = await _claim(outbox)
                await outbox.record_outcome(lease, outcome, now=NOW + n)
            await outbox.add([_message("waits")], now=NOW)
            assert await outbox.purge("pending", before=NOW + YEAR) == 0
            assert await outbox.purge("delivered", before=NOW) == 0
            assert await outbox.purge("delivered", before=NOW + 1) == 1
            assert await outbox.body("msg_0") is None
            assert await outbox.purge("dead", before=NOW + YEAR) == 2
            assert _ids(await outbox.records(now=NOW)) == ["msg_2", "msg_waits"]
            assert await outbox.add([_message(0)], now=NOW) == (True,)

        _run(go())

    # -- many at once ----------------------------------------------------------------------------

    def test_many_tasks_that_claim_at_once_never_get_the_same(self, outbox: Outbox) -> None:
        async def go() -> list[Lease]:
            await outbox.add([_message(n) for n in range(100)], now=NOW)
            claims = await asyncio.gather(
                *(outbox.claim({"crm": 3}, now=NOW, lease=LEASE) for _ in range(50))
            )
            return [lease for claim in claims for lease in claim] + await _claim(outbox)

        _all_different(_run(go()))

    def test_threads_that_each_have_a_loop_never_get_the_same(self, outbox: Outbox) -> None:
        _run(outbox.add([_message(n) for n in range(100)], now=NOW))

        async def work() -> list[Lease]:
            taken: list[Lease] = []
            for _ in range(10):
                leases = await outbox.claim({"crm": 3}, now=NOW, lease=LEASE)
                for lease in leases:
                    assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW)
                taken += leases
            return taken

        with ThreadPoolExecutor(4) as pool:
            taken = [lease for done in pool.map(lambda _: _run(work()), range(4)) for lease in done]
        _all_different(taken)
        (told,) = _run(outbox.counts(now=NOW))
        assert (told.pending, told.delivered) == (0, 100)

    def test_it_accepts_from_threads_while_others_claim_and_settle(self, outbox: Outbox) -> None:
        async def accept(name: int) -> None:
            for n in range(25):
                assert await outbox.add([_message(f"{name}-{n}")], now=NOW) == (True,)

        async def deliver() -> None:
            for _ in range(15):
                for lease in await outbox.claim({"crm": 4}, now=NOW, lease=LEASE):
                    assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW)

        works: list[Callable[[], Coroutine[Any, Any, None]]] = [deliver, deliver]
        works += [lambda name=name: accept(name) for name in range(2)]  # type: ignore[misc]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda work: _run(work()), works))
        (told,) = _run(outbox.counts(now=NOW))
        assert told.pending + told.delivered == 50
        assert told.leased == 0

    def test_one_outbox_serves_one_loop_after_another(self, outbox: Outbox) -> None:
        _run(outbox.add([_message(1)], now=NOW))
        (lease,) = _run(_claim(outbox))
        assert _run(outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW)) is True
        assert _run(_only(outbox)).state == "delivered"

    def test_a_closed_one_opens_again_with_the_next_use(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([_message(1)], now=NOW)
            await outbox.aclose()
            await outbox.aclose()
            assert len(await _claim(outbox)) == 1

        _run(go())

    def test_closing_it_breaks_off_nobody_who_uses_it(self, outbox: Outbox) -> None:
        async def work(name: int) -> None:
            for n in range(10):
                await outbox.add([_message(f"{name}-{n}")], now=NOW)
                if name == 0:
                    await outbox.aclose()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: _run(work(name)), range(4)))
        assert len(_run(_claim(outbox))) == 40

    @pytest.mark.parametrize("steps", [0, 1, 2, 5])
    def test_cancelled_calls_leave_it_usable(self, outbox: Outbox, steps: int) -> None:
        async def go() -> None:
            await outbox.add([_message(n) for n in range(3)], now=NOW)
            calls: list[Coroutine[Any, Any, Any]] = [
                outbox.add([_message("x", body=b"cancelled")], now=NOW),
                outbox.claim({"crm": 1}, now=NOW, lease=LEASE),
                outbox.records(now=NOW),
                outbox.next_due(["crm"]),
            ]
            tasks = [asyncio.ensure_future(call) for call in calls]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await outbox.add([_message("x", body=b"cancelled")], now=NOW)
            leases = await _claim(outbox, NOW + LEASE)  # what a cancelled claim took is free again
            assert len({one.message.id for one in leases}) == 4
            assert await outbox.body("msg_x") == b"cancelled"

        _run(go())


_DEAD = AttemptOutcome.dead("http_413", likely_permanent=True)
_OUTCOMES = (AttemptOutcome.delivered(), AttemptOutcome.retry(NOW + 9, "http_500"), _DEAD)


def _message(name: object, endpoint: str = "crm", body: bytes | None = None) -> Message:
    return Message(
        id=f"msg_{name}",
        endpoint=endpoint,
        type="inspection.completed",
        body=f'{{"n": "{name}"}}'.encode() if body is None else body,
        result_id=f"result-{name}",
        case_id=f"case-{name}",
        tags={"n": str(name)},
    )


async def _claim(outbox: Outbox, now: float = NOW) -> list[Lease]:
    """All that is due."""
    return list(await outbox.claim({"crm": MANY}, now=now, lease=LEASE))


async def _only(outbox: Outbox, now: float = NOW) -> DeliveryRecord:
    (told,) = await outbox.records(now=now)
    return told


def _ids(records: Sequence[DeliveryRecord]) -> list[str]:
    return [record.id for record in records]


def _all_different(leases: Sequence[Lease]) -> None:
    assert len(leases) == 100
    assert len({lease.message.id for lease in leases}) == 100
    assert len({lease.token for lease in leases}) == 100


def _run(operation: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(operation)
