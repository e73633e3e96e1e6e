# ruff: noqa: ASYNC240 - nobody waits for a test that reads a small file
import asyncio
import logging
import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq import ConfigError
from inspectiq.testing import CacheContract
from inspectiq.transports import Cache, MemoryCache, SQLiteCache
from inspectiq.transports import _sqlite_store as sqlite_store

DAMAGED = b"SQLite format 3\0" + b"no database" * 1000


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


Open = Callable[..., SQLiteCache]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.db"


@pytest.fixture
async def opened(path: Path) -> AsyncIterator[Open]:
    """Opens the file, any number of times."""
    caches = []

    def open_it(**options: object) -> SQLiteCache:
        caches.append(SQLiteCache(path, **options))  # type: ignore[arg-type]
        return caches[-1]

    yield open_it
    for cache in caches:
        await cache.aclose()


@pytest.fixture
def warnings() -> Iterator[list[logging.LogRecord]]:
    """What the library logs."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[assignment,method-assign]
    logging.getLogger("inspectiq.transports").addHandler(handler)
    yield records
    logging.getLogger("inspectiq.transports").removeHandler(handler)


class TestMemoryCache(CacheContract):
    def make_cache(self) -> Cache:
        return MemoryCache()


class TestSQLiteCache(CacheContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "answers.db"

    def make_cache(self) -> Cache:
        return SQLiteCache(self.path)


Operations = list[tuple[str, str, int, int | None]]
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["get", "set", "delete", "wait"]),
        st.sampled_from("abcdefg"),
        st.integers(0, 40),  # bytes, three times so many, or tenths of a second
        st.one_of(st.none(), st.integers(1, 5)),
    ),
    max_size=40,
)


async def _behaves_like_a_list_by_use(cache: Cache, clock: Clock, operations: Operations) -> None:
    """Compares with the plainest thing that could be right: 100 bytes, the last used at the end."""
    kept: list[tuple[str, bytes, float]] = []
    for what, key, number, ttl in operations:
        if what == "wait":
            clock.now += number / 10
        clock.now += 0.001  # no two uses at the same moment
        kept = [entry for entry in kept if entry[2] > clock.now]
        found = [entry for entry in kept if entry[0] == key]
        if what == "get":
            assert await cache.get(key) == (found[0][1] if found else None)
            kept = [entry for entry in kept if entry[0] != key] + found
        if what == "delete":
            await cache.delete(key)
            kept = [entry for entry in kept if entry[0] != key]
        if what == "set":
            value = b"x" * (number if number % 4 else number * 3)
            await cache.set(key, value, ttl=ttl)
            expires = clock.now + ttl if ttl else float("inf")
            kept = [entry for entry in kept if entry[0] != key]
            if len(value) < 100:
                kept.append((key, value, expires))
            while sum(1 + len(entry[1]) for entry in kept) > 100:
                kept.pop(0)
    for key in "abcdefg":
        assert await cache.get(key) == dict(entry[:2] for entry in kept).get(key)


@given(OPERATIONS)
@settings(max_examples=100, deadline=None)
def test_memory_keeps_what_was_used_last_within_its_bytes(operations: Operations) -> None:
    clock = Clock()
    cache = MemoryCache(100, clock)

    async def go() -> None:
        # An entry that is over still takes room here until it is asked for.
        await _behaves_like_a_list_by_use(cache, clock, [(*one[:3], None) for one in operations])
        assert cache._bytes == sum(1 + len(value) for value, _ in cache._entries.values()) <= 100

    asyncio.run(go())


@given(OPERATIONS)
@settings(max_examples=25, deadline=None)
def test_a_file_keeps_what_was_used_last_within_its_bytes(operations: Operations) -> None:
    clock = Clock()

    async def go(path: Path) -> None:
        cache = SQLiteCache(path, max_bytes=100, clock=clock)
        await _behaves_like_a_list_by_use(cache, clock, operations)
        await cache.aclose()
        with closing(sqlite3.connect(path)) as raw:
            (total,) = raw.execute("SELECT bytes FROM total").fetchone()
            (sizes,) = raw.execute(
                "SELECT coalesce(sum(length(key) + length(value)), 0) FROM answers"
            ).fetchone()
        assert total == sizes <= 100

    with TemporaryDirectory() as folder:
        asyncio.run(go(Path(folder) / "answers.db"))


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_what_was_used_longest_ago_goes_first(kind: str, opened: Open) -> None:
    clock = Clock()
    cache: Cache = MemoryCache(10, clock) if kind == "memory" else opened(max_bytes=10, clock=clock)
    for key in ("a", "b"):
        await cache.set(key, b"1234")
        clock.now += 1
    assert await cache.get("a")
    clock.now += 1
    await cache.set("c", b"1234")
    assert [await cache.get(key) for key in "abc"] == [b"1234", None, b"1234"]


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_what_is_larger_than_the_whole_cache_is_not_kept_nor_what_it_replaces(
    kind: str, opened: Open
) -> None:
    cache: Cache = MemoryCache(100) if kind == "memory" else opened(max_bytes=100)
    await cache.set("other", b"x")
    await cache.set("key", b"old")
    await cache.set("key", b"x" * 98)
    assert await cache.get("key") is None
    assert await cache.get("other") == b"x"


async def test_a_file_has_a_time_to_keep_where_none_is_given(opened: Open) -> None:
    clock = Clock()
    cache = opened(ttl=10, clock=clock)
    await cache.set("default", b"x")
    await cache.set("longer", b"x", ttl=20)
    clock.now += 11
    assert await cache.get("default") is None
    assert await cache.get("longer") == b"x"


async def test_what_is_over_leaves_the_file_with_the_next_write(opened: Open, path: Path) -> None:
    clock = Clock()
    cache = opened(clock=clock)
    await cache.set("short", b"x", ttl=10)
    clock.now += 11
    await cache.set("other", b"x")
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT key FROM answers").fetchall() == [("other",)]


async def test_what_was_read_is_remembered_when_the_file_is_closed(opened: Open) -> None:
    clock = Clock()
    cache = opened(max_bytes=10, clock=clock)
    await cache.set("a", b"1234")
    clock.now += 1
    await cache.set("b", b"1234")
    clock.now += 1
    assert await cache.get("a")
    await cache.aclose()
    await cache.set("c", b"1234")
    assert await cache.get("a")
    assert await cache.get("b") is None


@pytest.mark.skipif(sys.platform == "win32", reason="file modes exist on Unix only")
async def test_a_file_is_for_its_owner_only(opened: Open, path: Path) -> None:
    await opened().set("key", b"x")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(("answers.db", "answers.db-wal", "answers.db-shm"), 0o600)


def test_a_file_needs_a_folder_that_exists(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"answers\.db cannot be made.*a folder that exists"):
        SQLiteCache(tmp_path / "nowhere" / "answers.db")
    with pytest.raises(ConfigError, match="is a folder"):
        SQLiteCache(tmp_path)


async def test_a_damaged_file_is_a_miss_is_logged_once_and_may_be_deleted(
    opened: Open, path: Path, warnings: list[logging.LogRecord]
) -> None:
    cache = opened()
    path.write_bytes(DAMAGED)
    await cache.set("key", b"x")
    assert await cache.get("key") is None
    await cache.delete("key")
    assert [record.getMessage()[:30] for record in warnings] == ["the cache file cannot be used;"]
    assert path.read_bytes() == DAMAGED
    path.unlink()
    await cache.set("key", b"x")
    assert await cache.get("key") == b"x"


async def test_a_file_that_is_damaged_while_it_is_used_is_a_miss(
    opened: Open, path: Path, warnings: list[logging.LogRecord]
) -> None:
    first = opened()
    for number in range(50):
        await first.set(str(number), b"x" * 3000)
    await first.aclose()
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xab" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    second = opened()
    assert await second.get("7") is None
    await second.set("7", b"x")
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE bookings (id)", "PRAGMA user_version = 7; CREATE TABLE a (b)"]
)
async def test_the_database_of_another_program_or_version_is_left_as_it_is(
    opened: Open, path: Path, warnings: list[logging.LogRecord], statement: str
) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(statement)
    before = path.read_bytes()
    await opened().set("key", b"x")
    assert len(warnings) == 1
    assert path.read_bytes() == before


async def test_a_locked_file_is_a_miss_and_nobody_waits_for_it_twice(
    opened: Open, path: Path, warnings: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "_PATIENCE", 0.02)
    cache = opened()
    await cache.set("key", b"old")
    file = cache._open_here()
    tried: list[str] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await cache.get("key") == b"old"  # a read waits for no writer
        await asyncio.gather(
            cache.set("key", b"new"),
            *(file.run(lambda: tried.append("x")) for _ in range(20)),
        )
        assert tried == []
    assert len(warnings) == 1
    assert await cache.get("key") == b"old"
    await cache.set("key", b"new")
    assert await cache.get("key") == b"new"


async def test_a_file_that_somebody_holds_in_another_journal_mode_can_be_read(
    opened: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "_PATIENCE", 0.02)
    cache = opened()
    await cache.set("key", b"x")
    await cache.aclose()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN")
        other.execute("SELECT * FROM answers").fetchall()
        assert await cache.get("key") == b"x"


async def test_a_file_that_has_vanished_is_made_anew_after_a_close(
    opened: Open, path: Path
) -> None:
    cache = opened()
    await cache.set("key", b"x")
    await cache.aclose()
    path.unlink()
    assert await cache.get("key") is None
    await cache.set("key", b"x")
    assert await cache.get("key") == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_two_caches_of_one_process_share_a_file(opened: Open) -> None:
    one, two = opened(), opened()
    await asyncio.gather(*(cache.set(str(n), b"x") for n in range(40) for cache in (one, two)))
    assert await two.get("39") == b"x"
    await one.aclose()
    await two.set("more", b"x")
    assert await one.get("more") == b"x"


def test_many_processes_write_one_file_at_once_and_nothing_is_lost(path: Path) -> None:
    code = f"""
    import asyncio, sys
    from inspectiq.transports import SQLiteCache
    assert "sqlite3" not in sys.modules  # on first use only
    async def go(name):
        cache = SQLiteCache({str(path)!r})
        print("ready", flush=True)
        sys.stdin.readline()
        for round in range(20):
            await asyncio.gather(*(
                cache.set(f"{{name}}-{{round}}-{{n}}", name.encode() * 500) for n in range(10)
            ))
        await cache.aclose()
    asyncio.run(go(sys.argv[1]))
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=60)
    assert [process.returncode for process in processes] == [0] * 3
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM answers").fetchone() == (600,)
        assert raw.execute("SELECT bytes FROM total").fetchone() == (
            sum(
                500 + len(f"{n}-{round}-{i}")
                for n in range(3)
                for round in range(20)
                for i in range(10)
            ),
        )


FORKS = """
import asyncio, os, sys, threading
from inspectiq.transports import SQLiteCache
from inspectiq.transports import MemoryCache

async def write(cache, name, times):
    for number in range(times):
        await cache.set(f"{name}-{number}", b"x" * 500)
    return await cache.get(f"{name}-{times - 1}")

file, memory = SQLiteCache(sys.argv[1]), MemoryCache()
asyncio.run(write(file, "parent", 3))
going = True
def busy(cache, name):
    while going:
        asyncio.run(write(cache, name, 20))
threads = [threading.Thread(target=busy, args=(file, f"thread-{n}")) for n in range(2)]
threads.append(threading.Thread(target=busy, args=(memory, "thread")))
for thread in threads:
    thread.start()
codes = []
for n in range(10):
    child = os.fork()
    if child == 0:
        fine = asyncio.run(write(file, f"child-{n}", 3)) and asyncio.run(write(memory, "child", 3))
        os._exit(0 if fine else 1)
    codes.append(os.waitpid(child, 0)[1])
going = False
for thread in threads:
    thread.join()
assert codes == [0] * 10, codes
assert asyncio.run(file.get("child-9-2")) == b"x" * 500
asyncio.run(file.aclose())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork exists on Unix only")
def test_children_after_fork_use_it_though_threads_were_writing(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKS, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_file_of_another_kind_is_refused_before_anything_is_paid_for(tmp_path: Path) -> None:
    (tmp_path / "wall.jpg").write_bytes(b"\xff\xd8\xff\xe0 no database at all")
    with pytest.raises(ConfigError, match="SQLite"):
        SQLiteCache(tmp_path / "wall.jpg")
