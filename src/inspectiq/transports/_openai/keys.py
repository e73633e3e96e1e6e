"""Takes API keys in every form that a host may give: text, a secret, or a function to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from inspectiq._host_calls import HostCallError, call_host
from inspectiq.errors import AuthenticationFailed, ConfigError

__all__ = ["Key", "convert_key", "require_key"]

Key = str | SecretStr | Callable[[], str | SecretStr | Awaitable[str | SecretStr]]

KEY_SECONDS = 10.0  # our assumption


def require_key(key: Key | None, base_url: str | None) -> Key:
    """Returns the key; the text `none` if there is none and `base_url` names a server.

    Raises:
        ConfigError: There is no key, and OpenAI's own servers want one; or the URL has no scheme.
    """
    if base_url is not None and not base_url.lower().startswith(("http://", "https://")):
        raise ConfigError("base_url: begin it with http:// or https://, and mostly end it with /v1")
    if key is not None and key != "":
        return key
    if base_url is None:
        raise ConfigError(
            "no key for OpenAI; set OPENAI_API_KEY or give api_key=, or use the engine "
            "'offline', which needs none"
        )
    return "none"


def convert_key(key: Key) -> str | Callable[[], Awaitable[str]]:
    """Converts a key to what the SDK takes: text, or an async function that it asks each time."""
    if not callable(key):
        return _reveal(key)
    ask = key

    async def ask_for_key() -> str:
        try:
            # In a thread of its own: a secrets manager may take its time.
            answer = await call_host(ask, KEY_SECONDS)
        except HostCallError as error:
            failure = f"raised {type(error.__cause__).__name__}"
        except TimeoutError:
            failure = f"took longer than {KEY_SECONDS:g} s"
        else:
            if isinstance(answer, str | SecretStr) and _reveal(answer):
                return _reveal(answer)
            failure = f"gave {type(answer).__name__}"
        raise AuthenticationFailed(
            f"the function given as api_key {failure}; it must return the key", attempts=0
        )

    return ask_for_key


def _reveal(key: str | SecretStr) -> str:
    return key.get_secret_value() if isinstance(key, SecretStr) else key
