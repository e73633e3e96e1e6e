"""Tests that an outbox records outcomes, and counts attempts."""

from __future__ import annotations

import pytest

from inspectiq.testing._outbox_contract.shared import (
    DEAD,
    LEASE,
    NOW,
    YEAR,
    claim_due,
    get_only_record,
    make_message,
    run,
)
from inspectiq.webhooks._outbox import AttemptOutcome, Outbox

__all__ = ["Recording"]


class Recording:
    """Tests of `record_outcome`."""

    def test_a_message_that_is_retried_counts_its_attempts(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            for attempt in range(5):
                (lease,) = await claim_due(outbox, NOW + attempt * 100)
                assert lease.attempts == attempt
                outcome = AttemptOutcome.retry(
                    NOW + (attempt + 1) * 100, "http_404", likely_permanent=True
                )
                assert await outbox.record_outcome(lease, outcome, now=NOW) is True
                assert await claim_due(outbox, NOW + attempt * 100) == []
            told = await get_only_record(outbox)
            assert (told.state, told.attempts, told.due) == ("pending", 5, NOW + 500)
            assert (told.reason, told.likely_permanent, told.leased) == ("http_404", True, False)

        run(go())

    @pytest.mark.parametrize("state", ["delivered", "dead"])
    def test_what_is_delivered_or_dead_is_claimed_no_more(self, outbox: Outbox, state: str) -> None:
        outcome = AttemptOutcome.delivered() if state == "delivered" else DEAD

        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            assert await outbox.record_outcome(lease, outcome, now=NOW) is True
            for later in (0, LEASE, YEAR, -YEAR):
                assert await claim_due(outbox, NOW + later) == []
            assert await outbox.find_next_due(["crm"]) is None
            told = await get_only_record(outbox)
            assert (told.state, told.attempts, told.reason) == (state, 1, outcome.reason)
            assert await outbox.read_body("msg_1") == make_message(1).body

        run(go())
