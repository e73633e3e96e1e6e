"""Tests that an outbox parks what is for a disabled endpoint."""

from __future__ import annotations

from inspectiq.testing._outbox_contract.shared import LEASE, NOW, YEAR, claim_due, make_message, run
from inspectiq.webhooks._outbox import AttemptOutcome, EndpointCounts, Outbox

__all__ = ["Parking"]


class Parking:
    """Tests of `disable` and `enable`."""

    def test_a_disabled_endpoint_is_parked_with_what_comes_later(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1, "gone"), make_message(2, "fine")], now=NOW)
            await outbox.disable("gone", "http_410", now=NOW)
            assert await outbox.add([make_message(3, "gone")], now=NOW) == (True,)
            wanted = {"gone": 5, "fine": 5}
            for later in (NOW, NOW + YEAR):
                leases = await outbox.claim(wanted, now=later, lease=LEASE)
                assert [one.message.id for one in leases] == ["msg_2"]
            assert await outbox.find_next_due(["gone"]) is None
            assert await outbox.find_next_due(["gone", "fine"]) == NOW + YEAR + LEASE
            await outbox.enable("gone", now=NOW + 9)
            assert await outbox.find_next_due(["gone"]) == NOW + 9
            leases = await outbox.claim({"gone": 5}, now=NOW + 9, lease=LEASE)
            assert {one.message.id for one in leases} == {"msg_1", "msg_3"}

        run(go())

    def test_what_was_put_off_is_due_at_once_when_its_endpoint_is_enabled(
        self, outbox: Outbox
    ) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            await outbox.disable("crm", "by hand", now=NOW)
            later = AttemptOutcome.retry(NOW + 5000, "http_410")
            assert await outbox.record_outcome(lease, later, now=NOW) is True
            await outbox.enable("crm", now=NOW + 10)
            (again,) = await claim_due(outbox, NOW + 10)
            assert again.attempts == 1

        run(go())

    def test_enabling_takes_no_lease_away(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            await outbox.disable("crm", "by hand", now=NOW)
            await outbox.enable("crm", now=NOW)
            assert await claim_due(outbox, NOW + 1) == []
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW) is True

        run(go())

    def test_enabling_what_is_not_disabled_hurries_nothing(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            await outbox.record_outcome(lease, AttemptOutcome.retry(NOW + 5000, "timeout"), now=NOW)
            await outbox.enable("crm", now=NOW)
            await outbox.enable("nobody", now=NOW)
            assert await outbox.find_next_due(["crm"]) == NOW + 5000

        run(go())

    def test_an_endpoint_that_is_disabled_twice_is_enabled_once(self, outbox: Outbox) -> None:
        async def go() -> None:
            for reason in ("http_410", "by hand"):
                await outbox.disable("crm", reason, now=NOW)
            (told,) = await outbox.count(now=NOW)
            assert told == EndpointCounts(endpoint="crm", disabled="by hand")
            await outbox.enable("crm", now=NOW)
            assert await outbox.count(now=NOW) == ()

        run(go())
