"""What must not be fetched is not connected to, and what is harmless is."""

from collections.abc import Sequence
from contextlib import suppress

import httpx
import pytest

from inspectiq.errors import UnsafeURL
from inspectiq.net import GuardedTransport, NetPolicy, check_url, fetch
from tests.net.cases import METADATA_ADDRESSES, NOT_PUBLIC, PUBLIC, REACHED, REFUSED, V4, resolve
from tests.net.recording import OK, Network, moved


def _id(value: str) -> str:
    return ascii(value)[:60]


@pytest.mark.parametrize(("reason", "url"), REFUSED, ids=_id)
async def test_what_is_unsafe_is_refused_and_nothing_is_connected_to(reason: str, url: str) -> None:
    network = Network()
    with pytest.raises(UnsafeURL) as caught:
        await fetch(url, resolve=resolve, network_backend=network)
    assert network.connected == []
    assert caught.value.reason == reason
    assert "word" not in f"{caught.value}{caught.value.url}"


async def test_a_client_with_the_transport_connects_to_none_of_it_either() -> None:
    network = Network()
    transport = GuardedTransport(resolve=resolve, network_backend=network)
    async with httpx.AsyncClient(transport=transport) as client:
        for _, url in REFUSED:
            # httpx takes some odd texts for a harmless URL, and then that is what is connected to.
            with suppress(UnsafeURL, httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
                await client.get(url)
    assert set(network.addresses) <= PUBLIC


def test_the_cases_are_many_and_each_is_one() -> None:
    assert len({url for _, url in REFUSED}) == len(REFUSED) >= 200
    assert len(REACHED) >= 15


@pytest.mark.parametrize(("url", "address"), REACHED, ids=_id)
async def test_what_is_harmless_is_reached(url: str, address: str) -> None:
    network = Network()
    assert await fetch(url, resolve=resolve, network_backend=network) == b"photo"
    assert network.addresses == [address]


@pytest.mark.parametrize("address", [*NOT_PUBLIC, *METADATA_ADDRESSES, "gopher://h/", "file:///x"])
@pytest.mark.parametrize("status", [301, 307])
async def test_a_redirect_to_what_is_unsafe_is_refused(address: str, status: int) -> None:
    if "//" in address:
        target = address
    else:
        target = f"http://[{address}]/" if ":" in address else f"//{address}/"
    network = Network(moved(target, status), OK)
    with pytest.raises(UnsafeURL, match="after a redirect"):
        await fetch("http://public.example/", resolve=resolve, network_backend=network)
    assert network.addresses == [V4]


@pytest.mark.parametrize(
    "location",
    [
        "http://user:word@other.example/",
        "http://other.example:22/",
        "http://127\u30020\u30020\u30021/",
        "http://2130706433/",
        "http://name-3.example/",
        "javascript:alert(1)",
        "//localhost/",
    ],
)
async def test_where_a_redirect_leads_is_checked_as_the_url_was(location: str) -> None:
    network = Network(moved(location), OK)
    with pytest.raises(UnsafeURL):
        await fetch("http://public.example/", resolve=resolve, network_backend=network)
    assert network.addresses == [V4]


@pytest.mark.parametrize(
    "location", ["\\\\127.0.0.1\\a", "http://other.example/\u200b", "http://[::1", "http://a b/"]
)
async def test_a_redirect_to_what_is_no_url_is_refused(location: str) -> None:
    network = Network(moved(location), OK)
    with pytest.raises(UnsafeURL, match="something that is no URL") as caught:
        await fetch("http://public.example/", resolve=resolve, network_backend=network)
    assert caught.value.reason == "redirect"
    assert network.addresses == [V4]


async def test_no_redirect_leads_from_https_to_http() -> None:
    network = Network(moved("http://public.example/"), OK)
    with pytest.raises(UnsafeURL, match="from https to http") as caught:
        await fetch("https://public.example/?key=word", resolve=resolve, network_backend=network)
    assert caught.value.reason == "redirect"
    assert caught.value.url == "https://public.example/"


async def test_three_redirects_are_followed_and_no_more() -> None:
    hops = [moved(f"https://h{n}.example/") for n in range(3)]
    network = Network(*hops, OK)
    url = "http://public.example/"
    assert await fetch(url, resolve=resolve, network_backend=network) == b"photo"
    assert len(network.connected) == 4
    network = Network(*hops, moved("https://h3.example/"), OK)
    with pytest.raises(UnsafeURL, match="more than 3 times") as caught:
        await fetch(url, resolve=resolve, network_backend=network)
    assert caught.value.reason == "redirect"
    assert len(network.connected) == 4


async def test_a_name_is_looked_up_once_so_that_a_second_answer_comes_too_late() -> None:
    asked = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return (V4,) if len(asked) == 1 else ("127.0.0.1",)

    network = Network(OK)
    await fetch("https://rebind.example/", resolve=rebinding, network_backend=network)
    assert asked == [("rebind.example", 443)]
    assert network.addresses == [V4]
    with pytest.raises(UnsafeURL):
        await fetch("https://rebind.example/", resolve=rebinding, network_backend=network)
    assert network.addresses == [V4]


async def test_a_redirect_to_the_same_name_that_now_means_another_address_is_refused() -> None:
    answers = iter([(V4,), ("127.0.0.1",)])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    network = Network(moved("http://rebind.example:8080/"), OK)
    with pytest.raises(UnsafeURL):
        await fetch("http://rebind.example/", resolve=rebinding, network_backend=network)
    assert network.addresses == [V4]


async def test_headers_go_to_the_first_origin_and_never_come_back() -> None:
    headers = {"Authorization": "Bearer word", "Cookie": "a=word", "X-Mine": "word"}
    network = Network(moved("/b"), moved("https://other.example/"), OK)
    # A connection is made for each answer, for the first one says that it closes.
    await fetch(
        "https://public.example/", headers=headers, resolve=resolve, network_backend=network
    )
    first, *_, last = filter(None, network.sent)
    assert first.count(b"word") == 3
    assert b"Host: other.example" in last
    assert b"word" not in last
    assert b"Mine" not in last


async def test_a_dot_at_the_end_of_a_host_makes_no_other_origin() -> None:
    network = Network(moved("https://public.example./b"), OK)
    url, headers = "https://public.example/", {"Authorization": "Bearer word"}
    await fetch(url, headers=headers, resolve=resolve, network_backend=network)
    assert all(b"word" in sent for sent in filter(None, network.sent))


async def test_a_port_or_scheme_of_its_own_is_another_origin() -> None:
    for url in ("https://public.example:8443/", "http://public.example:8080/"):
        network = Network(moved(url), OK)
        start = "http://public.example/"
        headers = {"Authorization": "Bearer word"}
        await fetch(start, headers=headers, resolve=resolve, network_backend=network)
        assert b"word" in network.sent[0]
        assert not any(b"word" in sent for sent in network.sent[1:])


async def test_a_host_is_refused_before_it_is_opened_and_reached_after() -> None:
    url, network = "http://backend:8000/a.jpg", Network()
    with pytest.raises(UnsafeURL, match=r'private=\("backend:8000",\)'):
        await fetch(url, resolve=resolve, network_backend=network)
    with pytest.raises(UnsafeURL, match="INSPECTIQ_PRIVATE_NETWORKS"):
        await fetch("http://backend/", resolve=resolve, network_backend=network)
    assert network.connected == []
    opened = NetPolicy(private=("backend:8000",))
    await fetch(url, opened, resolve=resolve, network_backend=network)
    assert network.connected == [("10.1.2.3", 8000)]
    for other in ("http://backend/", "http://backend:8443/", "http://10.1.2.3/"):
        with pytest.raises(UnsafeURL):
            await fetch(other, opened, resolve=resolve, network_backend=network)


@pytest.mark.parametrize("opened", ["backend", "10.0.0.0/8", "10.1.2.3", "0.0.0.0/0"])
async def test_a_name_is_reached_where_it_or_its_address_is_open(opened: str) -> None:
    network = Network()
    policy = NetPolicy(private=(opened,))
    await fetch("http://backend:8080/", policy, resolve=resolve, network_backend=network)
    assert network.connected == [("10.1.2.3", 8080)]


@pytest.mark.parametrize("opened", ["169.254.0.0/16", "0.0.0.0/0", "::/0", "fd00::/8", "fe80::/10"])
@pytest.mark.parametrize("address", METADATA_ADDRESSES)
async def test_metadata_stays_closed_whatever_is_opened(opened: str, address: str) -> None:
    policy, network = NetPolicy(private=(opened,)), Network()
    named = f"http://[{address}]/" if ":" in address else f"http://{address}/"

    async def points_there(host: str, port: int) -> Sequence[str]:
        return (address,)

    for url in (named, "http://rebind.example/", "http://metadata.google.internal/"):
        with pytest.raises(UnsafeURL) as caught:
            await fetch(url, policy, resolve=points_there, network_backend=network)
        assert caught.value.reason == "metadata_address"
        assert "stays closed" in str(caught.value)
    assert network.connected == []


EMBEDDED = ("::ffff:10.0.0.1", "::a00:1", "64:ff9b::a00:1", "2002:a00:1::1", "fe80::5efe:a00:1")


@pytest.mark.parametrize("address", [*EMBEDDED, "::", "0.0.0.0", "224.0.0.1", "255.255.255.255"])
async def test_what_is_never_open_stays_closed_also_to_a_name_that_is(address: str) -> None:
    async def points_there(host: str, port: int) -> Sequence[str]:
        return (address,)

    network, policy = Network(), NetPolicy(private=("backend", "0.0.0.0/0", "::/0"))
    with pytest.raises(UnsafeURL, match="stays closed"):
        await fetch("http://backend/", policy, resolve=points_there, network_backend=network)
    assert network.connected == []


@pytest.mark.parametrize("url", ["http://public.example/", "HTTP://public.example:80/a"])
def test_schemes_can_be_narrowed(url: str) -> None:
    with pytest.raises(UnsafeURL, match="not https") as caught:
        check_url(url, NetPolicy(), schemes=("https",))
    assert caught.value.reason == "scheme"


def test_the_checked_url_is_what_is_connected_to() -> None:
    url = check_url("https://B\u00dcCHER.example:443/\u00e4?q=1#part", NetPolicy())
    assert str(url) == "https://xn--bcher-kva.example/%C3%A4?q=1"


def test_a_refusal_shows_neither_query_nor_userinfo_nor_fragment() -> None:
    with pytest.raises(UnsafeURL) as caught:
        check_url("http://user:word@h.example:99/path?sig=word#word", NetPolicy())
    assert "word" not in str(caught.value)
    assert caught.value.url == "http://h.example:99/path"
