"""Makes an engine from its name, and puts a stack around one that has none."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.limits._models import ModelTable
from inspectiq.transports._base import Transport, VisionResponse, WrapperTransport
from inspectiq.transports._fallback import Fallback

__all__ = ["ENGINES", "Engine", "EngineOptions", "resolve_engine"]

Engine = str | Transport | Sequence["str | Transport"]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What an engine is told that is given by its name.

    Attributes:
        taxonomy: What it may look for, if it cannot read that in its requests.
        models: The models that are known; None for those of the environment, or the shipped ones.
        warn: Whether to warn of a model that cannot work well; not where nothing is sent.
    """

    taxonomy: Taxonomy
    models: ModelTable | Path | str | None = None
    warn: bool = True


def _make_offline(model: str, options: EngineOptions) -> Transport:
    from inspectiq.transports._offline import OfflineTransport

    if model:
        raise ConfigError(f"the offline engine has no models, so no {model!r}; name it 'offline'")
    return OfflineTransport(taxonomy=options.taxonomy)


def _make_openai(model: str, options: EngineOptions) -> Transport:
    from inspectiq.transports._openai import OpenAITransport

    return OpenAITransport(model or None, models=options.models, warn=options.warn)


ENGINES: Mapping[str, Callable[[str, EngineOptions], Transport]] = MappingProxyType(
    {"openai": _make_openai, "offline": _make_offline}
)
"""What can be named, as `NAME` or `NAME:MODEL`, and how it is made."""

CHOICES = "'openai:MODEL' (such as 'openai:gpt-6-luna'), 'offline', or a Transport of your own"


def resolve_engine(
    engine: Engine | None, build_stack: Callable[[Transport], Transport], options: EngineOptions
) -> Transport:
    """Resolves what a host gives as its engine: a bare one gets a stack, a stack is used as it is.

    Args:
        engine: A name, a transport, or several of them to fall back on in that order.
        build_stack: Builds the stack around an engine.
        options: What an engine is told that is given by its name.

    Raises:
        ConfigError: No engine, an unknown name, a missing extra, or an object without `send`.
    """
    if engine is None:
        raise ConfigError(
            f"no engine given; name one of {CHOICES}: "
            "InspectionAgent('offline') works without a key and without a network"
        )
    if isinstance(engine, str):
        return build_stack(_make_named(engine, options))
    if isinstance(engine, list | tuple):
        if len(engine) == 1:
            return resolve_engine(engine[0], build_stack, options)
        return Fallback(*(resolve_engine(one, build_stack, options) for one in engine))
    transport = _require_transport(engine)
    return transport if isinstance(transport, WrapperTransport) else build_stack(transport)


def _make_named(engine: str, options: EngineOptions) -> Transport:
    """Makes the engine of a name."""
    name, _, model = engine.partition(":")
    if name not in ENGINES:
        raise ConfigError(f"unknown engine {engine!r}; the choices are {CHOICES}")
    return ENGINES[name](model, options)


def _require_transport(engine: object) -> Transport:
    """Returns an object that can be an engine, or raises `ConfigError`."""
    if isinstance(engine, type):
        raise ConfigError(f"{engine.__name__} is a class; pass an object, {engine.__name__}(...)")
    if not isinstance(engine, Transport):
        raise ConfigError(
            f"{type(engine).__name__} is no engine: it needs a method "
            "`async def send(self, request: VisionRequest, /) -> VisionResponse`; "
            f"or name one of {CHOICES}"
        )
    _check_send(type(engine).__name__, engine.send)
    return engine


def _check_send(name: str, send: Callable[..., object]) -> None:
    """Makes sure that `send` takes one request, and can be awaited as far as that can be seen.

    A plain function may return something to be awaited, unless it says that it returns the answer.
    """
    try:
        signature = inspect.signature(send)
    except (TypeError, ValueError):  # of a kind that tells nothing
        return
    wrong = ""
    try:
        signature.bind(object())
    except TypeError:
        wrong = f"takes {signature}, and is called with the request alone"
    if inspect.isasyncgenfunction(send) or inspect.isgeneratorfunction(send):
        wrong = "yields, and must return the answer"
    said = signature.return_annotation
    if not inspect.iscoroutinefunction(send) and said in (VisionResponse, "VisionResponse"):
        wrong = "is not async"
    if wrong:
        raise ConfigError(
            f"{name}.send {wrong}; write "
            "`async def send(self, request: VisionRequest, /) -> VisionResponse`"
        )
