"""Tests that threads, tasks and loops can share an outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from inspectiq.testing._outbox_contract.shared import (
    LEASE,
    NOW,
    assert_all_different,
    claim_due,
    get_only_record,
    make_message,
    run,
)
from inspectiq.webhooks._outbox import AttemptOutcome, Lease, Outbox

__all__ = ["Sharing"]


class Sharing:
    """Tests of many callers at once, of closing, and of calls that are cancelled."""

    def test_many_tasks_that_claim_at_once_never_get_the_same(self, outbox: Outbox) -> None:
        async def go() -> list[Lease]:
            await outbox.add([make_message(n) for n in range(100)], now=NOW)
            claims = await asyncio.gather(
                *(outbox.claim({"crm": 3}, now=NOW, lease=LEASE) for _ in range(50))
            )
            return [lease for claim in claims for lease in claim] + await claim_due(outbox)

        assert_all_different(run(go()))

    def test_threads_that_each_have_a_loop_never_get_the_same(self, outbox: Outbox) -> None:
        run(outbox.add([make_message(n) for n in range(100)], now=NOW))

        async def work() -> list[Lease]:
            taken: list[Lease] = []
            for _ in range(10):
                leases = await outbox.claim({"crm": 3}, now=NOW, lease=LEASE)
                for lease in leases:
                    assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW)
                taken += leases
            return taken

        with ThreadPoolExecutor(4) as pool:
            taken = [lease for done in pool.map(lambda _: run(work()), range(4)) for lease in done]
        assert_all_different(taken)
        (told,) = run(outbox.count(now=NOW))
        assert (told.pending, told.delivered) == (0, 100)

    def test_it_accepts_from_threads_while_others_claim_and_settle(self, outbox: Outbox) -> None:
        async def accept(name: int) -> None:
            for n in range(25):
                assert await outbox.add([make_message(f"{name}-{n}")], now=NOW) == (True,)

        async def deliver() -> None:
            for _ in range(15):
                for lease in await outbox.claim({"crm": 4}, now=NOW, lease=LEASE):
                    assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW)

        works: list[Callable[[], Coroutine[Any, Any, None]]] = [deliver, deliver]
        works += [lambda name=name: accept(name) for name in range(2)]  # type: ignore[misc]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda work: run(work()), works))
        (told,) = run(outbox.count(now=NOW))
        assert told.pending + told.delivered == 50
        assert told.leased == 0

    def test_one_outbox_serves_one_loop_after_another(self, outbox: Outbox) -> None:
        run(outbox.add([make_message(1)], now=NOW))
        (lease,) = run(claim_due(outbox))
        assert run(outbox.record_outcome(lease, AttemptOutcome.delivered(), now=NOW)) is True
        assert run(get_only_record(outbox)).state == "delivered"

    def test_a_closed_one_opens_again_with_the_next_use(self, outbox: Outbox) -> None:
        async def go() -> None:
            await outbox.add([make_message(1)], now=NOW)
            await outbox.aclose()
            await outbox.aclose()
            assert len(await claim_due(outbox)) == 1

        run(go())

    def test_closing_it_breaks_off_nobody_who_uses_it(self, outbox: Outbox) -> None:
        async def work(name: int) -> None:
            for n in range(10):
                await outbox.add([make_message(f"{name}-{n}")], now=NOW)
                if name == 0:
                    await outbox.aclose()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: run(work(name)), range(4)))
        assert len(run(claim_due(outbox))) == 40

    @pytest.mark.parametrize("steps", [0, 1, 2, 5])
    def test_cancelled_calls_leave_it_usable(self, outbox: Outbox, steps: int) -> None:
        async def go() -> None:
            await outbox.add([make_message(n) for n in range(3)], now=NOW)
            calls: list[Coroutine[Any, Any, Any]] = [
                outbox.add([make_message("x", body=b"cancelled")], now=NOW),
                outbox.claim({"crm": 1}, now=NOW, lease=LEASE),
                outbox.list_records(now=NOW),
                outbox.find_next_due(["crm"]),
            ]
            tasks = [asyncio.ensure_future(call) for call in calls]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await outbox.add([make_message("x", body=b"cancelled")], now=NOW)
            leases = await claim_due(
                outbox, NOW + LEASE
            )  # what a cancelled claim took is free again
            assert len({one.message.id for one in leases}) == 4
            assert await outbox.read_body("msg_x") == b"cancelled"

        run(go())
