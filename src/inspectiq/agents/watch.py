"""Tells observers, and keeps a run safe from them."""

from __future__ import annotations

from collections.abc import Iterable
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
            if not callable(getattr(observer, "on_event", None)):
                raise ConfigError(
                    f"{type(observer).__name__} is no observer: it needs a method on_event(event)"
                )

    def emit(self, event: Event) -> None:
        for observer in self._observers:
            try:
                observer.on_event(event)
            except Exception as error:
                if id(observer) not in self._failed:
                    self._failed.add(id(observer))
                    self.failed("an observer failed", error, observer=type(observer).__name__)

    def failed(self, what: str, error: Exception, **fields: Any) -> None:
        logger("inspectiq.agents").warning(
            what, error=type(error).__name__, exc_info=error, **fields
        )
