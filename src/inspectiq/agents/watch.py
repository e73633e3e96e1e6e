"""Tells observers, and keeps a run safe from them."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import iscoroutinefunction
from typing import Any

from inspectiq._log import logger
from inspectiq.errors import ConfigError
from inspectiq.events import Event, Observer

__all__ = ["Watch"]


class Watch:
    """The observers of an agent. One that raises is logged once and never breaks a run."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = tuple(observers)
        self._failed: set[int] = set()
        for observer in self._observers:
            method = getattr(observer, "on_event", None)
            if isinstance(observer, type) or not callable(method):
                raise ConfigError(
                    f"{observer!r} is no observer: pass an object with a method on_event(event)"
                )
            if iscoroutinefunction(method):
                raise ConfigError(
                    f"{type(observer).__name__}.on_event is async; make it a plain method, and "
                    "hand what takes long to a queue or a task"
                )

    def emit(self, event: Event) -> None:
        for observer in self._observers:
            try:
                observer.on_event(event)
            except Exception as error:
                if id(observer) not in self._failed:
                    self._failed.add(id(observer))
                    self.failed("an observer failed", error, observer=type(observer).__name__)

    def failed(self, what: str, error: BaseException, **fields: Any) -> None:
        logger("inspectiq.agents").warning(
            what, error=type(error).__name__, exc_info=error, **fields
        )
