"""Tells which addresses are public, and which of the others a host may open."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

__all__ = [
    "Address",
    "AddressKind",
    "Network",
    "classify_address",
    "find_never_open",
    "list_metadata_names",
    "parse_address",
]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_HANDED_OUT = IPv6Network("2000::/3")
_ISATAP = {0x0000_5EFE, 0x0200_5EFE}  # RFC 5214, 6.1: the upper half of an interface identifier


@dataclass(frozen=True, slots=True)
class AddressKind:
    """A kind of address that is not public, such as a private one.

    Attributes:
        name: For messages, such as `a private address`.
        never: Whether it stays closed whatever a policy opens.
        metadata: Whether a cloud's credentials may be behind it.
    """

    name: str
    never: bool = False
    metadata: bool = False


_EMBEDDED = AddressKind("an IPv6 address with an IPv4 address inside", never=True)
_OTHER = AddressKind("a reserved address")


def parse_address(host: str) -> Address | None:
    """Parses a host that is written as an address; None if it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def classify_address(address: Address) -> AddressKind | None:
    """Tells what kind an address is; None if it is public."""
    # Before all networks, since one of them may be opened that holds such an address.
    if isinstance(address, IPv6Address) and (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return _EMBEDDED
    for kind, networks in _load_groups():
        if any(address in network for network in networks):
            return kind
    public = address.is_global if isinstance(address, IPv4Address) else address in _HANDED_OUT
    return None if public else _OTHER


def find_never_open(network: Network) -> AddressKind | None:
    """Finds the kind of a network all of whose addresses stay closed; None for any other."""
    for kind, networks in _load_groups():
        if any(_is_within(network, whole) for whole in networks):
            return kind if kind.never else None
    return None


def _is_within(network: Network, whole: Network) -> bool:
    return network.network_address in whole and network.broadcast_address in whole


@cache
def list_metadata_names() -> frozenset[str]:
    """Lists the names under which clouds serve their metadata."""
    return frozenset(_load_file()["metadata_names"]["names"])


@cache
def _load_groups() -> tuple[tuple[AddressKind, tuple[Network, ...]], ...]:
    return tuple(
        (
            AddressKind(group["is"], group.get("never", False), group.get("metadata", False)),
            tuple(ip_network(network) for network in group["networks"]),
        )
        for group in _load_file()["group"]
    )


@cache
def _load_file() -> dict[str, Any]:
    text = files("inspectiq.net").joinpath("addresses.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
