"""Connects to addresses only, each of them checked a moment before."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, NoReturn

import httpcore

from inspectiq.errors import UnsafeURL
from inspectiq.net._addresses import Address, parse_address
from inspectiq.net._host_names import drop_root
from inspectiq.net._net_policy import NetPolicy
from inspectiq.net._resolve import Resolve
from inspectiq.net._urls import check_address

__all__ = ["MOST_ADDRESSES", "GuardedBackend", "resolve_checked"]

MOST_ADDRESSES = 8  # tried of one name; ours, so that a long answer does not make for a long wait
NEARLY_THERE = (
    0.05  # seconds that a connection has which is under way when nobody wants it any more
)


async def resolve_checked(
    host: str, port: int, policy: NetPolicy, resolve: Resolve
) -> tuple[Address, ...]:
    """Looks up a host's addresses once; every one of them must be allowed.

    Raises:
        UnsafeURL: One of them is not.
        OSError: There is none.
    """
    host = drop_root(host)
    literal = parse_address(host)
    answers: Sequence[str] = (host,) if literal else await resolve(host, port)
    addresses = tuple(
        address for answer in answers if (address := parse_address(answer)) is not None
    )
    if len(addresses) != len(answers) or not addresses:
        raise OSError(f"no address was found for {host}")
    for address in addresses:
        check_address(address, host, port, policy)
    return addresses


async def _connect_or_close(
    connecting: Coroutine[Any, Any, httpcore.AsyncNetworkStream],
) -> httpcore.AsyncNetworkStream:
    """Awaits a connection; if the caller is cancelled meanwhile, leaves none of it open.

    anyio, which connects for httpcore, loses a connection whose caller is cancelled just after it
    was made. So a connection that is nearly there is waited for, and closed.
    """
    task = asyncio.ensure_future(connecting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=NEARLY_THERE)
        task.cancel()  # nothing where it is done
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            await task.result().aclose()
        raise


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that it has checked, and never to a name.

    TLS is not its business: httpcore asks the stream for it, with the name of the URL.

    Args:
        policy: The hosts that are opened.
        resolve: Gives a host's addresses.
        inner: Opens the connection to an address.
    """

    def __init__(
        self, policy: NetPolicy, resolve: Resolve, inner: httpcore.AsyncNetworkBackend
    ) -> None:
        self._policy, self._resolve, self._inner = policy, resolve, inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        failure: Exception | None = None
        tried = (await self._look_up(host, port, until))[:MOST_ADDRESSES]
        for left, address in zip(range(len(tried), 0, -1), tried, strict=True):
            connecting = self._inner.connect_tcp(
                str(address),
                port,
                timeout=None if until is None else max(0.0, until - loop.time()) / left,
                local_address=local_address,
                socket_options=socket_options,
            )
            try:
                return await _connect_or_close(connecting)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None, "there is an address, and it failed"
        raise failure

    async def _look_up(self, host: str, port: int, until: float | None) -> tuple[Address, ...]:
        try:
            async with asyncio.timeout_at(until):
                return await resolve_checked(host, port, self._policy, self._resolve)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"looking up {host} took too long") from None
        except OSError as error:
            raise httpcore.ConnectError(f"{host} could not be looked up") from error

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> NoReturn:
        raise UnsafeURL("sockets of this machine are not connected to", reason="scheme")
