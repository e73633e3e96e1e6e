import io
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from inspectiq import (
    DiagnosisAgent,
    InspectionAgent,
    Photo,
    ProgressBar,
    Usage,
    _progress,
)
from inspectiq.errors import AuthenticationFailed, ProviderUnavailable
from inspectiq.events import (
    CasesProgressed,
    PhotoCompleted,
    PhotoExamined,
    RequestAnswered,
    RequestFailed,
    RunCompleted,
    RunStarted,
    SinkFailed,
)
from inspectiq.testing import FunctionTransport, make_answer, make_issue


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def use_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


def use_pipe(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    return log


def start(bar: ProgressBar, photos: int, run_id: str = "r") -> None:
    bar.on_event(RunStarted(case_id="c", run_id=run_id, photos=photos))


def answer(
    bar: ProgressBar, *photo_ids: str, run_id: str = "r", findings: int = 0, usd: str | None = "0"
) -> None:
    shared: dict[str, Any] = {"case_id": "c", "run_id": run_id, "photo_ids": photo_ids}
    usage = Usage(usd=None if usd is None else Decimal(usd))
    told = RequestAnswered(
        **shared, provider="x", model="y", usage=usage, seconds=1.0, findings=findings
    )
    bar.on_event(told)


def complete(bar: ProgressBar, run_id: str = "r", findings: int = 0, usd: str = "0") -> None:
    bar.on_event(
        RunCompleted(
            case_id="c",
            run_id=run_id,
            result_id="i",
            status="complete",
            findings=findings,
            usage=Usage(usd=Decimal(usd)),
            seconds=1.0,
        )
    )


def last(screen: io.StringIO) -> str:
    """What stands on the terminal's last line."""
    return screen.getvalue().rstrip("\n").rpartition("\r")[2]


def test_each_photo_is_one_step_however_often_it_is_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = use_terminal(monkeypatch)
    with ProgressBar() as bar:
        start(bar, 4)
        for number in range(4):
            reason = "damaged" if number == 3 else None
            told = PhotoExamined(
                case_id="c", run_id="r", photo_id=f"p{number}", name="x", reason=reason
            )
            bar.on_event(told)
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
        bar.on_event(PhotoCompleted(case_id="c", run_id="r", photo_id="p1", status="failed"))
    assert "3/4" in last(terminal)


def test_findings_and_dollars_are_shown_so_far_and_stay_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = use_terminal(monkeypatch)
    bar = ProgressBar()
    start(bar, 3)
    answer(bar, "p0", findings=2, usd="0.01")
    answer(bar, "p1", findings=1, usd="0.0025")
    bar._runs["r", "c"].display.bar.refresh()  # type: ignore[attr-defined]
    assert "2/3" in last(terminal)
    assert "3 findings, $0.0125" in last(terminal)
    answer(bar, "p2")
    complete(bar, findings=1, usd="0.0125")  # two of the three were the same
    assert "3/3" in last(terminal)
    assert "1 finding, $0.0125" in last(terminal)
    assert terminal.getvalue().endswith("\n")  # what comes next does not write over it


def test_a_cost_that_nobody_knows_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = use_pipe(monkeypatch)
    with ProgressBar() as bar:
        start(bar, 1)
        answer(bar, "p0", usd=None)
        answer(bar, "p0", usd="0.5")
    assert "cost not known" in pipe.getvalue()


def test_each_run_has_progress_of_its_own_that_ends_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = use_pipe(monkeypatch)
    bar = ProgressBar()
    start(bar, 1, "r1")
    start(bar, 2, "r2")
    answer(bar, "p1", run_id="r2")
    complete(bar, "r1")
    bar.on_event(SinkFailed(case_id="c", run_id="r1", result_id="i", sink="S", error="E"))
    assert pipe.getvalue() == "photos: 0 of 1, 0 findings, $0.0000\n"
    complete(bar, "r2")
    assert pipe.getvalue().splitlines()[1:] == ["photos: 1 of 2, 0 findings, $0.0000"]
    bar.close()
    assert len(pipe.getvalue().splitlines()) == 2


def test_closing_ends_what_is_left_of_runs_that_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = use_terminal(monkeypatch)
    with ProgressBar() as bar:
        start(bar, 1)
        start(bar, 2)  # anew
    assert "0/2" in last(terminal)
    assert bar._runs == {}


@pytest.mark.parametrize(
    ("stream", "term", "disable", "seen"),
    [
        (Terminal, "xterm", None, "bar"),
        (Terminal, "dumb", None, "line"),
        (io.StringIO, "xterm", None, "line"),
        (io.StringIO, "xterm", False, "bar"),
        (Terminal, "xterm", True, ""),
        (io.StringIO, "xterm", True, ""),
        (type(None), "xterm", None, ""),
    ],
)
def test_it_is_a_bar_on_a_terminal_and_a_plain_line_elsewhere(
    stream: Callable[[], io.StringIO | None],
    term: str,
    disable: bool | None,
    seen: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = stream()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", term)
    with ProgressBar(disable=disable) as bar:
        start(bar, 2)
        answer(bar, "p1")
    shown = screen.getvalue() if screen else ""
    assert ("\r" in shown) is (seen == "bar")
    assert (shown == "photos: 1 of 2, 0 findings, $0.0000\n") is (seen == "line")
    assert bool(shown) is bool(seen)


def test_plain_lines_come_now_and_then_in_a_long_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = use_pipe(monkeypatch)
    monkeypatch.setattr(_progress, "EVERY", 0.0)
    with ProgressBar() as bar:
        start(bar, 500)
        bar.on_event(PhotoExamined(case_id="c", run_id="r", photo_id="p0", name="x"))
        answer(bar, "p0", findings=1)
    assert pipe.getvalue().splitlines()[1:3] == [
        "photos: 0 of 500, 1 read, 0 findings, $0.0000",
        "photos: 1 of 500, 1 finding, $0.0000",
    ]


class Notebook:
    config: ClassVar[dict[str, Any]] = {"IPKernelApp": {}}


def test_a_notebook_without_widgets_gets_plain_lines_and_no_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = use_pipe(monkeypatch)
    ipython = pytest.importorskip("IPython", reason="pip install ipykernel")
    monkeypatch.setattr(ipython, "get_ipython", Notebook)
    monkeypatch.setattr(_progress, "find_spec", lambda _: None)
    with ProgressBar() as bar:
        start(bar, 1)
    assert pipe.getvalue() == "photos: 0 of 1, 0 findings, $0.0000\n"


def test_it_watches_an_agent(
    photos: Callable[..., tuple[Photo, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = use_terminal(monkeypatch)
    bar = ProgressBar()
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("clog", 1), make_issue("wall_hole", 1)])
    )
    with InspectionAgent(engine, observers=[bar], photos_per_request=1) as agent:
        inspection = agent.inspect(photos(3))
    assert "3/3" in last(terminal)
    assert f"{len(inspection.issues)} findings, " in last(terminal)
    assert bar._runs == {}


# -- what failed -----------------------------------------------------------------------------------


def fail(error: Exception) -> FunctionTransport:
    def raise_it(_: object) -> str:
        raise error

    return FunctionTransport(raise_it)


DOWN = ProviderUnavailable("it is down", status_code=503)


@pytest.mark.usefixtures("no_waits")
def test_a_run_of_which_every_photo_failed_says_how_many_did(
    photos: Callable[..., tuple[Photo, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = use_pipe(monkeypatch)
    bar = ProgressBar()
    with InspectionAgent(fail(DOWN), observers=[bar]) as agent:
        assert agent.inspect(photos(3)).status == "failed"
    assert pipe.getvalue() == "photos: 3 of 3, 3 failed, $0.0000\n"


def test_a_run_that_raised_says_how_many_photos_failed(
    photos: Callable[..., tuple[Photo, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = use_pipe(monkeypatch)
    wrong = fail(AuthenticationFailed("no", status_code=401))
    with (
        ProgressBar() as bar,
        InspectionAgent(wrong, observers=[bar]) as agent,
        pytest.raises(AuthenticationFailed),
    ):
        agent.inspect(photos(2))
    assert pipe.getvalue() == "photos: 2 of 2, 2 failed, $0.0000\n"


@pytest.mark.usefixtures("no_waits")
def test_a_diagnosis_from_words_says_that_it_failed_and_that_it_is_an_emergency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = use_pipe(monkeypatch)
    bar = ProgressBar()
    agent = DiagnosisAgent(fail(DOWN), observers=[bar])
    assert agent.diagnose(description="My tap drips.").status == "failed"
    assert pipe.getvalue() == "words only, failed, $0.0000\n"
    agent.diagnose(description="I smell gas")
    assert pipe.getvalue().splitlines()[1].startswith("words only, EMERGENCY, failed, ")


def test_a_photo_that_failed_and_then_was_answered_has_not_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = use_pipe(monkeypatch)
    with ProgressBar() as bar:
        start(bar, 2)
        bar.on_event(
            RequestFailed(
                case_id="c",
                run_id="r",
                photo_ids=("p1", "p2"),
                provider="x",
                model="y",
                error="BadRequest",
                seconds=1.0,
                usage=Usage(),
            )
        )
        answer(bar, "p1")
    assert pipe.getvalue() == "photos: 2 of 2, 1 failed, 0 findings, $0.0000\n"


def test_the_last_line_comes_once_also_where_a_line_was_just_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = use_pipe(monkeypatch)
    monkeypatch.setattr(_progress, "EVERY", 0.0)
    bar = ProgressBar()
    start(bar, 1)
    answer(bar, "p1")
    complete(bar)
    assert pipe.getvalue().splitlines() == [
        "photos: 0 of 1, 0 findings, $0.0000",
        "photos: 1 of 1, 0 findings, $0.0000",
    ]


def test_the_photos_of_an_earlier_round_are_not_counted_again(
    photos: Callable[..., tuple[Photo, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = use_pipe(monkeypatch)
    bar = ProgressBar()
    asking = {"questions": ["Since when?"]}
    engine = FunctionTransport(lambda request: make_answer(request, overall=asking))
    agent = DiagnosisAgent(engine, observers=[bar])
    first, second, third = photos(3)
    earlier = agent.diagnose([first, second])
    agent.answer(earlier, {earlier.questions[0].id: "May."}, [third.replace(id="new")])
    assert [line.partition(",")[0] for line in pipe.getvalue().splitlines()] == [
        "photos: 2 of 2",
        "photos: 1 of 1",
    ]


class Widget:
    """Keeps what is asked of a notebook's bar; ipywidgets needs a kernel."""

    made: ClassVar[list["Widget"]] = []

    def __init__(self, **options: Any) -> None:
        self.options, self.n, self.styles = options, 0, list[str]()
        self.made.append(self)

    def set_postfix_str(self, words: str, refresh: bool) -> None:
        self.words = words

    def update(self, more: int) -> None:
        self.n += more

    def disp(self, bar_style: str) -> None:
        self.styles.append(bar_style)

    def close(self) -> None:
        self.styles.append("success" if self.n >= self.options["total"] else "danger")


@pytest.fixture
def widgets(monkeypatch: pytest.MonkeyPatch) -> list[Widget]:
    monkeypatch.setattr(_progress, "_has_widgets", lambda: True)
    monkeypatch.setattr("tqdm.notebook.tqdm", Widget)
    monkeypatch.setattr(Widget, "made", [])
    return Widget.made


@pytest.mark.usefixtures("no_waits")
def test_a_widget_is_green_only_where_nothing_failed(
    photos: Callable[..., tuple[Photo, ...]], widgets: list[Widget]
) -> None:
    with ProgressBar() as bar:
        InspectionAgent(fail(DOWN), observers=[bar]).inspect(photos(2))
        InspectionAgent(FunctionTransport(make_answer), observers=[bar]).inspect(photos(2))
        start(bar, 1)
        answer(bar, "p1")  # and then the run raises
    failed, well, raised = widgets
    # A widget that was told of danger stays so: tqdm makes it green at its end else.
    assert (failed.n, failed.styles[0], failed.words) == (2, "danger", "2 failed, $0.0000")
    assert (well.n, well.styles) == (2, ["success"])
    assert raised.styles[0] == "danger"


def test_a_bar_for_words_has_one_step(widgets: list[Widget]) -> None:
    bar = ProgressBar()
    DiagnosisAgent("offline", observers=[bar]).diagnose(description="My tap drips.")
    (shown,) = widgets
    assert (shown.options["total"], shown.options["desc"]) == (1, "words only")
    assert shown.n == 1


def test_many_cases_are_one_line_and_their_runs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    log = use_pipe(monkeypatch)
    engine = FunctionTransport(lambda request: make_answer(request, ()))
    cases = [{"id": f"c{number}", "photos": Photo.from_bytes(b"no picture")} for number in range(3)]
    with ProgressBar() as bar:
        list(InspectionAgent(engine, observers=[bar]).run_many(cases))
    assert log.getvalue() == "cases: 3 of 3, 3 failed, $0.0000\n"


def test_many_cases_are_one_bar_with_the_time_that_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = use_terminal(monkeypatch)
    bar = ProgressBar()
    told: dict[str, Any] = {"run_id": "r", "failed": 0, "total": 4, "usd": Decimal("0.5")}
    bar.on_event(CasesProgressed(case_id="", done=0, resumed=0, **told))
    start(bar, 3, run_id="r-1")
    bar.on_event(CasesProgressed(case_id="c", done=2, resumed=1, seconds_left=90.4, **told))
    bar._many["r"].bar.refresh()  # type: ignore[union-attr]
    assert "cases" in last(terminal)
    assert "2/4" in last(terminal)
    assert "1 resumed, $0.5000, about 0:01:30 left" in last(terminal)
    bar.on_event(CasesProgressed(case_id="", done=2, resumed=1, ended=True, **told))
    assert not bar._runs
    assert not bar._many


def test_where_nobody_knows_how_many_cases_come_only_those_that_are_done_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = use_pipe(monkeypatch)
    engine = FunctionTransport(lambda request: make_answer(request, ()))
    with ProgressBar() as bar:
        agent = InspectionAgent(engine, observers=[bar])
        list(agent.run_many({"id": f"c{number}"} for number in range(3)))
    assert log.getvalue() == "cases: 3, 3 failed, $0.0000\n"
