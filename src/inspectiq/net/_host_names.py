"""Reads a URL's host name, and checks its form."""

from __future__ import annotations

import re

__all__ = ["MAX_HOST", "drop_root", "find_host_fault"]

MAX_HOST = 253  # RFC 1035, 3.1: 255 octets with the lengths of the labels

# Underscores are not for host names, but container networks are full of them.
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # WHATWG URL, "ends in a number"


def drop_root(host: str) -> str:
    """Drops the one dot at the end of a host, the DNS root's: `example.com.` is `example.com`."""
    return host.removesuffix(".")


def find_host_fault(host: str) -> str | None:
    """Finds the fault of a host name in lower-case ASCII; None where there is none."""
    if not host:
        return "there is no host"
    if len(host) > MAX_HOST:
        return f"the host has {len(host)} characters, at most {MAX_HOST} can be a name"
    if "%" in host:
        return "the host is percent-encoded or names an interface; write it plainly"
    labels = host.split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        return "the host is no name; use letters, digits and hyphens between single dots"
    if _NUMBER.fullmatch(labels[-1]):
        return (
            "the host ends in a number and is no IPv4 address of four decimal numbers; write it so"
        )
    return None
