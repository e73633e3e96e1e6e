"""A caller that is cancelled while it connects: no connection stays open behind it."""

import asyncio
from typing import Any

import httpcore
import pytest

from inspectiq.net import NetPolicy
from inspectiq.net._guarded_backend import GuardedBackend

POLICY = NetPolicy(private=("127.0.0.0/8",), ports=(8000,))


class Stream(httpcore.AsyncNetworkStream):
    def __init__(self) -> None:
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True


class Connecting(httpcore.AsyncNetworkBackend):
    """Connects after so many seconds, and tells whether it was given up."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.stream, self.given_up = seconds, Stream(), False

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.given_up = True
            raise
        return self.stream


async def resolve(host: str, port: int) -> list[str]:
    return [host]


async def connect_and_cancel(seconds: float) -> Connecting:
    inner = Connecting(seconds)
    backend = GuardedBackend(POLICY, resolve, inner)
    task = asyncio.create_task(backend.connect_tcp("127.0.0.1", 8000))
    await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return inner


async def test_a_connection_that_is_nearly_there_is_closed() -> None:
    inner = await connect_and_cancel(0.01)
    assert inner.stream.closed


async def test_one_that_hangs_is_given_up() -> None:
    inner = await connect_and_cancel(600)
    assert inner.given_up


@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_a_connection_that_somebody_waits_for_stays_open(seconds: float) -> None:
    inner = Connecting(seconds)
    stream = await GuardedBackend(POLICY, resolve, inner).connect_tcp("127.0.0.1", 8000)
    assert stream is inner.stream
    assert not inner.stream.closed
