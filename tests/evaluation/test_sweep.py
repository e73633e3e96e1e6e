"""Sweeps: several configurations, the same cases, one budget, one cache. Answers are scripted."""

import json
import signal
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    EngineProfile,
    InspectionAgent,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq._cli import main
from inspectiq.errors import AuthenticationFailed
from inspectiq.evaluation import Sweep, SweepPlan, SweepRun, compare_runs, evaluate
from inspectiq.limits import Pricing
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.conftest import render_jpeg

CASES = 36
TWO = '[[run]]\nname = "blind"\n[[run]]\nname = "sharp"\n'
PRICE = Decimal("0.01")  # of each request, by its million tokens


class Engines:
    """Scripted engines by name: one sees all clogs, one sees none, one has a wrong key."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.breaks_after: int | None = None

    def make_agent(self, run: SweepRun, **shared: Any) -> InspectionAgent:
        def answer(request: VisionRequest) -> VisionResponse | str:
            if run.name == "locked":
                raise AuthenticationFailed("no such key", provider="scripted", attempts=1)
            self.asked[run.name, str(request.metadata["case_id"])] += 1
            if self.asked.total() == self.breaks_after:
                signal.raise_signal(signal.SIGINT)  # Ctrl-C
            seen = [make_issue("clog", 1)] if run.name == "sharp" else []
            return VisionResponse(
                text=make_answer(request, seen),
                engine=profile.to_record(),
                usage=Usage(requests=1, input_tokens=10_000, output_tokens=0, usd=PRICE),
            )

        pricing = Pricing(input=Decimal(1), output=Decimal(0))
        profile = EngineProfile(provider="scripted", model=run.name, pricing=pricing)
        engine = FunctionTransport(answer, profile=profile)
        return InspectionAgent(engine, photos_per_request=run.photos_per_request, **shared)


@pytest.fixture
def engines() -> Engines:
    return Engines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plan with its cases and labels: one photo each, with a clog."""
    lines, rows = [], ["case_id,photo_id,type,truth"]
    for number in range(CASES):
        (tmp_path / f"{number}.jpg").write_bytes(render_jpeg(number))
        lines.append(json.dumps({"id": f"c{number}", "photos": [f"{number}.jpg"]}))
        rows.append(f"c{number},p1,clog,present")
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def write_plan(folder: Path, text: str = "", *, usd: str = "5", labels: bool = True) -> Path:
    head = f'cases = "cases.jsonl"\nusd = {usd}\n' + 'labels = "labels.csv"\n' * labels
    runs = text or TWO
    path = folder / "plan.toml"
    path.write_text(head + runs, encoding="utf-8")
    return path


def execute(folder: Path, engines: Engines, *args: Any, **options: Any) -> Sweep:
    plan = SweepPlan.load(write_plan(folder, *args, **options))
    return plan.execute(folder / "out", make_agent=engines.make_agent)


def test_runs_are_judged_and_compared_with_the_first(folder: Path, engines: Engines) -> None:
    sweep = execute(folder, engines)
    blind, sharp = sweep.runs
    assert [run.status for run in sweep.runs] == ["done", "done"]
    assert (blind.cases, blind.photos, blind.findings, sharp.findings) == (CASES, CASES, 0, CASES)
    assert blind.usd == sharp.usd == PRICE * CASES
    results = [folder / "out" / name / "results.jsonl" for name in ("blind", "sharp")]
    ledger = folder / "out" / "sharp" / "usage.jsonl"
    labels = folder / "labels.csv"
    assert sharp.evaluation == evaluate(results[1], labels, mixed=True, ledger=ledger)
    assert sharp.comparison == compare_runs(results[0], results[1], labels, mixed=True)
    assert blind.comparison is None
    assert Sweep.model_validate_json(sweep.to_json()) == sweep
    text = sweep.to_markdown()
    assert "## Against blind" in text
    assert "1.00 (no interval: all cases are alike), n = 36" in text
    assert "data:" not in sweep.to_html().replace("img-src data:", "")


def test_started_again_it_pays_nothing_twice(folder: Path, engines: Engines) -> None:
    engines.breaks_after = 50
    with pytest.raises(KeyboardInterrupt):
        execute(folder, engines)
    sweep = execute(folder, engines)
    assert [run.status for run in sweep.runs] == ["done", "done"]
    twice = [key for key, times in engines.asked.items() if times > 1]
    assert len(twice) <= 32  # what was in flight when it broke off
    before = engines.asked.total()
    again = execute(folder, engines)
    assert engines.asked.total() == before
    assert again == sweep


def test_all_runs_share_the_budget_also_with_an_earlier_start(
    folder: Path, engines: Engines
) -> None:
    limit = PRICE * CASES + PRICE * 10
    sweep = execute(folder, engines, usd=str(limit))
    blind, sharp = sweep.runs
    assert (blind.status, sharp.status) == ("done", "stopped")
    assert "budget" in sharp.why
    assert blind.usd + sharp.usd <= limit
    paid = engines.asked.total()
    again = execute(folder, engines, usd=str(limit))
    assert again.runs[0].status == "done"
    assert engines.asked.total() - paid <= 1
    assert execute(folder, engines, TWO + '[[run]]\nname = "new"\n', usd=str(limit)).runs[
        2
    ].status == ("not run")
    more = execute(folder, engines, usd="5")
    assert [run.status for run in more.runs] == ["done", "done"]
    assert more.runs[1].cases == CASES


def test_a_run_that_cannot_work_does_not_lose_the_others(folder: Path, engines: Engines) -> None:
    names = ("blind", "locked", "sharp")
    sweep = execute(folder, engines, "".join(f'[[run]]\nname = "{name}"\n' for name in names))
    blind, locked, sharp = sweep.runs
    assert (blind.status, locked.status, sharp.status) == ("done", "stopped", "done")
    assert "no such key" in locked.why
    assert (locked.cases, locked.evaluation) == (0, None)
    assert "locked: " in sweep.to_markdown()
    assert sharp.comparison is not None


def test_p_is_corrected_for_how_many_runs_are_compared(folder: Path, engines: Engines) -> None:
    text = "".join(f'[[run]]\nname = "{name}"\n' for name in ("sharp", "b1", "b2", "b3"))
    sweep = execute(folder, engines, text)
    raw = [run.comparison.found.p for run in sweep.runs if run.comparison]
    assert [run.p for run in sweep.runs if run.comparison] == [pytest.approx(3 * (raw[0] or 0))] * 3
    assert "The best of many looks better than it is" in sweep.to_markdown()


def test_without_labels_it_tells_what_was_paid_and_found(folder: Path, engines: Engines) -> None:
    sweep = execute(folder, engines, labels=False)
    assert [run.findings for run in sweep.runs] == [0, CASES]
    assert all(run.evaluation is None for run in sweep.runs)
    assert "Without labels nothing is known of how good a run is" in sweep.to_markdown()


def test_other_settings_under_the_name_of_a_run_are_refused(folder: Path, engines: Engines) -> None:
    execute(folder, engines, '[[run]]\nname = "sharp"\n')
    with pytest.raises(ConfigError, match="a run of this name with other settings"):
        execute(folder, engines, '[[run]]\nname = "sharp"\nphotos_per_request = 2\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[run]]\nname = "a/b"\n', "name"),
        ('[[run]]\nname = "a"\n[[run]]\nname = "A"\n', "two runs are named 'a'"),
        ('[[run]]\nname = "a"\nmodel = "gpt-6-luna"\n', "model"),
        ('[[run]]\nname = "a"\nreads = 0\n', "reads"),
        ('[[run]]\nname = "a"\nprompt = "none.txt"\n', "none.txt, which is no file"),
        ("run = []\n", "run"),
        ("x = \n", "this is not TOML"),
    ],
)
def test_a_plan_that_is_none_is_refused(folder: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        SweepPlan.load(write_plan(folder, text))
    assert "plan.toml" in str(caught.value)


def test_options_of_openai_are_for_its_models() -> None:
    run = SweepRun(name="a", engine="offline", detail="low")
    with pytest.raises(ConfigError, match="detail is for engines named openai:MODEL"):
        run.make_agent()


def test_options_reach_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    low, high = (
        SweepRun(name="a", engine="openai:gpt-4.1", detail=detail).make_agent().profile.identity
        for detail in ("low", "high")
    )
    assert low != high


def test_a_preview_counts_and_sends_nothing(folder: Path, engines: Engines) -> None:
    plan = SweepPlan.load(write_plan(folder))
    told = plan.preview(make_agent=engines.make_agent)
    assert told["blind"].startswith(f"{CASES} cases, {CASES} photos in {CASES} requests, $")
    assert engines.asked.total() == 0


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = '[[run]]\nname = "a"\nengine = "offline"\n[[run]]\nname = "b"\nengine = "offline"\n'
    plan, out = write_plan(folder, runs), folder / "swept"
    assert main(["sweep", str(plan), "--preview"]) == 0
    assert f"a: {CASES} cases" in capsys.readouterr().out
    assert main(["sweep", str(plan), "--out", str(out)]) == 0
    assert "# Sweep" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} >= {"sweep.md", "sweep.json", "sweep.html", "a"}
    assert main(["sweep", str(plan)]) == 2
    assert "--out" in capsys.readouterr().err
