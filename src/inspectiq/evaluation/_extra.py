"""Asks for the libraries of the extra `eval` before they are needed."""

from __future__ import annotations

from importlib import import_module

from inspectiq.errors import ConfigError

__all__ = ["require_extra"]


def require_extra(what: str, *modules: str) -> None:
    """Imports libraries of the extra `eval`.

    Args:
        what: What needs them; for the message.
        modules: Their modules.

    Raises:
        ConfigError: One is not installed.
    """
    try:
        for module in modules:
            import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"{what} needs {error.name}; install it with `pip install 'inspectiq[eval]'`"
        ) from error
