"""The words that tell why a photo, a request, a URL or a fetch failed."""

from __future__ import annotations

from typing import Literal

__all__ = ["BadRequestReason", "FetchReason", "PhotoReason", "UnsafeReason"]

PhotoReason = Literal[
    "not_found",
    "no_photos",
    "empty",
    "unsupported_format",
    "too_many_bytes",
    "too_many_pixels",
    "too_small",
    "damaged",
    "unreadable",
    "timeout",
    "prepare_failed",
    "unsafe_url",
]

BadRequestReason = Literal[
    "malformed",
    "option",
    "model",
    "api",
    "no_vision",
    "photo",
    "too_many_photos",
    "too_large",
]
"""What a provider refuses: a `photo`, `too_many_photos` or `too_large` a request are faults of the
photos that were asked about together; the others are the caller's to mend."""

UnsafeReason = Literal[
    "malformed",
    "scheme",
    "credentials",
    "host",
    "port",
    "private_address",
    "metadata_address",
    "redirect",
]

FetchReason = Literal[
    "not_found", "status", "timeout", "too_many_bytes", "encoded", "tls", "unreachable"
]
