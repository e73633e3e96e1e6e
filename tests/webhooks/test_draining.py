"""Delivering within a time, and what closing delivers first."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, WebhookNotifier
from inspectiq.testing import FakeClock, ReceiverAnswer, WebhookReceiver
from inspectiq.webhooks import (
    Endpoint,
    MemoryOutbox,
    Pace,
    WebhookRequest,
    WebhookResponse,
)
from tests.webhooks.results import an_inspection, numbered

SHORT = """
import asyncio, sys
from inspectiq import Inspection, WebhookNotifier
from inspectiq.net import NetPolicy
url, opened, file, number, way = sys.argv[1:]
result = Inspection.model_validate_json(open(file).read()).model_copy(update={"id": number})
def make():
    return WebhookNotifier(url, policy=NetPolicy(private=(opened,)), outbox="o.sqlite")
async def main():
    async with make() as hooks:
        await hooks.anotify(result)
if way == "with":
    with make() as hooks:
        hooks.notify(result)
        sys.exit(0)
elif way == "close":
    hooks = make()
    hooks.notify(result)
    hooks.close()
else:
    asyncio.run(main())
"""


class Taking:
    """A transport that takes each webhook at once, and counts them."""

    def __init__(self) -> None:
        self.taken = 0

    async def send(self, request: WebhookRequest, /) -> WebhookResponse:
        self.taken += 1
        return WebhookResponse(status_code=200)


def a_notifier(receiver: WebhookReceiver, **options: Any) -> WebhookNotifier:
    fields: dict[str, Any] = {"outbox": MemoryOutbox(), "background": False, **options}
    crm = Endpoint(url=receiver.url, name="crm")
    return WebhookNotifier(crm, policy=receiver.policy, **fields)


def count(notifier: WebhookNotifier) -> tuple[int, int, int]:
    """How many webhooks wait, are leased, and were delivered."""
    (counted,) = notifier.stats()
    return counted.pending, counted.leased, counted.delivered


# -- short scripts ---------------------------------------------------------------------------------


def test_each_of_five_short_scripts_sends_its_webhook_before_it_ends(tmp_path: Path) -> None:
    file, sent = tmp_path / "result.json", []
    file.write_text(an_inspection().to_json())
    with WebhookReceiver() as receiver:
        for number, way in enumerate(("with", "close", "async", "with", "with")):
            opened = receiver.policy.private[0]
            arguments = (receiver.url, opened, str(file), str(number), way)
            subprocess.run([sys.executable, "-c", SHORT, *arguments], cwd=tmp_path, check=True)
            sent.append([webhook.data["id"] for webhook in receiver.received])
    assert sent == [[str(n) for n in range(last + 1)] for last in range(5)]


def test_the_end_of_a_with_sends_what_was_just_accepted(tmp_path: Path) -> None:
    with WebhookReceiver() as receiver:
        for number in range(20):
            with a_notifier(receiver, outbox=tmp_path / "o.sqlite", background=True) as notifier:
                notifier.notify(numbered(number))
            assert len(receiver.received) == number + 1


def test_closing_sends_all_that_is_due_and_not_only_what_is_under_way() -> None:
    with WebhookReceiver(answers=lambda _: ReceiverAnswer(delay=0.02)) as receiver:
        with a_notifier(receiver, background=True) as notifier:
            for number in range(20):
                notifier.notify(numbered(number))
        assert count(notifier) == (0, 0, 20)


class Asked(WebhookNotifier):
    """Keeps what closing was asked for."""

    drain: float | None

    async def aclose(self, grace: float = 5, *, drain: float | None = None) -> None:
        self.drain = drain
        await super().aclose(grace, drain=drain)


def leave_by(error: type[BaseException]) -> tuple[int, float | None]:
    """Raises within a `with`; gives how many webhooks were sent, and what closing was asked."""
    transport = Taking()
    notifier = Asked("https://hooks.example/in", outbox=MemoryOutbox(), transport=transport)
    with pytest.raises(error), notifier:  # noqa: PT012 - the end of the `with` is the subject
        notifier.notify(an_inspection())
        raise error
    return transport.taken, notifier.drain


def test_an_error_within_a_with_loses_no_webhook_and_comes_out() -> None:
    assert [leave_by(error) for error in (LookupError, SystemExit)] == [(1, None)] * 2


def test_whoever_interrupts_a_with_waits_for_nothing_that_is_not_under_way() -> None:
    assert leave_by(KeyboardInterrupt)[1] == leave_by(asyncio.CancelledError)[1] == 0


def test_without_a_background_closing_delivers_only_when_it_is_asked_to() -> None:
    with WebhookReceiver() as receiver:
        with a_notifier(receiver) as notifier:
            notifier.notify(an_inspection())
        assert count(notifier) == (1, 0, 0)
        notifier.close(drain=10)
        assert count(notifier) == (0, 0, 1)


def test_a_notifier_that_was_closed_within_its_with_is_not_drained_by_the_end_of_it() -> None:
    with WebhookReceiver(answers=lambda _: "hang") as receiver:
        with a_notifier(receiver, background=True) as notifier:
            notifier.notify(an_inspection())
            receiver.wait_for(1)
            notifier.close(grace=0)
        assert len(receiver.received) == 1
        assert count(notifier) == (1, 0, 0)


async def test_the_async_twins_do_the_same() -> None:
    with WebhookReceiver() as receiver:
        async with a_notifier(receiver) as notifier:
            await notifier.anotify(numbered(1))
            assert (await notifier.adeliver_due(timeout=0)).left == 1
        await notifier.aclose(drain=10)
        assert [counted.delivered for counted in await notifier.astats()] == [1]
        async with a_notifier(receiver, background=True) as notifier:
            await notifier.anotify(numbered(2))
        assert len(receiver.received) == 2


def test_closing_gives_up_in_time_gives_leases_back_and_says_what_is_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with WebhookReceiver(answers=lambda _: "hang") as receiver:
        notifier = a_notifier(receiver, background=True)
        for number in range(6):
            notifier.notify(numbered(number))
        receiver.wait_for(4)
        notifier.close(grace=0, drain=0.1)
        assert count(notifier) == (6, 0, 0)
        records = asyncio.run(notifier.outbox.list_records(now=0))
        assert {record.attempts for record in records} == {0}
    (warning,) = (record for record in caplog.records if "are left in the outbox" in record.message)
    assert warning.pending == 6  # type: ignore[attr-defined]


def test_nothing_is_said_where_nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    with WebhookReceiver() as receiver, a_notifier(receiver, background=True) as notifier:
        notifier.notify(an_inspection())
    assert not caplog.records


def test_an_outbox_that_cannot_be_used_keeps_nobody_from_closing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "o.sqlite"
    with WebhookReceiver() as receiver:
        for background in (True, False):
            notifier = a_notifier(receiver, outbox=path, background=background)
            path.write_bytes(b"this is no database" * 1000)
            notifier.close(drain=5)
            path.unlink()
    assert any("the outbox cannot be used" in record.message for record in caplog.records)


# -- within a time ---------------------------------------------------------------------------------


def test_delivering_stops_at_its_time_gives_back_and_says_what_is_left() -> None:
    with WebhookReceiver(answers=lambda _: "hang") as receiver:
        notifier = a_notifier(receiver)  # an attempt may take 20 s
        for number in range(6):
            notifier.notify(numbered(number))
        done = notifier.deliver_due(timeout=0.3)
        assert (done.delivered, done.failed, done.dead, done.left) == (0, 0, 0, 6)
        assert count(notifier) == (6, 0, 0)
        assert len(receiver.received) <= 4


def test_what_the_time_did_not_suffice_for_is_delivered_the_next_time() -> None:
    with WebhookReceiver(answers=lambda _: ReceiverAnswer(delay=0.1)) as receiver:
        notifier = a_notifier(receiver, pace=Pace(in_flight=1))
        for number in range(8):
            notifier.notify(numbered(number))
        first = notifier.deliver_due(timeout=0.35)
        assert first.delivered + first.left == 8
        assert first.left > 0
        second = notifier.deliver_due(timeout=60)
        assert (second.delivered, second.left) == (first.left, 0)


def test_no_time_at_all_delivers_nothing_and_counts() -> None:
    transport = Taking()
    notifier = WebhookNotifier(
        "https://hooks.example/in", outbox=MemoryOutbox(), transport=transport, background=False
    )
    notifier.notify(an_inspection())
    assert (notifier.deliver_due(timeout=0).left, transport.taken) == (1, 0)
    assert (notifier.deliver_due().left, transport.taken) == (0, 1)


def test_it_does_not_wait_for_a_turn_that_comes_after_its_time() -> None:
    clock, transport = FakeClock(), Taking()
    notifier = WebhookNotifier(
        "https://hooks.example/in",
        outbox=MemoryOutbox(),
        transport=transport,
        background=False,
        clock=clock,
        pace=Pace(per_second=1),
    )
    for number in range(6):
        notifier.notify(numbered(number))
    begun = clock.time()
    done = notifier.deliver_due(timeout=2.5)
    assert (done.delivered, done.left) == (3, 3)  # one at once, then one a second
    assert clock.time() - begun == 2


def test_what_failed_is_counted_as_left_as_well() -> None:
    with WebhookReceiver(answers=[500, 200]) as receiver:
        notifier = a_notifier(receiver, pace=Pace(in_flight=1))
        for number in range(2):
            notifier.notify(numbered(number))
        done = notifier.deliver_due(timeout=60)
        assert (done.delivered, done.failed, done.left) == (1, 1, 1)


@pytest.mark.parametrize("wrong", [-1, float("nan"), "5", None])
def test_what_is_no_time_is_refused(wrong: Any) -> None:
    notifier = WebhookNotifier("https://hooks.example/in", outbox=MemoryOutbox(), background=False)
    calls: list[Any] = [lambda: notifier.close(grace=wrong)]
    if wrong is not None:
        calls += [
            lambda: notifier.deliver_due(timeout=wrong),
            lambda: notifier.close(drain=wrong),
            lambda: WebhookNotifier(
                "https://hooks.example/in", outbox=MemoryOutbox(), retention=wrong
            ),
        ]
    for call in calls:
        with pytest.raises(ConfigError, match="a number from 0"):
            call()


# -- wrong names -----------------------------------------------------------------------------------


def test_a_name_or_an_id_that_nobody_knows_fails_and_changes_nothing() -> None:
    with WebhookReceiver() as receiver:
        notifier = a_notifier(receiver)
        (receipt,) = notifier.notify(an_inspection())
        assert notifier.deliver_due().delivered == 1
        calls: list[Any] = [
            lambda: notifier.disable("cmr"),
            lambda: notifier.enable("cmr"),
            lambda: notifier.test("cmr"),
            lambda: notifier.replay(endpoint="cmr"),
            lambda: notifier.replay(ids=[receipt.id, "msg_other"]),
        ]
        for call in calls:
            with pytest.raises(
                ConfigError, match=r"there is no (endpoint 'cmr'; there are crm|webh)"
            ):
                call()
        assert count(notifier) == (0, 0, 1)
        assert notifier.replay(ids=[receipt.id]) == 1


def test_an_endpoint_of_another_notifier_is_known_by_what_waits_for_it() -> None:
    with WebhookReceiver() as receiver:
        notifier = a_notifier(receiver)
        other = WebhookNotifier(
            Endpoint(url="https://hooks.example/in", name="other"),
            outbox=notifier.outbox,
            background=False,
        )
        other.notify(an_inspection())
        notifier.disable("other")
        assert [counted.disabled for counted in other.stats()] == ["by hand"]
        notifier.enable("other")
