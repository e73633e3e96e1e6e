"""Captures the events of runs, for assertions in tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from inspectiq._observers import context_observers
from inspectiq.events import Event

__all__ = ["CapturedEvents", "capture_events"]

EventT = TypeVar("EventT", bound=Event)


class CapturedEvents(list[Event]):
    """Events in the order in which they happened. An observer, so it can be given to one agent."""

    def on_event(self, event: Event, /) -> None:
        """Adds the event to the list."""
        self.append(event)

    def of(self, kind: type[EventT]) -> list[EventT]:
        """Returns the events of one class."""
        return [event for event in self if isinstance(event, kind)]


@contextmanager
def capture_events() -> Iterator[CapturedEvents]:
    """Captures the events of all agents that run within, sync or async.

        with capture_events() as events:
            agent.inspect(photos)
        assert not events.of(AttemptFailed)

    Runs that other threads start by themselves are not among them.
    """
    events = CapturedEvents()
    token = context_observers.set((*context_observers.get(), events))
    try:
        yield events
    finally:
        context_observers.reset(token)
