"""From a name to an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.transports._base import Transport, WrapperTransport
from inspectiq.transports._fallback import Fallback

__all__ = ["ENGINES", "Engine", "resolve_engine"]

Engine = str | Transport | Sequence["str | Transport"]


def _offline(model: str, taxonomy: Taxonomy) -> Transport:
    from inspectiq.transports._offline import OfflineTransport

    if model:
        raise ConfigError(f"the offline engine has no models, so no {model!r}; name it 'offline'")
    return OfflineTransport(taxonomy=taxonomy)


def _openai(model: str, _: Taxonomy) -> Transport:
    from inspectiq.transports._openai import OpenAITransport

    return OpenAITransport(model or None)


ENGINES: Mapping[str, Callable[[str, Taxonomy], Transport]] = MappingProxyType(
    {"openai": _openai, "offline": _offline}
)
"""What can be named, as `NAME` or `NAME:MODEL`, and how it is made."""

CHOICES = "'openai:MODEL' (such as 'openai:gpt-4.1'), 'offline', or a Transport of your own"


def resolve_engine(
    engine: Engine | None, around: Callable[[Transport], Transport], taxonomy: Taxonomy
) -> Transport:
    """The transport to use: a named engine or a bare leaf in a stack, a stack as it is.

    Args:
        engine: A name, a transport, or several of them to fall back on in that order.
        around: Makes the stack around a leaf.
        taxonomy: What a named engine may look for, if it cannot read that in its requests.

    Raises:
        ConfigError: No engine, an unknown name, a missing extra, or an object without `send`.
    """
    if engine is None:
        raise ConfigError(
            f"no engine given; name one of {CHOICES}: "
            "InspectionAgent('offline') works without a key and without a network"
        )
    if isinstance(engine, str):
        name, _, model = engine.partition(":")
        if name not in ENGINES:
            raise ConfigError(f"unknown engine {engine!r}; the choices are {CHOICES}")
        return around(ENGINES[name](model, taxonomy))
    if isinstance(engine, list | tuple):
        if len(engine) == 1:
            return resolve_engine(engine[0], around, taxonomy)
        return Fallback(*(resolve_engine(one, around, taxonomy) for one in engine))
    if isinstance(engine, type):
        raise ConfigError(f"{engine.__name__} is a class; pass an object, {engine.__name__}(...)")
    if not isinstance(engine, Transport):
        raise ConfigError(
            f"{type(engine).__name__} is no engine: it needs a method "
            "`async def send(self, request: VisionRequest, /) -> VisionResponse`; "
            f"or name one of {CHOICES}"
        )
    return engine if isinstance(engine, WrapperTransport) else around(engine)
