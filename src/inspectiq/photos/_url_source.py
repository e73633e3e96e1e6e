"""A photo at a URL: fetched when it is needed, guarded, never by the model's provider."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspectiq._text import to_one_line
from inspectiq._values import FrozenMap
from inspectiq.errors import (
    ConfigError,
    FetchFailed,
    FetchReason,
    PhotoError,
    PhotoReason,
    UnsafeURL,
)
from inspectiq.photos._size_limits import MAX_BYTES, make_size_error
from inspectiq.photos._sources import check_content

if TYPE_CHECKING:
    from inspectiq.net._net_policy import NetPolicy

__all__ = ["UrlSource"]

_REASONS: dict[FetchReason, PhotoReason] = {"not_found": "not_found", "timeout": "timeout"}


@dataclass(frozen=True, slots=True, repr=False)
class UrlSource:
    """A URL that is fetched when the photo is needed.

    Sources are equal where URL, policy and headers are: what one tenant's headers fetched must not
    answer for another's.
    """

    url: str
    policy: NetPolicy
    headers: FrozenMap[str]
    timeout: float = field(compare=False)

    @classmethod
    def of(
        cls,
        url: str,
        policy: NetPolicy | None,
        headers: Mapping[str, str] | None,
        timeout: float | None,
    ) -> UrlSource:
        """Makes a source with a policy; the environment's if none is given.

        Raises:
            ConfigError: An argument or a variable of the environment cannot be used.
        """
        from inspectiq._settings import Settings
        from inspectiq.net._fetch import FETCH_SECONDS
        from inspectiq.net._net_policy import NetPolicy

        if not isinstance(url, str):
            raise ConfigError(f"a URL is given as text, not as {type(url).__name__}")
        for key, value in (headers or {}).items():
            if not (_is_header(key) and _is_header(value)):
                raise ConfigError(
                    "headers= takes names and values of printable ASCII; one of them is not"
                )
        return cls(
            url,
            NetPolicy.from_settings(Settings.from_env()) if policy is None else policy,
            FrozenMap(headers),
            FETCH_SECONDS if timeout is None else timeout,
        )

    @property
    def name(self) -> str:
        """The last part of the path; empty where there is none, or the URL is malformed."""
        import httpx

        try:
            url = httpx.URL(self.url)
        except (httpx.InvalidURL, UnicodeError):  # the second for lone surrogates
            return ""
        # Without a host, what stands in the path may be a user and a password.
        return to_one_line(url.path.rsplit("/", 1)[-1], 100) if url.raw_host else ""

    async def aread(self, name: str) -> bytes:
        from inspectiq.net._fetch import fetch

        try:
            content = await fetch(
                self.url,
                self.policy,
                max_bytes=MAX_BYTES,
                timeout=self.timeout,
                headers=self.headers,
            )
        except UnsafeURL as error:
            raise PhotoError(f"{name}: {error}", photo=name, reason="unsafe_url") from error
        except FetchFailed as error:
            if error.reason == "too_many_bytes":
                raise make_size_error(name) from error
            reason = _REASONS.get(error.reason, "unreadable")
            raise PhotoError(f"{name}: {error}", photo=name, reason=reason) from error
        return check_content(name, content)

    async def read_state(self, name: str) -> Hashable:
        return None

    def describe(self) -> str:
        return "URL"

    def __repr__(self) -> str:
        return "<UrlSource>"  # a signed URL is a key, and so are headers


def _is_header(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable()
