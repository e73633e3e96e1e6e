"""Checks a URL's text, before anything is looked up or connected to."""

from __future__ import annotations

import re
from collections.abc import Collection

import httpx

from inspectiq._taking import require, require_all
from inspectiq._text import to_one_line
from inspectiq.errors import UnsafeReason, UnsafeURL
from inspectiq.net._addresses import Address, classify_address, list_metadata_names, parse_address
from inspectiq.net._host_names import drop_root, find_host_fault
from inspectiq.net._net_policy import PORTS, NetPolicy

__all__ = ["MAX_URL", "check_address", "check_text", "check_url", "get_port", "strip_secrets"]

MAX_URL = 8_192  # bytes; ours, as common servers bound a request line

# Only narrows what httpx reads: it would take `8_0` for a port, and `。` for a dot.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:%。．｡]+)(:[0-9]{1,5})?", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HERE = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


def check_url(
    url: str | httpx.URL, policy: NetPolicy, *, schemes: Collection[str] = ("http", "https")
) -> httpx.URL:
    """Checks a URL's text; no name is looked up and nothing is connected to.

    What a name stands for is checked when `GuardedTransport` connects.

    Args:
        url: The URL, at most 8,192 bytes.
        policy: What is opened by name.
        schemes: Those that are allowed.

    Returns:
        The URL as it is connected to, without a fragment, and without a dot at the host's end.

    Raises:
        UnsafeURL: It must not be fetched or posted to; the message says how to mend it.
    """
    require(policy, NetPolicy, "policy", "give a NetPolicy")
    schemes = require_all(schemes, "schemes", "give those that are allowed, such as ('https',)")
    text = str(url)
    check_text(text)
    try:
        parsed = httpx.URL(text)
        rootless = _drop_root(parsed)  # without its dot, a host may turn out to be no address
    except httpx.InvalidURL:
        raise UnsafeURL(
            "the URL is malformed; write it as https://host/path", reason="malformed"
        ) from None
    if parsed.scheme not in schemes:
        if not parsed.scheme or "." in parsed.scheme or parsed.scheme in _HERE:  # a host
            raise UnsafeURL(
                f"the URL has no scheme; begin it with {schemes[-1]}://", reason="scheme"
            )
        raise _make_unsafe_error(
            "scheme", f"its scheme is not {' or '.join(schemes)}; use one", parsed
        )
    authority = re.split("[/?#]", text.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        raise _make_unsafe_error(
            "credentials", "it holds a user name; send credentials as headers", parsed
        )
    if not _AUTHORITY.fullmatch(authority):
        raise UnsafeURL(
            "the URL has no host, or one that is percent-encoded or otherwise odd, or an odd port; "
            "write it as https://host/path or https://host:8443/path",
            reason="host",
        )
    _check_host(rootless, policy)
    return rootless.copy_with(fragment=None)


def check_text(text: str) -> None:
    """Checks a URL's length and characters, some of which a parser might pass over.

    Raises:
        UnsafeURL: It is too long, or holds a character that no URL has.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_URL:
        raise UnsafeURL(
            f"the URL has {size} bytes, at most {MAX_URL} are taken; make it shorter",
            reason="malformed",
        )
    for position, char in enumerate(text):
        if not char.isprintable() or char in " \\":
            raise UnsafeURL(
                f"the URL has a space, backslash, control or invisible character at position "
                f"{position} (U+{ord(char):04X}); percent-encode it or leave it out",
                reason="malformed",
            )


def get_port(url: httpx.URL) -> int:
    """Gets the port, or the scheme's own where the URL leaves it out."""
    return url.port if url.port is not None else _DEFAULT_PORTS[url.scheme]


def check_address(address: Address, host: str, port: int, policy: NetPolicy) -> None:
    """Refuses an address that is not public, unless the policy opens it.

    Raises:
        UnsafeURL: It is not public, and the policy does not open it.
    """
    if policy.allows(address, host, port):
        return
    kind = classify_address(address)
    assert kind is not None, "what is public is allowed"
    is_it = "is" if parse_address(host) else "stands for"
    reason: UnsafeReason = "metadata_address" if kind.metadata else "private_address"
    mend = "this stays closed" if kind.never else _suggest_opening(host, port)
    raise UnsafeURL(
        f"{_shorten_host(host)} {is_it} {kind.name}, and nothing was sent; {mend}",
        url=_write_netloc(host, port),
        reason=reason,
    )


def strip_secrets(url: httpx.URL) -> str:
    """Strips a URL of userinfo, query and fragment."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))


def _drop_root(url: httpx.URL) -> httpx.URL:
    """Drops one dot at the host's end: `localhost.` and `127.0.0.1.` are what they are without."""
    host = url.raw_host.decode("ascii")
    return url.copy_with(host=drop_root(host)) if host.endswith(".") else url


def _check_host(url: httpx.URL, policy: NetPolicy) -> None:
    host, port = url.raw_host.decode("ascii"), get_port(url)
    address = parse_address(host)
    if address is None and (fault := find_host_fault(host)):
        raise _make_unsafe_error("host", fault, url)
    if host in list_metadata_names():
        raise _make_unsafe_error(
            "metadata_address", "a cloud's metadata is there; this stays closed", url
        )
    if address is not None:
        check_address(address, host, port, policy)
    here = host in _HERE or host.endswith(".localhost")
    if here and not policy.opens(host, port):
        raise _make_unsafe_error(
            "private_address", f"it is this machine; {_suggest_opening(host, port)}", url
        )
    if not policy.allows_port(host, port):
        raise _make_unsafe_error(
            "port",
            f"port {port} is not among {', '.join(map(str, PORTS))}; "
            f"{_suggest_opening(host, port)}; to allow it at public hosts, give "
            f"NetPolicy(ports=({port},)) or INSPECTIQ_PORTS",
            url,
        )


def _suggest_opening(host: str, port: int) -> str:
    entry = _write_netloc(host, port) if port not in PORTS else host
    return f'to open it, give NetPolicy(private=("{entry}",)) or INSPECTIQ_PRIVATE_NETWORKS'


def _write_netloc(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _shorten_host(host: str) -> str:
    return to_one_line(host, 80)


def _make_unsafe_error(reason: UnsafeReason, what: str, url: httpx.URL) -> UnsafeURL:
    host = _shorten_host(url.raw_host.decode("ascii"))
    return UnsafeURL(
        f"the URL of {host or 'no host'} is refused: {what}",
        url=strip_secrets(url),
        reason=reason,
    )
