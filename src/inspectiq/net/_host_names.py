"""Checks the form of a URL's host name."""

from __future__ import annotations

import re

__all__ = ["MAX_HOST", "find_host_fault"]

MAX_HOST = 253  # RFC 1035, 3.1: 255 octets with the lengths of the labels

# Underscores are not for host names, but container networks are full of them.
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # WHATWG URL, "ends in a number"


def find_host_fault(host: str) -> str | None:
    """Finds the fault of a host name in lower-case ASCII; None where there is none."""
    if not host:
        return "there is no host"
    if len(host) > MAX_HOST:
        return f"the host has {len(host)} characters, at most {MAX_HOST} can be a name"
    if "%" in host:
        return "the host is percent-encoded or names an interface; write it plainly"
    labels = host.split(".")
    if host.endswith("."):
        return "the host ends in a dot; leave that out"
    if not all(map(_LABEL.fullmatch, labels)):
        return "the host is no name; use letters, digits and hyphens between single dots"
    if _NUMBER.fullmatch(labels[-1]):
        return (
            "the host ends in a number and is no IPv4 address of four decimal numbers; write it so"
        )
    return None
