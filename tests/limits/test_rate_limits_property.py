"""What holds for any schedule of calls."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import RateLimited
from inspectiq.limits import LocalRateLimiter
from tests.limits.jumping import now, run
from tests.limits.restless import on_restless_threads

TPM, RPM = 600, 60  # so 100 tokens and 10 requests at once, and 10 tokens and 1 request a second


@dataclass(frozen=True)
class Call:
    """One call of a schedule.

    Attributes:
        after: Seconds since the one before.
        tokens: Reserved.
        used: Share of them that it uses.
        takes: Seconds.
        patience: Seconds until it is cancelled, where it still waits.
    """

    after: float
    tokens: float
    used: float
    takes: float
    patience: float | None


calls = st.builds(
    Call,
    after=st.sampled_from([0.0, 0.0, 0.01, 0.3, 2.0, 15.0]),
    tokens=st.floats(0, 100),
    used=st.floats(0, 1),
    takes=st.sampled_from([0.0, 0.5, 4.0, 30.0]),
    patience=st.none() | st.sampled_from([0.0, 0.7, 3.0]),
)
schedules = st.lists(calls, min_size=1, max_size=25)


@dataclass
class Told:
    """What became of a schedule: moves (when, requests, tokens), and who went, in order."""

    moves: list[tuple[float, float, float]]
    went: list[int]
    gave_up: set[int]


async def play(limiter: LocalRateLimiter, schedule: list[Call]) -> Told:
    told = Told([], [], set())

    async def call(number: int, it: Call) -> None:
        reservation = await limiter.acquire("k", {"requests": 1, "tokens": it.tokens})
        told.went.append(number)
        told.moves.append((now(), 1, it.tokens))
        try:
            await asyncio.sleep(it.takes)
        finally:
            told.moves.append((now(), 0, it.tokens * (it.used - 1)))
            await limiter.settle(reservation, {"requests": 1, "tokens": it.tokens * it.used})

    async def patient(number: int, it: Call) -> None:
        task = asyncio.create_task(call(number, it))
        if it.patience is not None:
            await asyncio.wait([task], timeout=it.patience)
            task.cancel()
        await asyncio.wait([task])
        if task.cancelled():
            told.gave_up.add(number)

    tasks = []
    for number, it in enumerate(schedule):
        await asyncio.sleep(it.after)
        tasks.append(asyncio.create_task(patient(number, it)))
    await asyncio.gather(*tasks)
    return told


@settings(max_examples=80, deadline=None)
@given(schedules)
def test_no_window_sees_more_than_the_bucket_and_what_refills_it(schedule: list[Call]) -> None:
    async def story() -> None:
        moves = (await play(LocalRateLimiter(rpm=RPM, tpm=TPM, clock=now), schedule)).moves
        for start in range(len(moves)):
            requests = tokens = 0.0
            for when, more_requests, more_tokens in moves[start:]:
                requests += more_requests
                tokens += more_tokens
                seconds = when - moves[start][0]
                assert requests <= RPM / 6 + RPM / 60 * seconds + 1e-3
                assert tokens <= TPM / 6 + TPM / 60 * seconds + 1e-3

    run(story())


@settings(max_examples=80, deadline=None)
@given(schedules)
def test_everyone_who_stays_goes_and_in_the_order_they_came(schedule: list[Call]) -> None:
    async def story() -> None:
        told = await play(LocalRateLimiter(rpm=RPM, tpm=TPM, clock=now), schedule)
        assert told.went == sorted(told.went)
        assert {*told.went} | told.gave_up == {*range(len(schedule))}

    run(story())


@settings(max_examples=80, deadline=None)
@given(schedules)
def test_in_the_end_nothing_is_lost_whoever_gave_up(schedule: list[Call]) -> None:
    async def story() -> None:
        limiter = LocalRateLimiter(rpm=RPM, tpm=TPM, clock=now)
        await play(limiter, schedule)
        await asyncio.sleep(10)
        for _ in range(10):
            await limiter.acquire("k", {"requests": 1, "tokens": 10}, timeout=0)
        for more in ({"requests": 0.01}, {"tokens": 0.01}):
            with pytest.raises(RateLimited):
                await limiter.acquire("k", more, timeout=0)

    run(story())


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 100), st.floats(0, 1), st.floats(0, 9))
def test_exactly_what_was_not_used_is_given_back(tokens: float, used: float, rest: float) -> None:
    async def story() -> None:
        limiter = LocalRateLimiter(tpm=TPM, clock=now)
        reservation = await limiter.acquire("k", {"tokens": tokens})
        await limiter.settle(reservation, {"tokens": tokens * used})
        await asyncio.sleep(rest)
        left = min(100.0, 100 - tokens * used + 10 * rest)
        await limiter.acquire("k", {"tokens": left}, timeout=0)
        with pytest.raises(RateLimited):
            await limiter.acquire("k", {"tokens": 0.01}, timeout=0)

    run(story())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=1, max_size=12))
def test_requests_of_any_size_go_in_the_end_at_the_rate(sizes: list[float]) -> None:
    async def story() -> None:
        limiter = LocalRateLimiter(tpm=TPM, clock=now)
        began = now()
        await asyncio.gather(*(limiter.acquire("k", {"tokens": size}) for size in sizes))
        before_the_last = sum(sizes) - sizes[-1]
        assert now() - began >= (before_the_last - 100) / 10 - 1e-3

    run(story())


def test_threads_that_take_and_give_back_at_once_neither_lose_nor_gain() -> None:
    limiter = LocalRateLimiter(tpm=60, burst_seconds=60, clock=lambda: 0.0)
    taken: list[int] = []

    async def many() -> None:
        for number in range(1000):
            with suppress(RateLimited):
                reservation = await limiter.acquire("k", {"tokens": 1}, timeout=0)
                taken.append(1)
                if number < 500:
                    await limiter.settle(reservation, {"tokens": 0})
                    taken.append(-1)

    on_restless_threads(many, many, many, many)
    assert sum(taken) + limiter._get_line("k").buckets["tokens"].level == 60


def test_threads_with_loops_of_their_own_share_one_limit_though_many_give_up() -> None:
    rate, burst = 4000.0, 20.0  # a second, and at once
    limiter = LocalRateLimiter(tpm=rate * 60, burst_seconds=burst / rate)
    admitted: list[float] = []

    async def call(chance: random.Random) -> None:
        tokens = chance.uniform(0, burst)
        waiting = asyncio.ensure_future(limiter.acquire("k", {"tokens": tokens}))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.uniform(0, 0.002))
            waiting.cancel()
        await asyncio.wait([waiting])
        if not waiting.cancelled():
            used = tokens * chance.random()
            admitted.append(tokens)
            await limiter.settle(waiting.result(), {"tokens": used})
            admitted.append(used - tokens)

    async def many(seed: int) -> None:
        chance = random.Random(seed)
        await asyncio.gather(*(call(chance) for _ in range(25)))

    began = time.monotonic()
    on_restless_threads(*(partial(many, seed) for seed in range(4)))
    assert 0 < sum(admitted) <= burst + rate * (time.monotonic() - began) + 1e-6
    assert not limiter._get_line("k").waiting
