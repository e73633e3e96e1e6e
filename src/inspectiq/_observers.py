"""Sends events to observers and to the log; an observer that fails breaks nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import fields
from inspect import iscoroutinefunction
from typing import Any

from inspectiq._log import describe_failure, get_logger
from inspectiq._taking import require_all
from inspectiq.errors import ConfigError
from inspectiq.events import AttemptFailed, Event, Observer, RequestFailed

__all__ = ["Observers", "context_observers"]

context_observers: ContextVar[tuple[Observer, ...]] = ContextVar("inspectiq.also_told", default=())
"""Observers of whatever runs in this context, besides the agents' own."""


class Observers:
    """The observers of an agent or a notifier. One that raises is logged once, no more."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = require_all(observers, "observers", "give a list of observers")
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
        _log_event(event)
        self._tell((*self._observers, *context_observers.get()), event)

    def add_for_a_call(self, observers: Iterable[Observer] | None) -> Callable[[Event], None]:
        """Returns what sends an event to these observers, and to others besides.

        Raises:
            ConfigError: One of the others is no observer.
        """
        more = Observers(() if observers is None else observers)
        if not more._observers:
            return self.emit

        def emit(event: Event) -> None:
            self.emit(event)
            more._tell(more._observers, event)

        return emit

    def _tell(self, observers: Iterable[Observer], event: Event) -> None:
        for observer in observers:
            try:
                observer.on_event(event)
            except Exception as error:
                if id(observer) not in self._failed:
                    self._failed.add(id(observer))
                    self.log_failure("an observer failed", error, observer=type(observer).__name__)

    def log_failure(self, what: str, error: BaseException, **fields: Any) -> None:
        get_logger("inspectiq.agents").warning(what, **describe_failure(error, **fields))


_events = logging.getLogger("inspectiq.events")


def _is_notable(event: Event) -> bool:
    if isinstance(event, AttemptFailed | RequestFailed) and event.error == "BudgetExceeded":
        return False  # nothing was sent, and `BudgetRefused` has said so
    return event.is_notable


def _log_event(event: Event) -> None:
    """Writes an event to the log `inspectiq.events`: notable ones at INFO, others at DEBUG."""
    level = logging.INFO if _is_notable(event) else logging.DEBUG
    if not _events.isEnabledFor(level):
        return
    told = {field.name: getattr(event, field.name) for field in fields(event)}
    told.pop("name", None)  # of a photo's file, which may be a person's
    if (usage := told.get("usage")) is not None:
        told["usage"] = usage.model_dump(mode="json")
    get_logger("inspectiq.events").log(level, type(event).__name__, **told)
