"""From a name to an engine, and from an engine to the call stack around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from inspectiq.errors import ConfigError
from inspectiq.transports.base import Transport, WrapperTransport
from inspectiq.transports.checking import checked

__all__ = ["ENGINES", "resolve", "stack"]


def _offline() -> Transport:
    from inspectiq.transports.offline import OfflineTransport

    return OfflineTransport()


ENGINES: Mapping[str, Callable[[], Transport]] = MappingProxyType({"offline": _offline})
"""What can be named, and how it is made."""


def resolve(engine: str | Transport | None) -> Transport:
    """The transport to use: a named engine or a bare leaf in the default stack, a stack as it is.

    Raises:
        ConfigError: No engine, an unknown name, a missing extra, or an object without `send`.
    """
    choices = ", ".join(repr(name) for name in ENGINES)
    if engine is None:
        raise ConfigError(
            f"no engine given; name one of {choices}, or pass a Transport of your own: "
            "InspectionAgent('offline') works without a key and without a network"
        )
    if isinstance(engine, str):
        if engine not in ENGINES:
            raise ConfigError(
                f"unknown engine {engine!r}; the choices are {choices}, or a Transport of your own"
            )
        return stack(ENGINES[engine]())
    if isinstance(engine, type):
        raise ConfigError(f"{engine.__name__} is a class; pass an object, {engine.__name__}(...)")
    if not isinstance(engine, Transport):
        raise ConfigError(
            f"{type(engine).__name__} is no engine: it needs a method "
            "`async def send(self, request: VisionRequest, /) -> VisionResponse`; "
            f"or name one of {choices}"
        )
    return engine if isinstance(engine, WrapperTransport) else stack(engine)


def stack(leaf: Transport) -> Transport:
    """The default call stack around a leaf: its answers are checked."""
    return checked(leaf)
