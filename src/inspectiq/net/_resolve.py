"""Looks up host names, without a thread pool that a slow name server could fill."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence

from inspectiq._host_calls import HostCallError, call_in_thread

__all__ = ["Resolve", "resolve"]

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Looks up a host's addresses, in the order in which the system would try them.

    The caller's own deadline bounds it.

    Raises:
        OSError: The name is not known, or the name server does not answer.
    """
    try:
        found = await call_in_thread(
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), None, "inspectiq-dns"
        )
    except HostCallError as raised:
        cause = raised.__cause__
        if isinstance(cause, OSError):
            raise cause from None
        # A name that cannot be encoded for a query raises UnicodeError, and is not known either.
        raise OSError("the name cannot be looked up") from cause
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
