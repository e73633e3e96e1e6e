"""The base of all events, and the observers that are told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

__all__ = ["Event", "Observer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events, with the case, the run and the host's labels.

    Attributes:
        case_id: The case that it belongs to; "" for a call outside of a run.
        run_id: The run of the agent; another one each time, also for the same case.
        tags: The host's labels of that case.
    """

    is_notable: ClassVar[bool] = False
    """Whether the log tells it at INFO, else at DEBUG."""

    case_id: str
    run_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class Observer(Protocol):
    """Watches a run. It is called on the event loop, so be quick. Its first error is logged."""

    def on_event(self, event: Event, /) -> None:
        """Takes an event of a run or of a notifier."""
