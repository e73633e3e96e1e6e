import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

from inspectiq import InspectionAgent, Photo, ProgressBar, Usage
from inspectiq.events import (
    PhotoCompleted,
    PhotoExamined,
    RequestAnswered,
    RequestFailed,
    RunCompleted,
    RunStarted,
    SinkFailed,
)
from inspectiq.testing import FunctionTransport, make_answer


def start(bar: ProgressBar, photos: int, run_id: str = "r") -> None:
    bar.on_event(RunStarted(case_id="c", run_id=run_id, photos=photos))


def answer(bar: ProgressBar, *photo_ids: str, run_id: str = "r") -> None:
    shared: dict[str, Any] = {"case_id": "c", "run_id": run_id, "photo_ids": photo_ids}
    bar.on_event(RequestAnswered(**shared, provider="x", model="y", usage=Usage(), seconds=1.0))


def complete(bar: ProgressBar, run_id: str = "r") -> None:
    bar.on_event(
        RunCompleted(
            case_id="c",
            run_id=run_id,
            result_id="i",
            status="complete",
            findings=0,
            usage=Usage(),
            seconds=1.0,
        )
    )


def steps(bar: ProgressBar, run_id: str = "r") -> int:
    return int(bar._bars[run_id, "c"].shown.n)


def test_each_photo_is_two_steps_however_often_it_is_asked_about() -> None:
    with ProgressBar(disable=False) as bar:
        start(bar, 3)
        for number in range(3):
            bar.on_event(PhotoExamined(case_id="c", run_id="r", photo_id=f"p{number}", name="x"))
        assert steps(bar) == 3
        answer(bar, "p0", "p1")
        bar.on_event(
            RequestFailed(
                case_id="c",
                run_id="r",
                photo_ids=("p1",),
                provider="scripted",
                model="scripted",
                error="E",
                seconds=1.0,
            )
        )
        assert steps(bar) == 5
        for number in range(3):  # the last was a duplicate and never asked about
            bar.on_event(
                PhotoCompleted(case_id="c", run_id="r", photo_id=f"p{number}", status="assessed")
            )
        assert steps(bar) == 6


def test_each_run_has_a_bar_of_its_own_that_ends_with_it() -> None:
    bar = ProgressBar(disable=False)
    start(bar, 1, "r1")
    start(bar, 2, "r2")
    answer(bar, "p1", run_id="r2")
    assert (steps(bar, "r1"), steps(bar, "r2")) == (0, 1)
    complete(bar, "r1")
    complete(bar, "r2")
    assert bar._bars == {}
    bar.on_event(SinkFailed(case_id="c", run_id="r1", result_id="i", sink="S", error="E"))


def test_closing_ends_the_bars_of_runs_that_raised() -> None:
    with ProgressBar(disable=False) as bar:
        start(bar, 1)
        shown = bar._bars["r", "c"].shown
        start(bar, 1)
        assert bar._bars["r", "c"].shown is not shown
    assert bar._bars == {}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "disable", "seen"),
    [
        (Terminal, None, True),
        (io.StringIO, None, False),
        (io.StringIO, False, True),
        (Terminal, True, False),
    ],
)
def test_it_shows_on_a_terminal_or_where_it_is_forced_to(
    stream: Callable[[], io.StringIO],
    disable: bool | None,
    seen: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = stream()
    monkeypatch.setattr(sys, "stderr", screen)
    with ProgressBar(disable=disable) as bar:
        start(bar, 2)
        answer(bar, "p1")
    assert ("photos" in screen.getvalue()) is seen


def test_it_watches_an_agent(
    photos: Callable[..., tuple[Photo, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    bar = ProgressBar()
    with InspectionAgent(FunctionTransport(make_answer), observers=[bar]) as agent:
        agent.inspect(photos(3))
    assert "/6" in screen.getvalue()
    assert bar._bars == {}
