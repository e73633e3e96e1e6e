"""Tests that an outbox makes dead letters due again."""

from __future__ import annotations

from typing import Any

import pytest

from inspectiq.testing._outbox_contract.shared import (
    DEAD,
    LEASE,
    NOW,
    claim_due,
    get_only_record,
    list_ids,
    make_message,
    run,
)
from inspectiq.webhooks._outbox import AttemptOutcome, Outbox

__all__ = ["Replaying"]


class Replaying:
    """Tests of `replay`."""

    def test_a_replay_keeps_id_and_body_and_begins_to_count_anew(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            await outbox.record_outcome(lease, DEAD, now=NOW)
            assert await outbox.replay(now=NOW + 5) == 1
            told = await get_only_record(outbox)
            assert (told.state, told.attempts, told.reason) == ("pending", 0, "")
            assert (told.due, told.accepted_at, told.likely_permanent) == (NOW + 5, NOW, False)
            (again,) = await claim_due(outbox, NOW + 5)
            assert (again.message, again.attempts) == (make_message(1), 0)
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW) is False

        run(go())

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
                for kind, outcome in (("sent", AttemptOutcome.delivered()), ("dead", DEAD)):
                    await outbox.add([make_message(f"{kind}-{endpoint}", endpoint)], now=NOW)
                    (lease,) = await outbox.claim({endpoint: 1}, now=NOW, lease=LEASE)
                    await outbox.record_outcome(lease, outcome, now=NOW)
            assert await outbox.replay(**asked, now=NOW) == len(pending)
            now = await outbox.list_records(state="pending", now=NOW)
            assert {*list_ids(now)} == {f"msg_{one}" for one in pending}

        run(go())

    def test_a_replay_leaves_alone_what_is_pending_or_under_way(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            (lease,) = await claim_due(outbox)
            await outbox.add([make_message(2)], now=NOW)
            assert await outbox.replay(ids=["msg_1", "msg_2"], now=NOW) == 0
            assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW) is True

        run(go())
