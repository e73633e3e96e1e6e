"""Each event loop has a client of its own, which is closed on that loop or goes with it."""

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from inspectiq._per_loop import ClientPerLoop


class Client:
    """A client that knows its loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed_on: list[asyncio.AbstractEventLoop] = []

    async def aclose(self) -> None:
        self.closed_on.append(asyncio.get_running_loop())


def make_clients() -> ClientPerLoop[Client]:
    return ClientPerLoop(Client, close=Client.aclose)


async def test_a_loop_gets_the_same_client_until_it_is_closed() -> None:
    clients = make_clients()
    first = clients.get()
    assert clients.get() is first
    await clients.aclose()
    assert first.closed_on == [first.loop]
    assert clients.get() is not first
    await clients.aclose()
    assert len(first.closed_on) == 1


def test_loops_in_threads_never_share_a_client() -> None:
    clients, met = make_clients(), threading.Barrier(8)

    async def ask() -> list[Client]:
        await asyncio.to_thread(met.wait)
        return [clients.get() for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: asyncio.run(ask()), range(8)))
    assert all(len(set(map(id, mine))) == 1 for mine in got)
    assert len({id(mine[0]) for mine in got}) == 8


def test_another_loop_closes_its_own_client_and_is_not_waited_for() -> None:
    clients = make_clients()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:

        async def ask() -> Client:
            return clients.get()

        theirs = asyncio.run_coroutine_threadsafe(ask(), loop).result(5)
        asyncio.run(clients.aclose())
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(5)
        assert theirs.closed_on == [loop]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def test_the_client_of_a_closed_loop_is_let_go_though_it_holds_its_loop() -> None:
    clients = make_clients()

    async def ask() -> weakref.ref[Client]:
        return weakref.ref(clients.get())

    gone = asyncio.run(ask())
    asyncio.run(ask())
    gc.collect()
    assert gone() is None


async def test_closing_that_is_cancelled_closes_all_the_same_and_is_cancelled_after_it() -> None:
    closed = []

    async def close(client: object) -> None:
        await asyncio.sleep(0.01)
        closed.append(client)

    clients = ClientPerLoop(object, close=close)
    client = clients.get()
    closing = asyncio.create_task(clients.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert closed == [client]
