"""What an outage costs: requests a call, and how far deadlines are overrun.

    python benchmarks/outage.py [--calls 1000]

Runs against servers of its own on 127.0.0.1: one that answers 503 at once, one that resets the
connection, and one that never answers.
"""

import argparse
import asyncio
import io
import random
import struct
import time
from collections import Counter
from socket import SO_LINGER, SOL_SOCKET

from PIL import Image

from inspectiq import InspectionAgent, Limits, OpenAITransport, Photo

CASES = 10
DOWN = b"HTTP/1.1 503 x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--deadline", type=float, default=5.0)
    given = parser.parse_args()
    photos = [
        Photo.from_bytes(_draw_picture(number), name=f"{number}.jpg")
        for number in range(given.calls)
    ]
    for kind in ("503", "reset", "hang"):
        server = Server(kind)
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1000) as live:
            port = live.sockets[0].getsockname()[1]
            await _measure(kind, server, f"http://127.0.0.1:{port}/v1", photos, given.deadline)


async def _measure(
    kind: str, server: "Server", url: str, photos: list[Photo], deadline: float
) -> None:
    engine = OpenAITransport("gpt-6-luna", base_url=url, api_key="sk-benchmark")
    agent = InspectionAgent(engine, photos_per_request=1, limits=Limits(deadline=deadline))
    overruns = []
    outcomes: Counter[str] = Counter()

    async def inspect(part: list[Photo]) -> None:
        begun = time.monotonic()
        inspection = await agent.ainspect(part)
        overruns.append(time.monotonic() - begun - deadline)
        outcomes.update(one.fault.error if one.fault else one.status for one in inspection.photos)

    await asyncio.gather(*(inspect(photos[start::CASES]) for start in range(CASES)))
    await engine.aclose()
    late = max(0.0, *overruns) * 1000
    print(
        f"{kind:6} {len(photos)} calls, {server.requests} requests "
        f"({server.requests / len(photos):.3f} a call), deadline overrun by {late:.0f} ms at most, "
        f"outcomes {dict(outcomes)}"
    )


class Server:
    """Answers nothing that can be used, and counts."""

    def __init__(self, kind: str) -> None:
        self.kind, self.requests = kind, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                self.requests += 1
                if self.kind == "hang":
                    await reader.read()  # until the client leaves
                if self.kind == "reset":
                    socket = writer.get_extra_info("socket")
                    socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                    break
                writer.write(DOWN)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def _draw_picture(seed: int) -> bytes:
    noise = Image.frombytes("RGB", (8, 6), random.Random(seed).randbytes(8 * 6 * 3))
    file = io.BytesIO()
    noise.resize((160, 120), Image.Resampling.NEAREST).save(file, "JPEG", quality=90)
    return file.getvalue()


if __name__ == "__main__":
    asyncio.run(main())
