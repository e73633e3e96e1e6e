"""Whatever the URL, nothing is connected to that is not public."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, ip_address, ip_network

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from inspectiq.errors import FetchFailed, UnsafeURL
from inspectiq.net import GuardedTransport, fetch
from tests.net.cases import METADATA_ADDRESSES, NOT_PUBLIC, PUBLIC, REACHED, REFUSED
from tests.net.recording import OK, Network, moved

# An oracle that shares nothing with the guard: what IANA hands out and never takes back.
CLOSED = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32"),
            *("169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "224.0.0.0/3"),
            *("2001::/23", "2002::/16"),
        ),
    )
)

addresses = st.one_of(
    st.sampled_from(sorted(PUBLIC)),
    st.sampled_from(NOT_PUBLIC + METADATA_ADDRESSES),
    st.ip_addresses().map(str),
)
numbers = st.one_of(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0x7F000001, 0x0A000001, 0xA9FEA9FE, 0x08080808]),
).flatmap(
    lambda number: st.sampled_from(
        [
            str(number),
            hex(number),
            f"0{number:o}",
            str(IPv4Address(number)),
            ".".join(hex(byte) for byte in number.to_bytes(4, "big")),
            ".".join(f"0{byte:o}" for byte in number.to_bytes(4, "big")),
            f"{number >> 24}.{number & 0xFFFFFF}",
            str(IPv4Address(number)).translate({46: "\u3002"}),
            "".join(chr(0xFF10 + int(c)) if c.isdigit() else c for c in str(IPv4Address(number))),
        ]
    )
)
names = st.sampled_from(
    ["public.example", "localhost", "a.localhost", "metadata", "backend", "b\u00fccher.example"]
)
hosts = st.one_of(
    numbers,
    names,
    st.one_of(numbers, names).map(lambda name: f"{name}."),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    addresses.map(lambda address: f"[{address}]" if ":" in address else address),
    st.text(max_size=12),
)
separators = st.sampled_from(["", "@", "\\", "#", "?", "/", "%40", ":80@", "\t", "\n", "%00", " "])
ports = st.sampled_from(["", ":80", ":443", ":8443", ":22", ":", ":8_0", ":+80"])
schemes = st.sampled_from(["http://", "https://", "HTTP://", "http:", "http:/", "//", "http:\\\\"])
built = st.builds(
    "".join, st.tuples(schemes, hosts, separators, hosts, ports, st.sampled_from(["", "/", "/@x"]))
)
plain = st.builds("".join, st.tuples(schemes, hosts, ports))
known = st.sampled_from([url for _, url in (*REFUSED, *((a, u) for u, a in REACHED))])
urls = st.one_of(built, plain, known, st.text(max_size=60))


def _public(text: str) -> bool:
    address = ip_address(text)
    return address.is_global and not any(address in network for network in CLOSED)


@settings(max_examples=100, deadline=None)
@given(
    url=urls, target=urls, answers=st.lists(addresses, min_size=1, max_size=3), seed=st.integers()
)
def test_no_text_leads_to_a_connection_that_is_not_public(
    url: str, target: str, answers: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    given_out: set[str] = set()

    async def resolve(host: str, port: int) -> Sequence[str]:
        given_out.update(chosen := chance.sample(answers, chance.randint(1, len(answers))))
        return chosen

    async def run() -> Network:
        network = Network(moved(target.partition("\n")[0]), OK)
        with suppress(UnsafeURL, FetchFailed):
            await fetch(url, resolve=resolve, network_backend=network)
        transport = GuardedTransport(resolve=resolve, network_backend=network)
        with suppress(UnsafeURL, httpx.InvalidURL, httpx.TransportError, UnicodeError):
            await transport.handle_async_request(httpx.Request("GET", url))
        return network

    network = asyncio.run(run())
    assert all(map(_public, network.addresses))
