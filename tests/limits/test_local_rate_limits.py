import asyncio
import gc
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any

import pytest

from inspectiq import ConfigError, RateLimited
from inspectiq.limits import LocalRateLimiter, NullRateLimiter, RateLimiter, Reservation
from inspectiq.testing import RateLimiterContract
from tests.limits.jumping import jumping, now


class TestLocalRateLimiter(RateLimiterContract):
    def make_limiter(self) -> RateLimiter:
        return LocalRateLimiter(rpm=600, tpm=60_000)


class TestLocalRateLimiterThatLearns(RateLimiterContract):
    def make_limiter(self) -> RateLimiter:
        return LocalRateLimiter()


def limits(
    rpm: float | None = None, tpm: float | None = None, burst_seconds: float = 10.0
) -> LocalRateLimiter:
    return LocalRateLimiter(rpm=rpm, tpm=tpm, burst_seconds=burst_seconds, clock=now)


async def take(
    limiter: LocalRateLimiter, tokens: float = 0.0, timeout: float | None = None, key: str = "k"
) -> Reservation:
    return await limiter.acquire(key, {"requests": 1, "tokens": tokens}, timeout=timeout)


def stated(**said: int) -> dict[str, str]:
    """Headers such as `x-ratelimit-limit-tokens` from `limit_tokens`."""
    return {f"x-ratelimit-{name.replace('_', '-')}": str(n) for name, n in said.items()}


# How much goes, and when


@jumping
async def test_a_burst_goes_at_once_and_then_calls_go_at_the_rate() -> None:
    limiter = limits(rpm=30)
    waited = [(await take(limiter)).waited for _ in range(8)]
    assert waited == pytest.approx([0, 0, 0, 0, 0, 2, 2, 2])


@jumping
async def test_at_least_one_request_goes_however_low_the_limit() -> None:
    limiter = limits(rpm=1)
    assert (await take(limiter)).waited == 0
    assert (await take(limiter)).waited == pytest.approx(60)


@jumping
async def test_tokens_count_beside_requests() -> None:
    limiter = limits(rpm=6000, tpm=600)
    assert (await take(limiter, tokens=100)).waited == 0
    assert (await take(limiter, tokens=50)).waited == pytest.approx(5)


@jumping
async def test_burst_seconds_say_how_much_goes_at_once() -> None:
    limiter = limits(tpm=600, burst_seconds=60)
    assert (await take(limiter, tokens=600)).waited == 0


@jumping
async def test_a_rest_fills_the_bucket_and_no_more() -> None:
    limiter = limits(tpm=600)
    await take(limiter, tokens=100)
    await asyncio.sleep(3600)
    assert (await take(limiter, tokens=100)).waited == 0
    assert (await take(limiter, tokens=10)).waited == pytest.approx(1)


@jumping
async def test_a_large_request_goes_through_alone_and_leaves_a_debt() -> None:
    limiter = limits(tpm=600)
    await take(limiter, tokens=40)
    assert (await take(limiter, tokens=300)).waited == pytest.approx(4)  # when it is full
    assert (await take(limiter, tokens=10)).waited == pytest.approx(21)  # 200 owed, and its own


@jumping
async def test_each_key_has_limits_of_its_own() -> None:
    limiter = limits(rpm=1)
    await take(limiter, key="one")
    assert (await take(limiter, key="other")).waited == 0


@jumping
async def test_what_has_no_limit_is_not_counted() -> None:
    limiter = limits(rpm=60)
    reservation = await limiter.acquire("k", {"requests": 1, "photos": 1e9})
    assert reservation.waited == 0
    assert reservation.amounts == {"requests": 1, "photos": 1e9}


@jumping
async def test_whoever_comes_first_goes_first_though_a_later_one_would_fit() -> None:
    limiter, order = limits(tpm=600), []

    async def call(tokens: int) -> None:
        await take(limiter, tokens=tokens)
        order.append(tokens)

    await take(limiter, tokens=90)
    await asyncio.gather(call(80), call(5), call(20))
    assert order == [80, 5, 20]


# Settling


@jumping
async def test_tokens_that_were_not_used_let_the_next_one_go() -> None:
    limiter = limits(tpm=600)
    large = await take(limiter, tokens=100)
    waiting = asyncio.create_task(take(limiter, tokens=50))
    await asyncio.sleep(1)
    await limiter.settle(large, {"requests": 1, "tokens": 30})
    assert (await waiting).waited == pytest.approx(1)
    assert (await take(limiter, tokens=40)).waited == pytest.approx(1)  # 10 + 70 - 50 were left


@jumping
async def test_tokens_used_beyond_the_reservation_are_owed() -> None:
    limiter = limits(tpm=600)
    await limiter.settle(await take(limiter, tokens=50), {"tokens": 150})
    assert (await take(limiter, tokens=10)).waited == pytest.approx(6)


@jumping
async def test_what_comes_back_never_overfills_the_bucket() -> None:
    limiter = limits(tpm=600)
    reservation = await take(limiter, tokens=100)
    await asyncio.sleep(60)
    await limiter.settle(reservation, {"tokens": 0})
    await take(limiter, tokens=100)
    assert (await take(limiter, tokens=10)).waited == pytest.approx(1)


@jumping
async def test_a_request_comes_back_only_where_it_was_never_sent() -> None:
    limiter = limits(rpm=6)
    await limiter.settle(await take(limiter), {"requests": 0})
    await limiter.settle(await take(limiter, timeout=0), {"requests": 0.5})
    assert (await take(limiter)).waited == pytest.approx(10)


@jumping
async def test_what_a_settlement_does_not_name_stays_reserved() -> None:
    limiter = limits(rpm=6, tpm=600)
    await limiter.settle(await take(limiter, tokens=100), {})
    with pytest.raises(RateLimited):
        await take(limiter, tokens=1, timeout=0)


# Learning


@jumping
async def test_without_a_limit_all_goes_until_the_provider_states_one() -> None:
    limiter = limits()
    for _ in range(100):
        await take(limiter, tokens=1e6, timeout=0)
    await limiter.observe("k", stated(limit_requests=6, limit_tokens=600), None)
    assert (await take(limiter, tokens=100)).waited == 0
    assert (await take(limiter, tokens=10)).waited == pytest.approx(10)


@jumping
async def test_what_was_taken_before_a_limit_was_known_does_not_come_back_under_it() -> None:
    limiter = limits()
    early = await take(limiter, tokens=1000)
    await limiter.observe("k", stated(limit_tokens=600, remaining_tokens=20), None)
    await limiter.settle(early, {"requests": 1, "tokens": 0})
    assert (await take(limiter, tokens=20)).waited == 0
    assert (await take(limiter, tokens=20)).waited == pytest.approx(2)


@jumping
async def test_what_remains_lowers_our_count_and_never_raises_it() -> None:
    limiter = limits(tpm=600)
    await limiter.observe("k", stated(remaining_tokens=30), None)
    await limiter.observe("k", stated(remaining_tokens=90), None)
    await take(limiter, tokens=30, timeout=0)
    assert (await take(limiter, tokens=10)).waited == pytest.approx(1)


@jumping
async def test_a_lower_limit_of_the_provider_is_obeyed_and_a_higher_one_is_not_used() -> None:
    limiter = limits(tpm=600)
    await limiter.observe("k", stated(limit_tokens=6000), None)
    await take(limiter, tokens=100)
    assert (await take(limiter, tokens=10)).waited == pytest.approx(1)
    await limiter.observe("k", stated(limit_tokens=60), None)
    assert (await take(limiter, tokens=10)).waited == pytest.approx(10)


@jumping
async def test_a_limit_that_the_provider_raises_serves_those_who_wait_already() -> None:
    limiter = limits()
    await limiter.observe("k", stated(limit_tokens=60), None)
    await take(limiter, tokens=10)
    waiting = asyncio.create_task(take(limiter, tokens=10))
    await asyncio.sleep(1)
    await limiter.observe("k", stated(limit_tokens=540), None)
    assert (await waiting).waited == pytest.approx(2)


@jumping
async def test_a_stated_limit_of_nothing_is_no_statement() -> None:
    limiter = limits()
    await limiter.observe("k", stated(limit_requests=0, remaining_requests=0), None)
    assert (await take(limiter)).waited == 0


@jumping
async def test_the_provider_can_have_everyone_of_a_key_wait() -> None:
    limiter = limits()
    await limiter.observe("k", {}, 20.0)
    await limiter.observe("k", {}, 5.0)
    assert (await take(limiter)).waited == pytest.approx(20)


@jumping
async def test_a_wait_that_grows_while_one_waits_is_kept() -> None:
    limiter = limits(rpm=6)
    await take(limiter)
    waiting = asyncio.create_task(take(limiter))
    await asyncio.sleep(1)
    await limiter.observe("k", {}, 30.0)
    assert (await waiting).waited == pytest.approx(31)


@jumping
async def test_a_wait_of_no_sense_is_no_wait() -> None:
    limiter = limits()
    for seconds in (-1.0, 0.0, float("nan"), float("inf")):
        await limiter.observe("k", {}, seconds)
    assert (await take(limiter, timeout=0)).waited == 0


# Running out of time


@jumping
async def test_whoever_cannot_go_in_time_is_told_at_once_in_how_many_seconds_it_could() -> None:
    limiter = limits(tpm=600)
    await take(limiter, tokens=100)
    began = now()
    with pytest.raises(RateLimited) as caught:
        await take(limiter, tokens=50, timeout=4)
    assert now() == began
    assert caught.value.retry_after == pytest.approx(5)
    assert (caught.value.attempts, caught.value.retryable) == (0, True)
    assert str(caught.value) == (
        "the call had no turn within 4 s: the limit of 600 tokens a minute allows it in 5.0 s; "
        "raise tpm, pack more photos into a request, or give more time"
    )


@jumping
async def test_time_that_is_just_enough_is_enough() -> None:
    for tpm in range(100, 200):
        limiter = limits(tpm=tpm)
        await take(limiter, tokens=tpm / 6)
        await asyncio.sleep(0.1)
        assert (await take(limiter, tokens=tpm / 7, timeout=60 / 7 - 0.1)).waited > 8


@jumping
async def test_whoever_stands_behind_others_waits_until_it_is_first_or_out_of_time() -> None:
    limiter = limits(rpm=6)
    await take(limiter)
    gone: list[tuple[float, str]] = []

    async def call(timeout: float) -> None:
        try:
            await take(limiter, timeout=timeout)
            gone.append((round(now() - 1000), "went"))
        except RateLimited:
            gone.append((round(now() - 1000), "refused"))

    await asyncio.gather(*(call(timeout) for timeout in (25, 25, 25, 5)))
    assert gone == [
        (5, "refused"),
        (10, "went"),
        (20, "went"),
        (20, "refused"),  # its turn would come at 30
    ]


@jumping
async def test_a_message_says_who_can_mend_it() -> None:
    limiter = limits()
    await limiter.observe("k", stated(limit_requests=6), None)
    await take(limiter)
    with pytest.raises(RateLimited, match=r"6 requests a minute .* ask the provider for a higher"):
        await take(limiter, timeout=1)
    await limiter.observe("k", {}, 90.0)
    with pytest.raises(RateLimited, match=r"the provider asked to wait 90\.0 s more"):
        await take(limiter, timeout=1)


@jumping
async def test_a_wait_that_only_others_kept_from_ending_knows_no_better_time() -> None:
    limiter = limits(rpm=60, tpm=600)
    await take(limiter, tokens=50)
    ahead = asyncio.create_task(take(limiter, tokens=90))
    await asyncio.sleep(0)
    with pytest.raises(RateLimited, match="others came first") as caught:
        await take(limiter, tokens=1, timeout=2)
    assert caught.value.retry_after is None
    assert (await ahead).waited == pytest.approx(4)


@jumping
async def test_whoever_ran_out_of_time_took_nothing() -> None:
    limiter = limits(tpm=600)
    await take(limiter, tokens=60)
    for _ in range(10):
        with pytest.raises(RateLimited):
            await take(limiter, tokens=50, timeout=0.5)
    assert (await take(limiter, tokens=40)).waited == 0


# Cancellation


@jumping
async def test_whoever_gives_up_anywhere_in_the_line_leaves_its_place_to_the_next() -> None:
    limiter = limits(rpm=6)
    await take(limiter)
    waits = [asyncio.create_task(take(limiter)) for _ in range(6)]
    await asyncio.sleep(1)
    for place in (0, 2, 5):
        waits[place].cancel()
    done = await asyncio.gather(*waits, return_exceptions=True)
    assert [each.waited for each in done if isinstance(each, Reservation)] == pytest.approx(
        [10, 20, 30]
    )


@jumping
async def test_whoever_is_cancelled_as_its_turn_comes_takes_nothing() -> None:
    limiter = limits(tpm=600)
    large = await take(limiter, tokens=100)
    waits = [asyncio.create_task(take(limiter, tokens=100)) for _ in range(2)]
    await asyncio.sleep(0)
    await limiter.settle(large, {"tokens": 0})  # wakes the first, which is not awake yet
    waits[0].cancel()
    assert (await waits[1]).waited == pytest.approx(0)
    assert waits[0].cancelled()


@jumping
async def test_whoever_gives_up_leaves_no_timer_behind() -> None:
    limiter = limits(rpm=1)
    await take(limiter)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(take(limiter), 1)
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    assert all(timer.cancelled() for timer in timers)


# Threads, loops and forks


def test_a_settlement_on_one_thread_wakes_whoever_waits_on_another() -> None:
    limiter = LocalRateLimiter(tpm=600, clock=lambda: 0.0)  # nothing ever refills
    large = asyncio.run(take(limiter, tokens=100))
    got: list[Reservation] = []
    thread = threading.Thread(target=lambda: got.append(asyncio.run(take(limiter, tokens=100))))
    thread.start()
    while not limiter._get_line("k").waiting:
        time.sleep(0.001)
    asyncio.run(limiter.settle(large, {"tokens": 0}))
    thread.join(5)
    assert [reservation.amounts["tokens"] for reservation in got] == [100]


def test_whoever_waited_on_a_loop_that_was_dropped_holds_up_nobody() -> None:
    limiter = LocalRateLimiter(tpm=600, clock=lambda: 0.0)
    large = asyncio.run(take(limiter, tokens=100))
    loop = asyncio.new_event_loop()
    lost = take(limiter, tokens=100)

    async def begin() -> None:
        lost.send(None)

    loop.run_until_complete(begin())
    loop.close()
    asyncio.run(limiter.settle(large, {"tokens": 0}))
    assert asyncio.run(take(limiter, tokens=100, timeout=0)).waited == 0
    lost.close()
    gc.collect()


FORK = """
    import asyncio, os, threading
    from inspectiq.limits import _local_rate_limits as local_rates
    from inspectiq.limits import LocalRateLimiter

    limiter = LocalRateLimiter(tpm=600, clock=lambda: 0.0)
    call = {"tokens": 100}

    async def parent():
        large = await limiter.acquire("k", call)
        waiting = asyncio.create_task(limiter.acquire("k", call))
        await asyncio.sleep(0)
        with local_rates._lock:  # by another thread, as far as the child can see
            child = os.fork()
            if not child:
                served = []
                serving = lambda: served.append(asyncio.run(serve(large)))
                thread = threading.Thread(target=serving, daemon=True)
                thread.start()
                thread.join(5)
                os._exit(not served)
        assert os.waitpid(child, 0)[1] == 0
        await limiter.settle(large, {"tokens": 0})
        await asyncio.wait_for(waiting, 5)

    async def serve(large):
        await limiter.settle(large, {"tokens": 0})
        await limiter.acquire("k", call, timeout=0)

    asyncio.run(parent())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork; run the tests on Linux or macOS")
def test_a_forked_child_goes_on_without_those_who_waited_in_the_parent() -> None:
    subprocess.run([sys.executable, "-c", textwrap.dedent(FORK)], check=True, timeout=30)


def test_a_clock_that_goes_back_refills_nothing_twice() -> None:
    clock = [0.0]
    limiter = LocalRateLimiter(tpm=600, clock=lambda: clock[0])
    for clock[0], tokens in ((0.0, 100), (5.0, 50), (0.0, 0), (5.0, 0)):
        asyncio.run(take(limiter, tokens=tokens, timeout=0))
    with pytest.raises(RateLimited):
        asyncio.run(take(limiter, tokens=1, timeout=0))


# Wrong numbers


@pytest.mark.parametrize("name", ["rpm", "tpm", "burst_seconds"])
@pytest.mark.parametrize("number", [0, -1, float("nan"), float("inf")])
def test_a_limit_that_is_no_limit_is_refused(name: str, number: float) -> None:
    numbers: dict[str, Any] = {name: number}
    with pytest.raises(ConfigError, match=f"{name} is .* give a number above 0"):
        LocalRateLimiter(**numbers)


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
async def test_an_amount_that_cannot_be_counted_is_refused(amount: float) -> None:
    limiter = LocalRateLimiter(tpm=600)
    with pytest.raises(ConfigError):
        await limiter.acquire("k", {"tokens": amount})
    with pytest.raises(ConfigError):
        await limiter.settle(await take(limiter), {"tokens": amount})


async def test_the_null_limiter_lets_everything_go() -> None:
    limiter = NullRateLimiter()
    await limiter.observe("k", stated(limit_requests=1, remaining_requests=0), 3600.0)
    for _ in range(10):
        reservation = await limiter.acquire("k", {"requests": 1, "tokens": 1e9}, timeout=0)
        await limiter.settle(reservation, {"tokens": 1e9})
    assert (reservation.key, reservation.waited) == ("k", 0)
