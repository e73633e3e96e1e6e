"""A PostgreSQL server of our own, and PgBouncer before it, for as long as tests need them."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import psycopg.conninfo

UNPRIVILEGED = 65534  # nobody; PostgreSQL does not run as root


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`; Debian does not put it on the path."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (known[-1] if known else None)
    return None if found is None else Path(found).resolve().parent


@contextmanager
def postgres() -> Iterator[str]:
    """A new server on a free port of this machine; its connection string."""
    programs = binaries()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
        user = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}
    try:
        subprocess.run(
            [
                *(programs / "initdb", "--pgdata", folder / "files", "--username", "test"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
            cwd="/",
            **user,
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(programs / "postgres", "-D", folder / "files", "-p", str(port)),
                    *(word for setting in settings for word in ("-c", setting)),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                **user,
            )
        try:
            url = f"host=127.0.0.1 port={port} user=test dbname=postgres"
            _wait_for(server, url, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # ends its children first, and waits for no client
            server.wait(60)
    finally:
        shutil.rmtree(folder)


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """PgBouncer in transaction mode before the server of a connection string; its own string."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    known = psycopg.conninfo.conninfo_to_dict(url)
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
        user = {"user": UNPRIVILEGED, "group": UNPRIVILEGED, "extra_groups": []}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={known['host']} port={known['port']} user={known['user']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        "pool_mode = transaction\nunix_socket_dir =\ndefault_pool_size = 3\n",
        encoding="utf-8",
    )
    try:
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([program, settings], stdout=log, stderr=log, cwd="/", **user)
        try:
            own = f"host=127.0.0.1 port={port} user={known['user']} dbname={known['dbname']}"
            _wait_for(server, own, folder / "log")
            yield own
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
    finally:
        shutil.rmtree(folder)


def _wait_for(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        else:
            return
