"""Blocks the network in tests: any attempt to reach a host raises."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import Any
from unittest import mock

__all__ = ["NetworkBlocked", "block_network"]


class NetworkBlocked(OSError):
    """Something tried to reach a network inside `block_network()`."""


@contextmanager
def block_network(*, allow_loopback: bool = False) -> Iterator[None]:
    """Makes connecting, sending to, or resolving any host raise `NetworkBlocked`, within it.

    It holds for the whole process, all threads included. Unix sockets stay open.

    Args:
        allow_loopback: Let 127.0.0.0/8, ::1 and localhost through.
    """

    def refuse(host: object) -> None:
        if not (allow_loopback and _is_loopback(host)):
            raise NetworkBlocked(f"the network is blocked in this test; something wanted {host!r}")

    with ExitStack() as patches:
        for name, find_address in METHODS.items():
            guarded = _guard_method(getattr(socket.socket, name), find_address, refuse)
            patches.enter_context(mock.patch.object(socket.socket, name, guarded))
        for name in LOOK_UPS:
            guarded = _guard_look_up(getattr(socket, name), refuse)
            patches.enter_context(mock.patch.object(socket, name, guarded))
        yield


# Methods of a socket, and where each has the address; `sendmsg` has none once it is connected.
METHODS: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "connect": lambda args: args[0],
    "connect_ex": lambda args: args[0],
    "sendto": lambda args: args[-1],
    "sendmsg": lambda args: args[3] if len(args) > 3 else None,
}
LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")


def _guard_method(
    real: Callable[..., Any],
    find_address: Callable[[tuple[Any, ...]], Any],
    refuse: Callable[[object], None],
) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = find_address(args)
        if address is not None and self.family in (socket.AF_INET, socket.AF_INET6):
            refuse(address[0] if isinstance(address, tuple) else address)
        return real(self, *args)

    return guarded


def _guard_look_up(
    real: Callable[..., Any], refuse: Callable[[object], None]
) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse(host)
        return real(host, *args, **kwargs)

    return guarded


def _is_loopback(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):  # None is this machine, to getaddrinfo
        return True
    try:
        return ip_address(str(name)).is_loopback
    except ValueError:
        return False
