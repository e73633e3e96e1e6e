"""Shows how far each run is: a bar in a terminal or a notebook, plain lines anywhere else."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, Self

from inspectiq.events import (
    CasesProgressed,
    EmergencyDetected,
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
    """An observer that shows how far each run is: one step a photo, failures, findings, dollars.

        with ProgressBar() as bar, InspectionAgent("offline", observers=[bar]) as agent:
            agent.inspect("photos/")

    A run over many cases (`run_many`) is shown as one, a step a case, and the runs of its cases are
    not.

    A bar stands where standard error is a terminal, and in notebooks that have ipywidgets; it stays
    when its run is over. Anywhere else it is a plain line on standard error every ten seconds, and
    one at the end. A run that raises does not complete; `close` ends what is left of it. In a
    notebook a bar ends green only where its run completed and nothing of it failed.

    Args:
        disable: None chooses as said; False shows a bar anywhere, True shows nothing.
    """

    def __init__(self, *, disable: bool | None = None) -> None:
        self._disable = disable
        self._runs: dict[tuple[str, str], _RunProgress] = {}
        self._many: dict[str, _Display | None] = {}  # None shows nothing

    def on_event(self, event: Event, /) -> None:
        """Advances what is shown of the event's run."""
        run = (event.run_id, event.case_id)
        if isinstance(event, CasesProgressed):
            self._show_many(event)
        elif isinstance(event, RunStarted):
            self._end(run)
            if event.run_id.rpartition("-")[0] in self._many:
                return
            if (display := _choose_photo_display(event.photos, self._disable)) is not None:
                self._runs[run] = _RunProgress(event.photos, display)
        elif progress := self._runs.get(run):
            progress.take(event)
            if isinstance(event, RunCompleted):
                self._end(run)

    def close(self) -> None:
        """Ends all that is shown."""
        for run in tuple(self._runs):
            self._end(run)
        for display in filter(None, self._many.values()):
            display.end(well=False)
        self._many.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _show_many(self, event: CasesProgressed) -> None:
        if event.run_id not in self._many:
            self._many[event.run_id] = _choose_display(
                event.total, f"of {event.total}" if event.total else "", "case", self._disable
            )
        if (display := self._many[event.run_id]) is not None:
            display.show(event.done, _describe_cases(event))
            if event.ended:
                display.end(well=not event.failed and event.total in (None, event.done))
        if event.ended:
            del self._many[event.run_id]

    def _end(self, run: tuple[str, str]) -> None:
        if progress := self._runs.pop(run, None):
            progress.end()


def _describe_cases(event: CasesProgressed) -> str:
    said = [f"{event.failed} failed"] if event.failed else []
    said += [f"{event.resumed} resumed"] if event.resumed else []
    said.append("cost not known" if event.usd is None else f"${event.usd:.4f}")
    if event.seconds_left is not None and not event.ended:
        said.append(f"about {timedelta(seconds=round(event.seconds_left))} left")
    return ", ".join(said)


class _Display(Protocol):
    def show(self, done: int, words: str) -> None:
        """Shows how many photos or cases are done, and what there is to say besides."""

    def end(self, *, well: bool) -> None:
        """Leaves the last state where it is, and shows whether all went well."""


class _RunProgress:
    """Counts the photos, failures, findings and dollars of one run, and shows them."""

    def __init__(self, photos: int, display: _Display) -> None:
        self.display = display
        self._photos = photos
        self._read = 0
        self._done: set[str] = set()
        self._failed: set[str] = set()
        self._emergency = self._all_failed = self._completed = False
        self._findings = 0
        self._usd: Decimal | None = Decimal(0)
        self._show()

    def take(self, event: Event) -> None:
        if isinstance(event, PhotoExamined):
            self._read += 1
            if event.reason is not None:
                self._count(event.photo_id, failed=True)
        elif isinstance(event, RequestAnswered):
            self._count(*event.photo_ids, failed=False)  # some are asked about twice
            self._all_failed = False
            self._findings += event.findings if event.read == 1 else 0
            self._spend(event.usage.usd)
        elif isinstance(event, RequestFailed):
            self._count(*event.photo_ids, failed=True)
            self._all_failed = not event.photo_ids
            self._spend(None if event.usage is None else event.usage.usd)
        elif isinstance(event, PhotoCompleted):
            # Some are never asked about, such as duplicates.
            self._count(event.photo_id, failed=event.status == "failed")
        elif isinstance(event, RunCompleted):
            self._findings, self._usd = event.findings, event.usage.usd
            self._emergency = event.emergencies > 0
            self._all_failed, self._completed = event.status == "failed", True
        elif isinstance(event, EmergencyDetected):
            self._emergency = True
        else:
            return
        self._show()

    def end(self) -> None:
        self.display.end(well=self._completed and not (self._failed or self._all_failed))

    def _show(self) -> None:
        done = len(self._done) if self._photos else int(self._completed)
        self.display.show(min(done, self._photos or 1), self._describe())

    def _count(self, *photo_ids: str, failed: bool) -> None:
        self._done.update(photo_ids)
        if failed:
            self._failed.update(photo_ids)
        else:
            self._failed.difference_update(photo_ids)

    def _spend(self, usd: Decimal | None) -> None:
        self._usd = None if usd is None or self._usd is None else self._usd + usd

    def _describe(self) -> str:
        said = []
        if not self._done and self._read not in (0, self._photos):
            said.append(f"{self._read} read")
        if self._emergency:
            said.append("EMERGENCY")
        if self._failed:
            said.append(f"{len(self._failed)} failed")
        elif self._all_failed:
            said.append("failed")
        if self._findings or not self._is_failure():
            said.append(f"{self._findings} finding{'s' * (self._findings != 1)}")
        said.append("cost not known" if self._usd is None else f"${self._usd:.4f}")
        return ", ".join(said)

    def _is_failure(self) -> bool:
        """Whether nothing was looked at so far, so that no finding would say nothing."""
        return self._all_failed or (bool(self._done) and self._failed == self._done)


class _Bar:
    """Shows the progress of one run as a bar of tqdm's."""

    def __init__(self, bar: tqdm[Any], *, styled: bool = False) -> None:
        self.bar = bar
        self._styled = styled  # a widget, which is green at its end unless it is told

    def show(self, done: int, words: str) -> None:
        self.bar.set_postfix_str(words, refresh=False)
        self.bar.update(done - self.bar.n)

    def end(self, *, well: bool) -> None:
        if not well and self._styled:
            self.bar.disp(bar_style="danger")  # type: ignore[attr-defined]
        self.bar.close()


class _Lines:
    """Shows the progress of one run as plain lines, a few."""

    def __init__(self, form: str) -> None:
        self._form = form  # with the number that is done to be filled in
        self._line = self._said = ""
        self._next = time.monotonic() + EVERY

    def show(self, done: int, words: str) -> None:
        self._line = f"{self._form.format(done=done)}, {words}"
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            self._write()

    def end(self, *, well: bool) -> None:
        self._write()

    def _write(self) -> None:
        if sys.stderr is not None and self._line != self._said:
            self._said = self._line
            sys.stderr.write(f"{self._line}\n")
            sys.stderr.flush()


def _choose_photo_display(photos: int, disable: bool | None) -> _Display | None:
    """Chooses what a run over photos is shown by, or one over words alone; None for nothing."""
    if photos:
        return _choose_display(photos, f"of {photos}", "photo", disable)
    return _choose_display(1, "", "text", disable, "words only")


def _choose_display(
    total: int | None, of: str, unit: str, disable: bool | None, only: str | None = None
) -> _Display | None:
    """Chooses what a run is shown by; None for nothing."""
    if disable:
        return None
    named = only or f"{unit}s"
    options: dict[str, Any] = {"total": total, "desc": named, "unit": unit, "leave": True}
    if unit == "case" and total:  # the time that is left says more than a rate, and needs its room
        options["bar_format"] = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
    if _has_widgets():
        from tqdm.notebook import tqdm as widget

        return _Bar(widget(**options), styled=True)
    if disable is False or _is_on_terminal():
        from tqdm.std import tqdm as text

        return _Bar(text(**options))
    return _Lines(only or f"{named}: {{done}} {of}".rstrip())


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
