#!/usr/bin/env bash
# httpcore 1.0.9: closing a connection pool, once cancelled, never closes the rest of its connections.
#
# Behaviour: `AsyncConnectionPool.aclose()` forgets all connections first, then closes them one by one
# within a shield that holds against anyio's cancel scopes and not against asyncio's own
# `Task.cancel()`. A task that is cancelled in between, as a timeout around the end of an
# `async with` does, leaves those that are left open, and closing again closes nothing.
# httpx 0.28.1 closes its pool so.
#
# Four idle connections to a server on this machine; the task that closes is cancelled after so many
# turns of the event loop, then the pool is closed once more.
#
# Output seen, Python 3.11 on Linux:
#     cancelled after 0 turns: 0 of 4 left open
#     cancelled after 1 turns: 3 of 4 left open
#     cancelled after 2 turns: 2 of 4 left open
#     cancelled after 3 turns: 1 of 4 left open
#     cancelled after 4 turns: 0 of 4 left open
#
# Fails if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q httpcore==1.0.9 anyio==4.16.0 h11==0.16.0
cat > "$work/try.py" <<'PYTHON'
import asyncio

import httpcore


async def answer(reader, writer):
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(0.05)  # so that four requests need four connections
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def count_left_open(url, turns):
    pool = httpcore.AsyncConnectionPool()
    answers = await asyncio.gather(*(pool.request("GET", url) for _ in range(4)))
    sockets = [one.extensions["network_stream"].get_extra_info("socket") for one in answers]
    closing = asyncio.create_task(pool.aclose())
    for _ in range(turns):
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    await pool.aclose()
    await asyncio.sleep(0.1)
    return sum(socket.fileno() != -1 for socket in sockets)


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    for turns in range(5):
        left = await count_left_open(f"http://{host}:{port}/", turns)
        print(f"cancelled after {turns} turns: {left} of 4 left open")
    server.close()


asyncio.run(main())
PYTHON
"$work/venv/bin/python" "$work/try.py" | tee "$work/seen"
diff - "$work/seen" <<'SEEN' || { echo "it behaves otherwise now" >&2; exit 1; }
cancelled after 0 turns: 0 of 4 left open
cancelled after 1 turns: 3 of 4 left open
cancelled after 2 turns: 2 of 4 left open
cancelled after 3 turns: 1 of 4 left open
cancelled after 4 turns: 0 of 4 left open
SEEN
