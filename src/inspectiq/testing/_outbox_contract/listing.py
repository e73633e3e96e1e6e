"""Tests that an outbox lists, counts and forgets its messages."""

from __future__ import annotations

from inspectiq.testing._outbox_contract.shared import (
    DEAD,
    LEASE,
    NOW,
    YEAR,
    claim_due,
    get_only_record,
    list_ids,
    make_message,
    run,
)
from inspectiq.webhooks._outbox import AttemptOutcome, DeliveryRecord, EndpointCounts, Outbox

__all__ = ["Listing"]


class Listing:
    """Tests of `find_next_due`, `list_records`, `count` and `purge`."""

    def test_the_next_is_due_when_the_first_of_these_endpoints_is(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n, endpoint in enumerate(("a", "b", "c")):
                await outbox.add([make_message(n, endpoint)], now=NOW + n)
            assert await outbox.find_next_due(["c", "b"]) == NOW + 1
            assert await outbox.find_next_due(["nobody", "c"]) == NOW + 2
            assert await outbox.find_next_due([]) is None
            assert await outbox.find_next_due(["nobody"]) is None
            await outbox.claim({"a": 1}, now=NOW, lease=LEASE)
            assert await outbox.find_next_due(iter(["a"])) == NOW + LEASE

        run(go())

    def test_records_say_where_each_message_stands(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            await claim_due(outbox)
            told = await get_only_record(outbox)
            message = make_message(1)
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
            assert (await get_only_record(outbox, NOW + LEASE)).leased is False

        run(go())

    def test_records_are_chosen_and_the_oldest_come_first(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in (4, 2, 3, 1):
                await outbox.add([make_message(n, "ab"[n % 2])], now=NOW + n)
            (lease,) = await outbox.claim({"b": 1}, now=NOW + 9, lease=LEASE)
            await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW + 9)
            assert list_ids(await outbox.list_records(now=NOW)) == [
                "msg_1",
                "msg_2",
                "msg_3",
                "msg_4",
            ]
            assert list_ids(await outbox.list_records(limit=2, now=NOW)) == ["msg_1", "msg_2"]
            assert list_ids(await outbox.list_records(endpoint="a", now=NOW)) == ["msg_2", "msg_4"]
            assert list_ids(await outbox.list_records(state="delivered", now=NOW)) == ["msg_1"]
            assert list_ids(await outbox.list_records(state="pending", endpoint="b", now=NOW)) == [
                "msg_3"
            ]
            assert await outbox.list_records(state="dead", now=NOW) == ()

        run(go())

    def test_counts_say_how_many_stand_where_by_endpoint(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in range(6):
                await outbox.add([make_message(n, "b")], now=NOW + n)
            await outbox.add([make_message("only", "a")], now=NOW)
            leases = await outbox.claim({"b": 3}, now=NOW + 9, lease=LEASE)
            await outbox.record_outcome(leases[0], AttemptOutcome.delivered(), now=NOW)
            await outbox.record_outcome(leases[1], DEAD, now=NOW)
            await outbox.disable("c", "http_410", now=NOW)
            assert await outbox.count(now=NOW + 10) == (
                EndpointCounts(endpoint="a", pending=1, oldest_pending=NOW),
                EndpointCounts(
                    endpoint="b", pending=4, leased=1, delivered=1, dead=1, oldest_pending=NOW + 2
                ),
                EndpointCounts(endpoint="c", disabled="http_410"),
            )
            told = await outbox.count(now=NOW + 9 + LEASE)
            assert [one.leased for one in told] == [0, 0, 0]

        run(go())

    def test_a_purge_forgets_what_was_settled_before_a_time_and_nothing_else(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            for n, outcome in enumerate((AttemptOutcome.delivered(), DEAD) * 2):
                await outbox.add([make_message(n)], now=NOW)
                (lease,) = await claim_due(outbox)
                await outbox.record_outcome(lease, outcome, now=NOW + n)
            await outbox.add([make_message("waits")], now=NOW)
            assert await outbox.purge("pending", before=NOW + YEAR) == 0
            assert await outbox.purge("delivered", before=NOW) == 0
            assert await outbox.purge("delivered", before=NOW + 1) == 1
            assert await outbox.read_body("msg_0") is None
            assert await outbox.purge("dead", before=NOW + YEAR) == 2
            assert list_ids(await outbox.list_records(now=NOW)) == ["msg_2", "msg_waits"]
            assert await outbox.add([make_message(0)], now=NOW) == (True,)

        run(go())
