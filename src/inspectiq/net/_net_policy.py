"""`NetPolicy`: which hosts may be reached besides public ones, and through which proxy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar

import httpx
from pydantic import ConfigDict, Field, ValidationError, field_validator

from inspectiq._settings import Settings
from inspectiq._taking import require
from inspectiq._text import to_one_line
from inspectiq._values import Value
from inspectiq.errors import ConfigError
from inspectiq.net._addresses import (
    Address,
    Network,
    classify_address,
    find_never_open,
    list_metadata_names,
    parse_address,
)
from inspectiq.net._host_names import drop_root, find_host_fault

__all__ = ["PORTS", "NetPolicy"]

PORTS = (80, 443, 8080, 8443)

_FORMS = (
    "write a host (backend), a host and its port (backend:8000), an address (10.1.2.3) or a "
    "network (10.0.0.0/8)"
)

_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^\[\]:/?#@]+)(:(?P<port>[0-9]{1,5}))?")
_VARIABLES = {
    "private": "INSPECTIQ_PRIVATE_NETWORKS",
    "ports": "INSPECTIQ_PORTS",
    "proxy": "INSPECTIQ_PROXY",
    "ca_bundle": "INSPECTIQ_CA_BUNDLE",
}

Port = Annotated[int, Field(ge=1, le=65_535)]


class NetPolicy(Value):
    """The hosts that may be reached besides public ones. Without arguments, none.

    Clouds' metadata services, multicast, broadcast and unspecified addresses, and IPv6 addresses
    that hold an IPv4 address, stay closed whatever is opened.

    Args:
        private: What is opened by name: hosts (`backend`), hosts with a port (`backend:8000`, which
            opens that port too), addresses (`10.1.2.3`) and networks (`10.0.0.0/8`).
            `INSPECTIQ_PRIVATE_NETWORKS`, separated by commas.
        ports: Ports besides 80, 443, 8080 and 8443. `INSPECTIQ_PORTS`, separated by commas.
        proxy: The HTTP proxy that everything goes through, such as `http://proxy:3128`; it may
            hold a user and a password, and is not shown. `INSPECTIQ_PROXY`.
        ca_bundle: A file of certificates in PEM form that are trusted besides the public ones.
            `INSPECTIQ_CA_BUNDLE`.

    Raises:
        ConfigError: An entry cannot be read, or would open what stays closed.
    """

    # A proxy may hold a password.
    model_config: ClassVar[ConfigDict] = ConfigDict(hide_input_in_errors=True)

    private: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    proxy: Annotated[str | None, Field(repr=False)] = None
    ca_bundle: Path | None = None

    def __init__(
        self,
        *,
        private: Iterable[str] = (),
        ports: Iterable[int] = (),
        proxy: str | None = None,
        ca_bundle: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(private, str):
            raise ConfigError(
                "NetPolicy(private=...) takes a tuple of entries and not one text; write "
                'private=("backend:8000",)'
            )
        fields = {"private": private, "ports": ports, "proxy": proxy, "ca_bundle": ca_bundle}
        try:
            super().__init__(**{name: value for name, value in fields.items() if value is not None})
        except ValidationError as error:
            said = "; ".join(
                _describe_problem(problem) for problem in error.errors(include_input=False)
            )
        else:
            return
        raise ConfigError(said)  # outside of the handler, which saw the proxy's password

    @classmethod
    def from_settings(cls, settings: Settings) -> NetPolicy:
        """Makes the policy that the environment asks for.

        Raises:
            ConfigError: An entry cannot be read.
        """
        require(settings, Settings, "settings", "give Settings.from_env()")
        return cls(
            private=settings.private_networks,
            ports=settings.ports,
            proxy=settings.proxy,
            ca_bundle=settings.ca_bundle,
        )

    def opens(self, host: str, port: int) -> bool:
        """Tells whether a host was opened by name, or an address by itself or its network.

        Nothing is looked up: a name is not open because its address is in a network that is.
        """
        _require_place(host, port)
        host = _normalise_host(host)
        address = parse_address(host)
        if _is_closed(host, address):
            return False
        if (host, port) in self._hosts:
            return True
        named = (host, None) in self._hosts or (address is not None and self._holds(address))
        return named and self._lists_port(port)

    def allows_port(self, host: str, port: int) -> bool:
        """Tells whether a port may be used at a host."""
        _require_place(host, port)
        return self._lists_port(port) or (_normalise_host(host), port) in self._hosts

    def allows(self, address: Address, host: str, port: int) -> bool:
        """Tells whether an address may be connected to, for a URL with this host and port."""
        _require_place(host, port)
        require(address, (IPv4Address, IPv6Address), "address", "give one of ipaddress")
        kind = classify_address(address)
        if kind is None:
            return True
        return not kind.never and (self._holds(address) or self.opens(host, port))

    def _lists_port(self, port: int) -> bool:
        return port in PORTS or port in self.ports

    def _holds(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    @cached_property
    def _hosts(self) -> frozenset[tuple[str, int | None]]:
        return frozenset(
            entry for entry in map(_parse_entry, self.private) if isinstance(entry, tuple)
        )

    @cached_property
    def _networks(self) -> tuple[Network, ...]:
        return tuple(
            entry for entry in map(_parse_entry, self.private) if not isinstance(entry, tuple)
        )

    @field_validator("private")
    @classmethod
    def _check_entries(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        for entry in entries:
            _parse_entry(entry)
        return entries

    @field_validator("proxy")
    @classmethod
    def _check_proxy(cls, proxy: str) -> str:
        try:
            url = httpx.URL(proxy)
        except httpx.InvalidURL:
            raise ValueError("no URL") from None
        if url.scheme not in ("http", "https"):
            raise ValueError("no HTTP proxy")
        _parse_entry(url.netloc.decode("ascii"))
        return proxy


def _require_place(host: object, port: object) -> None:
    require(host, str, "host", "give a name or an address as text")
    require(port, int, "port", "give a whole number")


def _is_closed(host: str, address: Address | None) -> bool:
    """Tells whether a host can never be opened."""
    kind = None if address is None else classify_address(address)
    return host in list_metadata_names() or (kind is not None and kind.never)


def _parse_entry(entry: str) -> tuple[str, int | None] | Network:
    """Parses an entry: a network, or a host with its port, None for all allowed ones."""
    text = entry.strip().lower()
    shown = repr(to_one_line(text.rpartition("@")[2], 60))  # before an @ may stand a password
    network: Network | None = None
    with suppress(ValueError):
        network = ip_network(text)
    if network is None:
        return _parse_host(text, shown)
    if kind := find_never_open(network):
        raise ValueError(f"{shown} stays closed, as {kind.name}; leave it out")
    return network


def _parse_host(text: str, shown: str) -> tuple[str, int | None]:
    parts = _HOST_AND_PORT.fullmatch(text)
    host = _normalise_host(parts["host"]) if parts else ""
    port = int(parts["port"]) if parts and parts["port"] else None
    address = parse_address(host)
    is_host = address is not None or not find_host_fault(host)
    if not is_host or not (port is None or 0 < port < 65_536):
        raise ValueError(f"{shown} is nothing that can be opened; {_FORMS}")
    if _is_closed(host, address):
        raise ValueError(f"{shown} stays closed; leave it out")
    return host, port


def _normalise_host(host: str) -> str:
    """Writes a host in the form that is connected to; empty if it cannot be one."""
    host = drop_root(host.lower().strip("[]"))
    if (address := parse_address(host)) is not None:
        return str(address)
    try:
        return httpx.URL(f"http://{host}").raw_host.decode()
    except httpx.InvalidURL:
        return ""


def _describe_problem(problem: Any) -> str:
    """Describes what is wrong with a field, and names both ways to set it."""
    field = str(problem["loc"][0])
    said = {
        "ports": "give whole numbers from 1 to 65535",
        "proxy": "give the URL of an HTTP proxy, such as http://user:password@proxy:3128",
        "ca_bundle": "give the path of a file of certificates",
    }
    fault = problem.get("ctx", {}).get("error")
    what = str(fault) if field == "private" and fault else said.get(field, problem["msg"])
    return f"NetPolicy({field}=...) or {_VARIABLES[field]}: {what}"
