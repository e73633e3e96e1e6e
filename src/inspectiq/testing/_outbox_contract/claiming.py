"""Tests that an outbox leases what is due, to one worker at a time."""

from __future__ import annotations

from inspectiq.testing._outbox_contract.shared import (
    LEASE,
    NOW,
    OUTCOMES,
    YEAR,
    claim_due,
    get_only_record,
    make_message,
    run,
)
from inspectiq.webhooks._outbox import AttemptOutcome, Outbox

__all__ = ["Claiming"]


class Claiming:
    """Tests of `claim` and `release`."""

    def test_a_claim_takes_of_each_endpoint_what_is_wanted(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in range(4):
                for endpoint in ("a", "b", "c", "d"):
                    await outbox.add([make_message(f"{endpoint}{n}", endpoint)], now=NOW)
            wanted = {"a": 1, "b": 3, "c": 0, "nobody": 7}
            leases = await outbox.claim(wanted, now=NOW, lease=LEASE)
            assert sorted(one.message.endpoint for one in leases) == ["a", "b", "b", "b"]
            leases = await outbox.claim({"b": 9}, now=NOW, lease=LEASE)
            assert [one.message.endpoint for one in leases] == ["b"]
            assert await outbox.claim({}, now=NOW, lease=LEASE) == ()

        run(go())

    def test_the_longest_due_goes_first(self, outbox: Outbox) -> None:
        async def go() -> None:
            for n in (3, 1, 2):
                await outbox.add([make_message(n)], now=NOW + n)
            (first,) = await outbox.claim({"crm": 1}, now=NOW + 10, lease=LEASE)
            rest = await outbox.claim({"crm": 5}, now=NOW + 10, lease=LEASE)
            assert [one.message.id for one in (first, *rest)] == ["msg_1", "msg_2", "msg_3"]

        run(go())

    def test_what_is_leased_or_not_yet_due_is_left_alone(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1), make_message(2)], now=NOW)
            first, second = await claim_due(outbox)
            assert first.token != second.token
            await outbox.record_outcome(first, AttemptOutcome.retry(NOW + 300, "timeout"), now=NOW)
            assert await claim_due(outbox, NOW + LEASE - 1) == []
            (again,) = await claim_due(outbox, NOW + LEASE)
            assert again.message.id == second.message.id
            assert await outbox.record_outcome(again, AttemptOutcome.delivered(), now=NOW) is True
            assert await claim_due(outbox, NOW + 299) == []
            (later,) = await claim_due(outbox, NOW + 300)
            assert later.message.id == first.message.id

        run(go())

    def test_a_lease_that_is_over_goes_to_somebody_else_and_its_token_decides(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lost,) = await claim_due(outbox)
            (held,) = await claim_due(outbox, NOW + LEASE)
            assert (held.message, held.attempts) == (lost.message, 0)
            assert held.token != lost.token
            before = await get_only_record(outbox)
            for outcome in OUTCOMES:
                assert await outbox.record_outcome(lost, outcome, now=NOW) is False
            await outbox.release([lost], now=NOW)
            assert await get_only_record(outbox) == before
            assert await outbox.record_outcome(held, AttemptOutcome.delivered(), now=NOW) is True
            assert await outbox.record_outcome(held, AttemptOutcome.delivered(), now=NOW) is False
            assert (await get_only_record(outbox)).attempts == 1

        run(go())

    def test_a_lease_that_is_over_but_nobody_else_s_still_settles(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            late = NOW + LEASE + 100
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=late) is True
            assert (await get_only_record(outbox)).state == "delivered"

        run(go())

    def test_a_lease_of_what_was_forgotten_settles_nothing(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (old,) = await claim_due(outbox)
            (new,) = await claim_due(outbox, NOW + LEASE)
            await outbox.record_outcome(new, AttemptOutcome.delivered(), now=NOW)
            await outbox.purge("delivered", before=NOW + 1)
            assert await outbox.record_outcome(old, AttemptOutcome.delivered(), now=NOW) is False
            assert await outbox.list_records(now=NOW) == ()

        run(go())

    def test_what_was_put_off_by_a_clock_that_was_ahead_is_taken_at_once(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW + YEAR)
            await outbox.add([make_message(2)], now=NOW)
            assert len(await claim_due(outbox)) == 2
            assert await claim_due(outbox) == []  # leased by the clock as it is now

        run(go())

    def test_a_lease_under_a_clock_that_was_ahead_is_taken_over(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (ahead,) = await claim_due(outbox, NOW + YEAR)
            (held,) = await claim_due(outbox, NOW)
            assert await outbox.record_outcome(ahead, AttemptOutcome.delivered(), now=NOW) is False
            assert await outbox.record_outcome(held, AttemptOutcome.delivered(), now=NOW) is True

        run(go())

    def test_what_is_released_is_due_at_once_and_was_not_attempted(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1), make_message(2)], now=NOW)
            leases = await claim_due(outbox)
            await outbox.release(leases, now=NOW + 1)
            assert await outbox.find_next_due(["crm"]) == NOW + 1
            again = await claim_due(outbox, NOW + 1)
            assert [one.attempts for one in again] == [0, 0]
            assert (
                await outbox.record_outcome(leases[0], AttemptOutcome.delivered(), now=NOW) is False
            )

        run(go())
