"""The run that a call belongs to: its case, its deadline, its observers.

The agent sets it for the time of a run; what stands around the call (retry, budget, rate limit,
cache, and wrappers of your own) reads it with `get_current_run()`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from inspectiq.errors import ProviderTimeout
from inspectiq.events import Event

if TYPE_CHECKING:
    from inspectiq.transports._call_limits import CallLimits

__all__ = ["Run", "get_current_run"]

LEEWAY = (
    0.02  # seconds before the deadline at which a call is no longer waited with; our assumption
)


def _tell_nobody(_: Event) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an agent over one case; the default is for a call outside of any run.

    Attributes:
        id: Another one for each run.
        case_id: The host's or a generated id of the case.
        tags: The host's labels of the case.
        deadline: When it must end, on the clock of `time.monotonic`; None for never.
        emit: Hands an event to the observers.
        limits: What `limits=` of this one call allows, kept by the stack; None for no more than the
            agent's own.
    """

    id: str = ""
    case_id: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    deadline: float | None = None
    emit: Callable[[Event], None] = field(default=_tell_nobody, repr=False, compare=False)
    limits: CallLimits | None = field(default=None, repr=False, compare=False)

    def get_remaining(self) -> float | None:
        """Returns the seconds until the deadline, at least 0; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def get_patience(self) -> float | None:
        """Returns the seconds that a call may wait to be sent: a little less than remain."""
        remaining = self.get_remaining()
        return None if remaining is None else max(0.0, remaining - LEEWAY)

    def make_timeout(self, provider: str, *, attempts: int) -> ProviderTimeout:
        """Makes the error of a call that the deadline ended, or kept from being sent at all."""
        how = "the call was given up" if attempts else "the call was not sent"
        return ProviderTimeout(
            f"the run's deadline has passed and {how}; allow a longer deadline",
            provider=provider,
            attempts=attempts,
        )

    def tell(self, event: type[Event], /, **fields: Any) -> None:
        """Sends an event of this run to its observers."""
        self.emit(event(case_id=self.case_id, run_id=self.id, tags=self.tags, **fields))

    @contextmanager
    def activate(self) -> Iterator[None]:
        """Makes it the current run of this task and of the tasks that it starts."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


_current: ContextVar[Run | None] = ContextVar("inspectiq.run", default=None)
_NO_RUN = Run()


def get_current_run() -> Run:
    """Returns the run that the calling task belongs to."""
    return _current.get() or _NO_RUN
