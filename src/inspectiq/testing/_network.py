"""A guard for tests: any attempt to reach a network raises."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from unittest import mock

__all__ = ["NetworkBlocked", "block_network"]


class NetworkBlocked(OSError):
    """Something tried to reach a network inside `block_network()`."""


@contextmanager
def block_network(*, allow_loopback: bool = False) -> Iterator[None]:
    """Within it, connecting, sending to, or resolving any host raises `NetworkBlocked`.

    It holds for the whole process, all threads included. Unix sockets stay open.

    Args:
        allow_loopback: Let 127.0.0.0/8, ::1 and localhost through.
    """
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_sendto, real_sendmsg = socket.socket.sendto, socket.socket.sendmsg
    real_getaddrinfo = socket.getaddrinfo
    real_gethostbyname, real_gethostbyname_ex = socket.gethostbyname, socket.gethostbyname_ex

    def refuse(host: object) -> None:
        if not (allow_loopback and _is_loopback(host)):
            raise NetworkBlocked(f"the network is blocked in this test; something wanted {host!r}")

    def guard(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            refuse(address[0] if isinstance(address, tuple) else address)

    def connect(self: socket.socket, address: Any) -> None:
        guard(self, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        guard(self, address)
        return real_connect_ex(self, address)

    def sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        guard(self, rest[-1])
        return real_sendto(self, data, *rest)

    def sendmsg(self: socket.socket, *args: Any) -> int:
        if len(args) > 3 and args[3] is not None:  # else it was connected before
            guard(self, args[3])
        return real_sendmsg(self, *args)

    def gethostbyname(host: Any) -> Any:
        refuse(host)
        return real_gethostbyname(host)

    def gethostbyname_ex(host: Any) -> Any:
        refuse(host)
        return real_gethostbyname_ex(host)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse(host)
        return real_getaddrinfo(host, *args, **kwargs)

    with (
        mock.patch.object(socket.socket, "connect", connect),
        mock.patch.object(socket.socket, "connect_ex", connect_ex),
        mock.patch.object(socket.socket, "sendto", sendto),
        mock.patch.object(socket.socket, "sendmsg", sendmsg),
        mock.patch.object(socket, "getaddrinfo", getaddrinfo),
        mock.patch.object(socket, "gethostbyname", gethostbyname),
        mock.patch.object(socket, "gethostbyname_ex", gethostbyname_ex),
    ):
        yield


def _is_loopback(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):  # None is this machine, to getaddrinfo
        return True
    try:
        return ip_address(str(name)).is_loopback
    except ValueError:
        return False
