"""Tests that every cache must pass; subclass them with your own."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from inspectiq.transports._stores import Cache

__all__ = ["CacheContract"]

T = TypeVar("T")

KEY = "0f" * 32
OTHER = "f0" * 32


class CacheContract:
    """Tests of a cache.

        class TestMine(CacheContract):
            def make_cache(self):
                return MyCache(host=local_stand_in)

    They keep a few entries of at most 100 kB. A cache with `aclose` is closed after each test.
    """

    @abstractmethod
    def make_cache(self) -> Cache:
        """Makes a new and empty cache."""

    @pytest.fixture
    def cache(self) -> Iterator[Cache]:
        """The cache under test."""
        cache = self.make_cache()
        yield cache
        close = getattr(cache, "aclose", None)
        if close is not None:
            asyncio.run(close())

    def test_it_is_a_cache(self, cache: Cache) -> None:
        assert isinstance(cache, Cache)

    def test_what_was_never_set_is_not_there(self, cache: Cache) -> None:
        assert _run_async(cache.get(KEY)) is None

    @pytest.mark.parametrize("value", [b"", b"{}", b"\x00\xff\n", b"x" * 100_000])
    def test_what_was_set_comes_back_byte_for_byte(self, cache: Cache, value: bytes) -> None:
        async def go() -> bytes | None:
            await cache.set(KEY, value)
            return await cache.get(KEY)

        assert _run_async(go()) == value

    def test_a_later_value_replaces_an_earlier_one(self, cache: Cache) -> None:
        async def go() -> bytes | None:
            await cache.set(KEY, b"a longer value")
            await cache.set(KEY, b"short")
            return await cache.get(KEY)

        assert _run_async(go()) == b"short"

    def test_keys_are_apart(self, cache: Cache) -> None:
        async def go() -> list[bytes | None]:
            await cache.set(KEY, b"one")
            await cache.set(OTHER, b"two")
            await cache.delete(KEY)
            return [await cache.get(KEY), await cache.get(OTHER)]

        assert _run_async(go()) == [None, b"two"]

    def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, cache: Cache) -> None:
        async def go() -> bytes | None:
            await cache.set(KEY, b"value")
            await cache.delete(KEY)
            await cache.delete(KEY)
            return await cache.get(KEY)

        assert _run_async(go()) is None

    def test_a_value_is_gone_when_its_time_is_over(self, cache: Cache) -> None:
        async def go() -> bytes | None:
            await cache.set(KEY, b"value", ttl=0.01)
            await cache.set(OTHER, b"value", ttl=3600)
            await asyncio.sleep(0.03)
            assert await cache.get(OTHER) == b"value"
            return await cache.get(KEY)

        assert _run_async(go()) is None

    def test_the_time_of_an_earlier_value_does_not_bind_a_later_one(self, cache: Cache) -> None:
        async def go() -> bytes | None:
            await cache.set(KEY, b"short-lived", ttl=0.01)
            await cache.set(KEY, b"kept", ttl=3600)
            await asyncio.sleep(0.03)
            return await cache.get(KEY)

        assert _run_async(go()) == b"kept"

    def test_one_cache_serves_one_loop_after_another(self, cache: Cache) -> None:
        _run_async(cache.set(KEY, b"value"))
        assert _run_async(cache.get(KEY)) == b"value"

    def test_it_serves_threads_that_each_have_a_loop(self, cache: Cache) -> None:
        async def work(name: int) -> list[bytes | None]:
            for number in range(5):
                await cache.set(f"{name}-{number}", b"%d" % name)
            return [await cache.get(f"{name}-{number}") for number in range(5)]

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda name: _run_async(work(name)), range(4)))
        assert found == [[b"%d" % name] * 5 for name in range(4)]

    def test_it_serves_many_at_once(self, cache: Cache) -> None:
        async def go() -> list[bytes | None]:
            await asyncio.gather(*(cache.set(str(n), b"%d" % n) for n in range(50)))
            return await asyncio.gather(*(cache.get(str(n)) for n in range(50)))

        assert _run_async(go()) == [b"%d" % n for n in range(50)]

    def test_a_cancelled_call_leaves_it_usable(self, cache: Cache) -> None:
        async def go() -> bytes | None:
            task = asyncio.ensure_future(cache.set(KEY, b"cancelled"))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            await cache.set(KEY, b"value")
            return await cache.get(KEY)

        assert _run_async(go()) == b"value"


def _run_async(operation: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(operation)
