"""Shows how far each run is: a bar in a terminal or a notebook, plain lines anywhere else."""

from __future__ import annotations

import os
import sys
import time
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, Self

from inspectiq.events import (
    Event,
    PhotoCompleted,
    PhotoExamined,
    RequestAnswered,
    RequestFailed,
    RunCompleted,
    RunStarted,
)

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["ProgressBar"]

EVERY = 10.0  # seconds between plain lines; our assumption


class ProgressBar:
    """An observer that shows how far each run is: one step a photo, findings and dollars so far.

        with ProgressBar() as bar, InspectionAgent("offline", observers=[bar]) as agent:
            agent.inspect("photos/")

    A bar stands where standard error is a terminal, and in notebooks that have ipywidgets; it stays
    when its run is over. Anywhere else it is a plain line on standard error every ten seconds, and
    one at the end. A run that raises does not complete; `close` ends what is left of it.

    Args:
        disable: None chooses as said; False shows a bar anywhere, True shows nothing.
    """

    def __init__(self, *, disable: bool | None = None) -> None:
        self._disable = disable
        self._runs: dict[tuple[str, str], _RunProgress] = {}

    def on_event(self, event: Event, /) -> None:
        """Advances what is shown of the event's run."""
        run = (event.run_id, event.case_id)
        if isinstance(event, RunStarted):
            self._end(run)
            if (display := _choose_display(event.photos, self._disable)) is not None:
                self._runs[run] = _RunProgress(event.photos, display)
        elif progress := self._runs.get(run):
            progress.take(event)
            if isinstance(event, RunCompleted):
                self._end(run)

    def close(self) -> None:
        """Ends all that is shown."""
        for run in tuple(self._runs):
            self._end(run)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self, run: tuple[str, str]) -> None:
        if progress := self._runs.pop(run, None):
            progress.display.end()


class _Display(Protocol):
    def show(self, done: int, words: str) -> None:
        """Shows how many photos are done, and what there is to say besides."""

    def end(self) -> None:
        """Leaves the last state where it is."""


class _RunProgress:
    """Counts the photos, findings and dollars of one run, and shows them."""

    def __init__(self, photos: int, display: _Display) -> None:
        self.display = display
        self._photos = photos
        self._read = 0
        self._done: set[str] = set()
        self._findings = 0
        self._usd: Decimal | None = Decimal(0)
        display.show(0, self._describe())

    def take(self, event: Event) -> None:
        if isinstance(event, PhotoExamined):
            self._read += 1
            if event.reason is not None:
                self._done.add(event.photo_id)
        elif isinstance(event, RequestAnswered):
            self._done.update(event.photo_ids)  # some are asked about twice
            self._findings += event.findings
            self._spend(event.usage.usd)
        elif isinstance(event, RequestFailed):
            self._done.update(event.photo_ids)
            self._spend(None if event.usage is None else event.usage.usd)
        elif isinstance(event, PhotoCompleted):
            self._done.add(event.photo_id)  # some are never asked about, such as duplicates
        elif isinstance(event, RunCompleted):
            self._findings, self._usd = event.findings, event.usage.usd
        else:
            return
        self.display.show(len(self._done), self._describe())

    def _spend(self, usd: Decimal | None) -> None:
        self._usd = None if usd is None or self._usd is None else self._usd + usd

    def _describe(self) -> str:
        found = f"{self._findings} finding{'s' * (self._findings != 1)}"
        spent = "cost not known" if self._usd is None else f"${self._usd:.4f}"
        read = "" if self._done or self._read in (0, self._photos) else f"{self._read} read, "
        return f"{read}{found}, {spent}"


class _Bar:
    """Shows the progress of one run as a bar of tqdm's."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self.bar = bar

    def show(self, done: int, words: str) -> None:
        self.bar.set_postfix_str(words, refresh=False)
        self.bar.update(done - self.bar.n)

    def end(self) -> None:
        self.bar.close()


class _Lines:
    """Shows the progress of one run as plain lines, a few."""

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self._line = ""
        self._next = time.monotonic() + EVERY

    def show(self, done: int, words: str) -> None:
        photos = f"photos: {done} of {self._photos}" if self._photos else "words only"
        self._line = f"{photos}, {words}"
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            self.end()

    def end(self) -> None:
        if sys.stderr is not None:
            sys.stderr.write(f"{self._line}\n")
            sys.stderr.flush()


def _choose_display(photos: int, disable: bool | None) -> _Display | None:
    """Chooses what a run is shown by; None for nothing."""
    if disable:
        return None
    options: dict[str, Any] = {"total": photos, "desc": "photos", "unit": "photo", "leave": True}
    if _has_widgets():
        from tqdm.notebook import tqdm as widget

        return _Bar(widget(**options))
    if disable is False or _is_on_terminal():
        from tqdm.std import tqdm as text

        return _Bar(text(**options))
    return _Lines(photos)


def _has_widgets() -> bool:
    """Tells whether this is a notebook that can show a bar."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython  # type: ignore[import-not-found, unused-ignore]

    shell = get_ipython()  # type: ignore[no-untyped-call, unused-ignore]
    in_notebook = shell is not None and "IPKernelApp" in shell.config
    return in_notebook and find_spec("ipywidgets") is not None


def _is_on_terminal() -> bool:
    """Tells whether standard error is a terminal on which a line can be written over."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
