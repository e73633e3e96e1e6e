"""The outbox in a file: what goes wrong with files, and what must not go wrong with it."""

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, DeliveryError, WebhookNotifier
from inspectiq._sqlite import connect, file_lock
from inspectiq.webhooks import AttemptOutcome, Endpoint, Message, SQLiteOutbox
from inspectiq.webhooks import _group_commit as group_commit
from tests.webhooks.results import numbered

ENDPOINTS = [Endpoint(url="https://hooks.example/in", name=f"e{n}") for n in range(3)]
KEYS = {endpoint.name: 1000 for endpoint in ENDPOINTS}
NOW = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


Open = Callable[..., WebhookNotifier]


@pytest.fixture
def opened(path: Path) -> Iterator[Open]:
    """Makes notifiers with the file, each of which keeps three messages for a result."""
    notifiers = []

    def open_it(at: Path = path) -> WebhookNotifier:
        notifiers.append(WebhookNotifier(ENDPOINTS, outbox=at, background=False))
        return notifiers[-1]

    yield open_it
    for notifier in notifiers:
        notifier.close()


def ids(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {id for (id,) in raw.execute("SELECT id FROM messages")}
        assert kept == {id for (id,) in raw.execute("SELECT id FROM deliveries")}
    return kept


def accept(notifier: WebhookNotifier, number: object) -> set[str]:
    return {receipt.id for receipt in notifier.notify(numbered(f"{number}"))}


def refused(notifier: WebhookNotifier, number: object) -> str:
    """Why it is not accepted."""
    with pytest.raises(DeliveryError) as caught:
        notifier.notify(numbered(f"{number}"))
    assert "nothing was kept" in str(caught.value).lower()
    return caught.value.reason


def message(n: object, case_id: str = "") -> Message:
    return Message(id=f"msg_{n}", endpoint="e0", type="t", body=b"x" * 3000, case_id=case_id)


def script(code: str, *arguments: object) -> list[str]:
    """A command that runs Python; to write it down takes less room than to import it."""
    return [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code), *map(str, arguments)]


def run(code: str, *arguments: object) -> str:
    done = subprocess.run(
        script(code, *arguments), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# -- a disk that is full -------------------------------------------------------------------------


def test_a_file_that_may_not_grow_refuses_all_of_a_result_and_recovers(
    opened: Open, path: Path
) -> None:
    notifier = opened()
    accepted = accept(notifier, 0)
    connection = _connection(notifier)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    reason = ""
    for number in range(1, 20):
        try:
            accepted |= accept(notifier, number)
        except DeliveryError as error:
            reason = error.reason
            break
    assert reason == "full"
    assert ids(path) == accepted
    accepted |= accept(notifier, number)
    assert ids(path) == accepted


LIMITED = """
import resource, sys
from inspectiq import DeliveryError
from inspectiq.webhooks import Message, SQLiteOutbox
import asyncio

def batch(n):
    return [Message(id=f"{n}-{i}", endpoint="e", type="t", body=b"x" * 3000) for i in range(3)]

async def main():
    outbox = SQLiteOutbox(sys.argv[1])
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    for n in range(100):
        try:
            await outbox.add(batch(n), now=n)
        except DeliveryError as error:
            print(error.reason, n)
            break
    assert len(await outbox.list_records(now=0)) == 3 * n
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert await outbox.add(batch(n), now=n) == (True,) * 3
    await outbox.aclose()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="run it on Unix: it limits the size of files")
def test_a_write_that_fails_half_way_keeps_nothing_of_the_call(path: Path) -> None:
    reason, accepted = run(LIMITED, path).split()
    assert reason == "disk"
    assert len(ids(path)) == 3 * int(accepted) + 3


@pytest.mark.system
@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="sudo python -m pytest -m system tests/webhooks: it mounts a small file system",
)
def test_a_disk_without_room_refuses_all_of_a_result_and_recovers(
    opened: Open, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", "size=300k", "tmpfs", disk)
    try:
        notifier, accepted = opened(disk / "outbox.sqlite"), set[str]()
        reason = ""
        for number in range(200):
            try:
                accepted |= accept(notifier, number)
            except DeliveryError as error:
                reason = error.reason
                break
        assert reason == "full"
        assert accepted
        assert refused(notifier, number) == "full"
        _mount("-o", "remount,size=8m", disk)
        accepted |= accept(notifier, number)
        assert ids(disk / "outbox.sqlite") == accepted
        notifier.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True, timeout=30)


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True, timeout=30)


# -- files that may not be written ---------------------------------------------------------------


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder of a user to whom modes apply, and this process as that user."""
    if root := hasattr(os, "geteuid") and os.geteuid() == 0:
        os.setegid(65534)
        os.seteuid(65534)
    try:
        folder = Path(tempfile.mkdtemp())
        try:
            yield folder
        finally:
            folder.chmod(0o700)
            shutil.rmtree(folder)
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="run it on Unix: modes do not bind elsewhere")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_only_be_read_accepts_nothing_until_it_may_be_written(
    opened: Open, what: str
) -> None:
    accept(opened(), "imports all that it needs")
    with unprivileged() as folder:
        path = folder / "outbox.sqlite"
        notifier = opened(path)
        accepted = accept(notifier, 1)
        notifier.close()
        for file in folder.glob("*-journal"):
            file.unlink()
        if what == "file":
            path.chmod(0o400)
        else:
            folder.chmod(0o500)
        assert refused(notifier, 2) == "read_only"
        path.chmod(0o600)
        folder.chmod(0o700)
        accepted |= accept(notifier, 2)
        assert ids(path) == accepted
        notifier.close()


@pytest.mark.skipif(sys.platform == "win32", reason="run it on Unix: modes do not bind elsewhere")
def test_an_outbox_that_cannot_be_made_says_so_when_it_is_given(opened: Open) -> None:
    with unprivileged() as folder:
        folder.chmod(0o500)
        with pytest.raises(ConfigError, match="may be written to"):
            SQLiteOutbox(folder / "outbox.sqlite")


def test_an_outbox_needs_a_folder_that_exists(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="in a folder that exists"):
        SQLiteOutbox(tmp_path / "nowhere" / "outbox.sqlite")
    with pytest.raises(ConfigError, match="is a folder"):
        SQLiteOutbox(tmp_path)


# -- files that others have to do with -----------------------------------------------------------

HOLD = """
import sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
raw.execute("COMMIT")
"""


@contextmanager
def held_by_another_process(path: Path) -> Iterator[None]:
    process = subprocess.Popen(
        script(HOLD, path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate("\n", timeout=60)


def test_a_locked_file_is_an_error_until_it_is_free(
    opened: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier = opened()
    accepted = accept(notifier, 1)
    monkeypatch.setattr(group_commit, "PATIENCE", 0.02)
    notifier.close()
    with held_by_another_process(path):
        assert refused(notifier, 2) == "locked"
        assert refused(notifier, 2) == "locked"
    accepted |= accept(notifier, 2)
    assert ids(path) == accepted


async def test_nobody_waits_for_a_locked_file_twice(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.5)
    tried = []

    def connecting(*arguments: Any, **options: Any) -> sqlite3.Connection:
        tried.append(arguments)
        return connect(*arguments, **options)

    monkeypatch.setattr("inspectiq.webhooks._group_commit.connect", connecting)
    outbox = SQLiteOutbox(path)
    with held_by_another_process(path):
        done = await asyncio.gather(
            *(outbox.add([message(n)], now=NOW) for n in range(20)), return_exceptions=True
        )
    assert {getattr(error, "reason", None) for error in done} == {"locked"}
    assert len(tried) == 1
    assert await outbox.add([message(1)], now=NOW) == (True,)
    await outbox.aclose()


def test_a_file_that_vanishes_accepts_nothing_into_nowhere(opened: Open, path: Path) -> None:
    notifier = opened()
    accept(notifier, 1)
    path.unlink()
    assert refused(notifier, 2) == "moved"
    accepted = accept(notifier, 2)
    assert ids(path) == accepted
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_backup_that_is_put_in_place_is_taken_up(
    opened: Open, path: Path, tmp_path: Path
) -> None:
    notifier, backup = opened(), tmp_path / "backup.sqlite"
    accepted = accept(notifier, 1)
    SQLiteOutbox(path).backup(backup)
    lost = accept(notifier, 2)
    backup.replace(path)
    assert refused(notifier, 3) == "moved"
    accepted |= accept(notifier, 3)
    assert ids(path) == accepted
    assert not accepted & lost


def test_a_folder_that_vanishes_accepts_nothing(opened: Open, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    notifier = opened(folder / "outbox.sqlite")
    accept(notifier, 1)
    shutil.rmtree(folder)
    assert refused(notifier, 2) == "moved"
    assert refused(notifier, 2) == "disk"
    folder.mkdir()
    accepted = accept(notifier, 2)
    assert ids(folder / "outbox.sqlite") == accepted


@pytest.mark.parametrize("closed", [True, False], ids=["between uses", "in use"])
@pytest.mark.parametrize("first", [0, 4096], ids=["all of it", "all but the first page"])
def test_a_damaged_file_accepts_nothing_and_a_mended_one_has_all(
    opened: Open, path: Path, first: int, closed: bool
) -> None:
    notifier, accepted = opened(), set[str]()
    for number in range(5):
        accepted |= accept(notifier, number)
    if closed:
        notifier.close()
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[24:28] = b"\xff" * 4  # the change counter, as another program's write moves it on
    damaged[first:] = b"\xab" * (len(damaged) - first)
    with path.open("r+b") as file:
        file.write(damaged)
    assert refused(notifier, 6) == "corrupt"
    assert path.read_bytes() == damaged
    with path.open("r+b") as file:
        file.write(whole)
    accepted |= accept(notifier, 6)
    assert ids(path) == accepted


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE bookings (id)", "PRAGMA user_version = 7; CREATE TABLE a (b)"]
)
def test_the_database_of_another_program_or_version_is_left_as_it_is(
    opened: Open, path: Path, statement: str
) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(statement)
    before = path.read_bytes()
    notifier = opened()
    assert refused(notifier, 1) == "corrupt"
    assert path.read_bytes() == before
    path.unlink()
    accepted = accept(notifier, 1)
    assert ids(path) == accepted


def test_a_file_of_another_kind_is_refused_when_it_is_given(opened: Open, path: Path) -> None:
    path.write_bytes(b"\xff\xd8\xff\xe0 no database at all")
    with pytest.raises(ConfigError, match="no SQLite database"):
        opened()


# -- one process ---------------------------------------------------------------------------------


def _connection(notifier: WebhookNotifier) -> sqlite3.Connection:
    assert isinstance(notifier.outbox, SQLiteOutbox)
    connection = notifier.outbox._open_file()._connection
    assert connection is not None
    return connection


def test_what_is_accepted_is_on_the_disk(opened: Open) -> None:
    notifier = opened()
    accept(notifier, 1)
    connection = _connection(notifier)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)


@pytest.mark.skipif(sys.platform == "win32", reason="run it on Unix: it looks at file modes")
def test_the_file_its_journal_and_its_backup_are_for_their_owner_only(
    opened: Open, path: Path
) -> None:
    usual = os.umask(0)
    try:
        accept(opened(), 1)
        SQLiteOutbox(path).backup(path.with_name("backup.sqlite"))
    finally:
        os.umask(usual)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    names = ("outbox.sqlite", "outbox.sqlite-journal", "backup.sqlite")
    assert modes == dict.fromkeys(names, 0o600)


async def test_calls_that_come_while_one_is_written_share_the_next_transaction(
    path: Path,
) -> None:
    outbox, statements = SQLiteOutbox(path), list[str]()
    await outbox.add([message("first")], now=NOW)
    connection = outbox._open_file()._connection
    assert connection is not None
    connection.set_trace_callback(statements.append)
    with file_lock:  # nothing is written while they come
        tasks = [asyncio.ensure_future(outbox.add([message(n)], now=NOW)) for n in range(64)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in tasks)
    assert await asyncio.gather(*tasks) == [(True,)] * 64
    assert statements.count("COMMIT") <= 2
    await outbox.aclose()


async def test_a_call_that_cannot_be_kept_says_so_and_the_others_of_its_transaction_are_kept(
    path: Path,
) -> None:
    outbox = SQLiteOutbox(path)
    with file_lock:
        calls = [
            outbox.add([message("x")], now=NOW),
            outbox.add([message("y"), message("bad", case_id="\ud800")], now=NOW),
            outbox.add([message("z")], now=NOW),
        ]
        tasks = [asyncio.ensure_future(call) for call in calls]
        await asyncio.sleep(0)
    first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert (first, third) == ((True,), (True,))
    assert isinstance(second, DeliveryError)
    assert second.reason == "failed"
    assert ids(path) == {"msg_x", "msg_z"}
    await outbox.aclose()


def test_a_process_that_is_ending_says_that_it_accepts_nothing_more(path: Path) -> None:
    code = """
    import asyncio, atexit, sys
    from inspectiq import DeliveryError
    from inspectiq.webhooks import Message, SQLiteOutbox
    outbox = SQLiteOutbox(sys.argv[1])
    def add(id):
        return asyncio.run(outbox.add([Message(id=id, endpoint="e", type="t", body=b"")], now=0))
    def late():
        try:
            add("late")
        except DeliveryError as error:
            print(error.reason)
    atexit.register(late)
    add("in time")
    """
    assert run(code, path) == "closed\n"
    assert ids(path) == {"in time"}


FORKS = """
import asyncio, os, sys, threading
from inspectiq.webhooks import AttemptOutcome, Message, SQLiteOutbox

async def work(outbox, name, times):
    for number in range(times):
        id = f"{name}-{number}"
        message = Message(id=id, endpoint=name, type="t", body=b"x" * 500)
        assert await outbox.add([message], now=0) == (True,)
        (lease,) = await outbox.claim({name: 1}, now=0, lease=60)
        assert await outbox.record_outcome(lease, AttemptOutcome.delivered(), now=0)

outbox = SQLiteOutbox(sys.argv[1])
asyncio.run(work(outbox, "parent", 3))
going = True
def busy(name):
    number = 0
    while going:
        asyncio.run(work(outbox, f"{name}-{number}", 5))
        number += 1
def backups():
    number = 0
    while going:
        outbox.backup(f"{sys.argv[1]}-backup-{number}")
        number += 1
threads = [threading.Thread(target=busy, args=(f"thread-{n}",)) for n in range(2)]
threads.append(threading.Thread(target=backups))
for thread in threads:
    thread.start()
codes = []
for n in range(10):
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(work(outbox, f"child-{n}", 3))
            code = 0
        finally:
            os._exit(code)
    codes.append(os.waitpid(child, 0)[1])
going = False
for thread in threads:
    thread.join()
assert codes == [0] * 10, codes
told = {one.endpoint: one.delivered for one in asyncio.run(outbox.count(now=0))}
assert all(told[f"child-{n}"] == 3 for n in range(10)), told
asyncio.run(outbox.aclose())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="run it on Unix: it forks")
def test_children_after_fork_use_it_though_threads_were_writing_and_backing_up(
    path: Path,
) -> None:
    run(FORKS, path)
    ids(path)


# -- backups -------------------------------------------------------------------------------------

WRITE = """
import asyncio, sys
from inspectiq.webhooks import Message, SQLiteOutbox
async def main(path, name, told):
    outbox = SQLiteOutbox(path)
    with open(told, "ab", buffering=0) as file:
        for number in range(100_000):
            ids = [f"{name}-{number}-{n}" for n in range(4)]
            await asyncio.gather(*(
                outbox.add([Message(id=id, endpoint="e", type="t", body=b"x" * 3000)], now=0)
                for id in ids
            ))
            file.write(("\\n".join(ids) + "\\n").encode())
asyncio.run(main(*sys.argv[1:]))
"""


def test_a_backup_has_all_that_two_busy_processes_had_accepted_before(
    path: Path, tmp_path: Path
) -> None:
    outbox = SQLiteOutbox(path)
    lists = [tmp_path / f"accepted-{name}" for name in range(2)]

    def accepted() -> list[set[str]]:
        return [set(file.read_text().split()) if file.exists() else set() for file in lists]

    writers = [subprocess.Popen(script(WRITE, path, name, file)) for name, file in enumerate(lists)]
    grown = []
    try:
        while not all(accepted()):
            assert [writer.poll() for writer in writers] == [None, None]
        for number in range(5):
            before = accepted()
            copy = outbox.backup(tmp_path / f"backup-{number}")
            assert ids(copy) >= before[0] | before[1]
            grown.append(len(ids(copy)))
            while any(len(now) <= len(then) for now, then in zip(accepted(), before, strict=True)):
                assert [writer.poll() for writer in writers] == [None, None]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert grown == sorted(set(grown))
    assert ids(path) >= set.union(*accepted())


async def test_a_restored_backup_goes_on_where_it_stood(path: Path, tmp_path: Path) -> None:
    outbox = SQLiteOutbox(path)
    await outbox.add([message(n) for n in range(3)], now=NOW)
    first, second, _ = await outbox.claim(KEYS, now=NOW, lease=60)
    await outbox.record_outcome(first, AttemptOutcome.delivered(), now=NOW)
    await outbox.record_outcome(second, AttemptOutcome.dead("http_413"), now=NOW)
    restored = SQLiteOutbox(await outbox.abackup(tmp_path / "backup"))
    assert await restored.list_records(now=NOW) == await outbox.list_records(now=NOW)
    (again,) = await restored.claim(KEYS, now=NOW + 60, lease=60)  # a lease was in the copy
    assert again.message == message(2)
    await outbox.aclose()
    await restored.aclose()


def test_a_backup_replaces_no_file(path: Path, tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"photos")
    with pytest.raises(ConfigError, match="give the path of a new file"):
        SQLiteOutbox(path).backup(tmp_path / "photos.zip")
    assert (tmp_path / "photos.zip").read_bytes() == b"photos"


def test_a_backup_that_fails_leaves_no_half_of_a_copy(
    opened: Open, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.02)
    accept(opened(), 1)
    backup = tmp_path / "backup"
    with held_by_another_process(path), pytest.raises(DeliveryError) as caught:
        SQLiteOutbox(path).backup(backup)
    assert caught.value.reason == "locked"
    assert not backup.exists()
    SQLiteOutbox(path).backup(backup)
    assert ids(backup) == ids(path)


DIE = """
import os, sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA journal_mode = TRUNCATE")
raw.execute("PRAGMA cache_size = 1")
raw.execute("BEGIN IMMEDIATE")
raw.execute("UPDATE messages SET body = zeroblob(9000)")
raw.execute("DELETE FROM deliveries")
os._exit(0)
"""


def test_a_backup_undoes_what_a_process_that_died_had_begun(
    opened: Open, path: Path, tmp_path: Path
) -> None:
    notifier = opened()
    accepted = set.union(*(accept(notifier, number) for number in range(20)))
    notifier.close()
    outbox, whole = SQLiteOutbox(path), path.read_bytes()
    run(DIE, path)
    assert path.read_bytes() != whole
    copy = outbox.backup(tmp_path / "backup")
    assert ids(copy) == accepted
    assert ids(path) == accepted


def test_a_backup_is_made_while_a_thread_of_its_own_process_writes(
    path: Path, tmp_path: Path
) -> None:
    outbox, done = SQLiteOutbox(path), threading.Event()
    asyncio.run(outbox.add([message("first")], now=NOW))
    kept = ["msg_first"]

    async def write() -> None:
        for n in range(1000):
            await outbox.add([message(n)], now=NOW)
            kept.append(f"msg_{n}")
            if done.is_set():
                return

    writer = threading.Thread(target=lambda: asyncio.run(write()))
    writer.start()
    try:
        for number in range(10):
            before = set(kept)
            assert ids(outbox.backup(tmp_path / f"backup-{number}")) >= before
    finally:
        done.set()
        writer.join()
    asyncio.run(outbox.aclose())
