"""Redacts what must not stand in a log or a message; see `_secret_forms`."""

from __future__ import annotations

__all__ = ["redact"]


def redact(text: str) -> str:
    """Removes keys, signatures, URL users and queries, and pictures as text; makes it one line."""
    from inspectiq._secret_forms import hide_secrets  # compiles many patterns, so late

    return hide_secrets(text)
