"""A network that connects to nothing, writes down what was wanted, and answers as it is told."""

from collections.abc import Iterable
from typing import Any

import httpcore

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nphoto"


def moved(location: str, status: int = 302) -> bytes:
    target = location.encode("utf-8", "surrogatepass")
    return b"HTTP/1.1 %d Moved\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % (status, target)


class _Stream(httpcore.AsyncMockStream):
    def __init__(self, answer: bytes, sent: list[bytes], names: list[str | None]) -> None:
        super().__init__([answer])
        self._sent, self._names = sent, names

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._sent.append(buffer)

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        self._names.append(server_hostname)
        return self


class Network(httpcore.AsyncNetworkBackend):
    """Gives each connection the next answer, and the last one again and again."""

    def __init__(self, *answers: bytes, fail: Iterable[str] = ()) -> None:
        self._answers = list(answers or (OK,))
        self._fail = frozenset(fail)
        self.connected: list[tuple[str, int]] = []
        self.timeouts: list[float | None] = []
        self.sent: list[bytes] = []
        self.tls_names: list[str | None] = []

    @property
    def addresses(self) -> list[str]:
        return [address for address, _ in self.connected]

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        self.timeouts.append(timeout)
        if host in self._fail:
            raise httpcore.ConnectError("refused")
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return _Stream(answer, self.sent, self.tls_names)
