"""Tests that an outbox keeps what it accepts: all of a call or nothing, each id once."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from inspectiq.errors import DeliveryError
from inspectiq.testing._outbox_contract.shared import (
    LEASE,
    NOW,
    claim_due,
    list_ids,
    make_message,
    run,
)
from inspectiq.webhooks._messages import Message
from inspectiq.webhooks._outbox import AttemptOutcome, Outbox

__all__ = ["Accepting"]


class Accepting:
    """Tests of `add`."""

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

        run(go())

    @pytest.mark.parametrize(
        "body",
        [b"", b"\x00\xff\n'", bytes(range(256)) * 1024],
        ids=["empty", "not text", "256 kB"],
    )
    def test_a_body_comes_back_byte_for_byte(self, outbox: Outbox, body: bytes) -> None:
        async def go() -> None:
            await outbox.add([make_message(1, body=body)], now=NOW)
            (lease,) = await claim_due(outbox)
            assert lease.message.body == await outbox.read_body("msg_1") == body

        run(go())

    def test_a_message_without_result_case_and_tags_is_one_too(self, outbox: Outbox) -> None:
        message = Message(id="msg_1", endpoint="crm", type="webhook.test", body=b"{}")

        async def go() -> None:
            await outbox.add([message], now=NOW)
            (lease,) = await claim_due(outbox)
            assert lease.message == message

        run(go())

    def test_a_known_id_keeps_what_was_first_accepted(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1, body=b"first")], now=NOW)
            again = [
                make_message(2),
                make_message(1, body=b"second"),
                make_message(3),
                make_message(3),
            ]
            assert await outbox.add(again, now=NOW + 5) == (True, False, True, False)
            assert await outbox.read_body("msg_1") == b"first"
            (first,) = [one for one in await outbox.list_records(now=NOW) if one.id == "msg_1"]
            assert first.accepted_at == NOW

        run(go())

    def test_a_known_id_makes_no_new_event_of_what_was_settled(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1), make_message(2)], now=NOW)
            first, second = await claim_due(outbox)
            await outbox.record_outcome(first, AttemptOutcome.delivered(), now=NOW)
            await outbox.record_outcome(second, AttemptOutcome.dead("http_500"), now=NOW)
            assert await outbox.add([make_message(1), make_message(2)], now=NOW) == (False, False)
            assert await claim_due(outbox) == []

        run(go())

    def test_of_what_cannot_be_kept_nothing_is(self, outbox: Outbox) -> None:
        bad = Message(id="msg_bad", endpoint="crm", type="t", body=b"{}", case_id="\ud800")

        async def go() -> None:
            with suppress(DeliveryError):
                await outbox.add([make_message(1), bad, make_message(2)], now=NOW)
                return  # it can keep that as well
            assert await outbox.list_records(now=NOW) == ()
            assert await outbox.add([make_message(1)], now=NOW) == (True,)

        run(go())

    def test_one_call_that_cannot_be_kept_takes_no_other_along(self, outbox: Outbox) -> None:
        bad = Message(id="msg_bad", endpoint="crm", type="t", body=b"{}", case_id="\ud800")

        async def go() -> None:
            good = [outbox.add([make_message(n)], now=NOW) for n in range(20)]
            calls = [*good[:10], outbox.add([bad], now=NOW), *good[10:]]
            done = await asyncio.gather(*calls, return_exceptions=True)
            assert done.count((True,)) >= 20
            assert {*list_ids(await outbox.list_records(now=NOW))} >= {
                f"msg_{n}" for n in range(20)
            }

        run(go())

    def test_many_add_the_same_and_it_is_new_to_one(self, outbox: Outbox) -> None:
        async def go() -> list[tuple[bool, ...]]:
            both = [make_message(1), make_message(2)]
            return await asyncio.gather(
                *(outbox.add(both[:: 1 - 2 * (n % 2)], now=NOW) for n in range(20))
            )

        news = run(go())
        assert sum(new for pair in news for new in pair) == 2
