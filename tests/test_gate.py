import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from inspectiq._gate import Gate


def test_no_more_weight_is_inside_than_fits_from_threads_and_loops_alike() -> None:
    gate, lock = Gate(10), threading.Lock()
    inside, most = 0, 0

    def count(weight: int) -> None:
        nonlocal inside, most
        with lock:
            inside += weight
            most = max(most, inside)

    def on_thread(weight: int) -> None:
        with gate.hold(weight):
            count(weight)
            time.sleep(0.001)
            count(-weight)

    async def on_loop(weight: int) -> None:
        async with gate.ahold(weight):
            count(weight)
            await asyncio.sleep(0.001)
            count(-weight)

    async def many() -> None:
        await asyncio.gather(*(on_loop(1 + number % 7) for number in range(40)))

    with ThreadPoolExecutor(6) as pool:
        loops = [pool.submit(asyncio.run, many()) for _ in range(2)]
        threads = [pool.submit(on_thread, 1 + number % 9) for number in range(60)]
        for future in [*loops, *threads]:
            future.result(10)
    assert inside == 0
    assert 0 < most <= 10
    with gate.hold(10):
        pass


async def test_whoever_comes_first_goes_first_though_a_later_one_would_fit() -> None:
    gate, order = Gate(4), []

    async def enter(name: str, weight: int) -> None:
        async with gate.ahold(weight):
            order.append(name)
            await asyncio.sleep(0)

    async with gate.ahold(2):
        tasks = [asyncio.create_task(enter("heavy", 4)), asyncio.create_task(enter("light", 1))]
        await asyncio.sleep(0.01)
        assert order == []
    await asyncio.gather(*tasks)
    assert order == ["heavy", "light"]


async def test_the_heaviest_passes_alone() -> None:
    gate, order = Gate(2), []

    async def enter() -> None:
        async with gate.ahold(1):
            order.append("light")

    async with gate.ahold(50):
        waiting = asyncio.create_task(enter())
        await asyncio.sleep(0.01)
        order.append("heavy")
    await waiting
    assert order == ["heavy", "light"]


async def test_a_cancelled_wait_leaves_its_place_to_the_next() -> None:
    gate, entered = Gate(1), []

    async def enter(name: int) -> None:
        async with gate.ahold():
            entered.append(name)

    for _ in range(20):
        async with gate.ahold():
            tasks = [asyncio.create_task(enter(name)) for name in range(3)]
            await asyncio.sleep(0)
        tasks[0].cancel()  # granted, but not yet awake
        tasks[1].cancel()
        async with asyncio.timeout(1):
            done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in done[:2]] == [asyncio.CancelledError] * 2
    assert entered == [2] * 20
    async with asyncio.timeout(1), gate.ahold():
        pass
