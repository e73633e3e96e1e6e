"""The examples run, keep to public names, and write what they promise."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from inspectiq import Inspection
from inspectiq._cli import main as command_line

FOLDER = Path(__file__).parent.parent / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
NEED_A_SERVER = {"postgres_outbox.py"}  # run in tests/system
QUICK = {"inspect_folder.py", "pool_inspection.py", "webhooks.py"}
SCRIPTED = [path for path in EXAMPLES if "inspectiq.testing" in path.read_text(encoding="utf-8")]

Ran = tuple[str, Path]
Run = Callable[[str], Ran]


@pytest.fixture(scope="module")
def run(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs an example once; what it printed, and the folder that it wrote to."""

    @cache
    def example(name: str) -> Ran:
        out = tmp_path_factory.mktemp(Path(name).stem) / "out"
        done = subprocess.run(
            [sys.executable, str(FOLDER / name), str(samples), str(out)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, out

    return example


def _result(out: Path) -> Inspection:
    return Inspection.model_validate_json((out / "inspection.json").read_text(encoding="utf-8"))


def _names(path: Path) -> Iterator[str]:
    """All names that a program imports or looks up on something else."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (part for alias in node.names for part in alias.name.split("."))
            if isinstance(node, ast.ImportFrom):
                yield from (node.module or "").split(".")
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=() if path.name in QUICK else pytest.mark.system, id=path.name)
        for path in EXAMPLES
        if path.name not in NEED_A_SERVER
    ],
)
def test_an_example_runs_and_writes_something(path: Path, run: Run) -> None:
    _, out = run(path.name)
    assert list(out.iterdir())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_needs_no_private_name(path: Path) -> None:
    assert {name for name in _names(path) if name.startswith("_")} <= {"__name__", "__file__"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_from_the_public_doors_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in modules if module.partition(".")[0] == "inspectiq"}
    assert ours
    assert not [module for module in ours if "._" in module]


@pytest.mark.parametrize("path", SCRIPTED, ids=lambda path: path.name)
def test_an_example_that_scripts_its_engine_says_so(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert "scripted" in said


def test_the_pool_has_one_finding_for_its_water_graded_by_its_own_rule(run: Run) -> None:
    printed, out = run("pool_inspection.py")
    inspection = _result(out)
    water, fence = inspection.issues
    assert (water.type, water.extra["water"], water.extra["bottom_visible"]) == (
        "pool_water",
        "green",
        False,
    )
    assert water.severity.proposed == "low"
    assert (water.severity.level, len(water.evidence)) == ("critical", 2)
    assert (fence.group, fence.severity.level) == ("pool", "high")
    assert inspection.provenance.agent.endswith("PoolAgent")
    report = (out / "report.md").read_text(encoding="utf-8")
    for line in ("- Water: green", "- Bottom visible: no", "nobody can see a person"):
        assert line in report
    assert "water: green, photos: 2" in printed


@pytest.mark.system
def test_the_turnover_has_a_section_for_the_next_guest_and_a_price_by_the_house(run: Run) -> None:
    _, out = run("rental_turnover.py")
    inspection = _result(out)
    report = (out / "report.md").read_text(encoding="utf-8")
    section = report.partition("\n## Turnover\n")[2].partition("\n## ")[0]
    for words in ("NOT READY", "no remote control", "one towel", "stain on a pillowcase"):
        assert words in section
    assert "scuffs" not in section  # they may stay until the next gap
    levels = {found.type: found.severity.level for found in inspection.issues}
    assert levels["missing_linen"] == levels["left_by_guest"] == "before_check_in"
    assert levels["scuff_scratch"] == "next_gap"
    assert inspection.provenance.severity == "turnover 2026-11"
    assert inspection.cost is not None
    assert inspection.cost.book == "turnover 2026-11"
    linen = next(found for found in inspection.issues if found.type == "missing_linen")
    assert linen.cost is not None
    assert any("Our payroll" in line.source for line in linen.cost.lines)
    (deadline,) = linen.severity.deadlines
    assert deadline.due is not None
    assert "America/Denver" in deadline.rule


def test_the_turnover_s_configuration_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["validate", str(FOLDER / "turnover_config")]) == 0
    assert "nothing is wrong" in capsys.readouterr().out


@pytest.mark.system
def test_a_person_s_decisions_come_back_with_what_was_there_before(run: Run) -> None:
    printed, out = run("human_queue.py")
    inspection = _result(out)
    by_type = {found.type: found for found in inspection.issues}
    stain, hole = by_type["water_stain"], by_type["wall_hole"]
    mold, grout = by_type["mold_suspect"], by_type["caulk_grout_failure"]
    assert stain.is_rejected
    assert inspection.issues[-1] == stain
    assert inspection.summary.rejected == 1
    assert hole.reviews[0].changed == ("quantity",)
    amounts = [item.quantity and item.quantity.amount for item in (hole.original, hole)]
    assert amounts == [1, 9]
    assert mold.original.severity.is_review
    assert mold.severity.level == "medium"
    assert not grout.reviews
    assert inspection.cost is not None
    standing = [found.cost for found in inspection.issues if not found.is_rejected]
    assert inspection.cost.expected == sum(cost.expected for cost in standing if cost)
    assert printed.count(" waits: ") == 3
    report = (out / "report.md").read_text(encoding="utf-8")
    for words in ("Rejected by Ana", "Edited (quantity) by Ana", "Accepted by Ana"):
        assert words in report


def test_webhooks_arrive_signed_at_whom_they_are_for_also_after_a_failed_attempt(run: Run) -> None:
    printed, out = run("webhooks.py")
    lines = printed.splitlines()
    assert lines[0] == "attempt 1 at crm failed: http_503"
    told = sorted(line.partition(",")[0] for line in lines if line.endswith(", signed"))
    assert len(told) == 5  # one of them twice
    assert set(told) == {
        "crm: inspection.completed of unit-4b",
        "crm: emergency.detected of call-7",
        "crm: diagnosis.completed of call-7",
        "pager: emergency.detected of call-7",
    }
    assert lines[-1] == "4 delivered, success rate 100%"
    assert {path.name for path in out.iterdir()} >= {"ledger.jsonl", "outbox.sqlite"}
