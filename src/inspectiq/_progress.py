"""Shows a progress bar for each run, in a terminal or a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

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


class ProgressBar:
    """An observer that shows a bar for each run: two steps a photo, examined and answered.

        with ProgressBar() as bar, InspectionAgent("offline", observers=[bar]) as agent:
            agent.inspect("photos/")

    A bar goes away when its run completes. A run that raises does not complete; `close` ends what
    is left of it.

    Args:
        disable: As tqdm takes it. None shows bars where standard error is a terminal, and in
            notebooks that have ipywidgets; False shows them anywhere, True nowhere.
    """

    def __init__(self, *, disable: bool | None = None) -> None:
        self._disable = disable
        self._bars: dict[tuple[str, str], _Bar] = {}

    def on_event(self, event: Event, /) -> None:
        """Advances the bar of the event's run."""
        run = (event.run_id, event.case_id)
        if isinstance(event, RunStarted):
            self._end(run)
            self._bars[run] = _Bar(event.photos, disable=self._disable)
        elif isinstance(event, RunCompleted):
            self._end(run)
        elif bar := self._bars.get(run):
            bar.step(event)

    def close(self) -> None:
        """Ends all bars."""
        for run in tuple(self._bars):
            self._end(run)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self, run: tuple[str, str]) -> None:
        if bar := self._bars.pop(run, None):
            bar.shown.close()


class _Bar:
    """The bar of one run."""

    def __init__(self, photos: int, *, disable: bool | None) -> None:
        from tqdm.auto import tqdm as shown

        self.shown: tqdm[Any] = shown(
            total=2 * photos, desc="photos", unit="step", leave=False, disable=disable
        )
        self._answered: set[str] = set()

    def step(self, event: Event) -> None:
        if isinstance(event, PhotoExamined):
            self.shown.update()
        elif isinstance(event, RequestAnswered | RequestFailed):
            self._count_answered(set(event.photo_ids))
        elif isinstance(event, PhotoCompleted):
            self._count_answered({event.photo_id})  # some are never asked about, such as duplicates

    def _count_answered(self, photo_ids: set[str]) -> None:
        new = photo_ids - self._answered  # some are asked about twice
        self._answered |= new
        self.shown.update(len(new))
