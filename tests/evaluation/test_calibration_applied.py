"""Calibrated shares are added to findings by code, and what is not known is left as it is.

All engines here are scripted.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    Case,
    ConfigError,
    Diagnosis,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Photo,
)
from inspectiq._cli import main
from inspectiq.domain import Property
from inspectiq.evaluation import Calibration, Labels, evaluate
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from inspectiq.transports import EngineProfile
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
WHEN = datetime(2026, 11, 30, tzinfo=UTC)
TYPES = ("clog", "supply_leak", "wall_hole", "water_stain", "lock_broken")


def make_agent(model: str = "small") -> InspectionAgent:
    """An agent whose engine finds one of each type, and says .9 of the first and .6 of the rest."""

    def answer(request: Any) -> str:
        stated = [0.9, *[0.6] * (len(TYPES) - 1)]
        found = zip(TYPES, stated, strict=True)
        return make_answer(request, [make_issue(kind, 1, confidence=x) for kind, x in found])

    profile = EngineProfile(provider="scripted", model=model)
    return InspectionAgent(FunctionTransport(answer, profile=profile))


def review_all(result: Inspection, number: int) -> Inspection:
    for place, issue in enumerate(result.issues):
        decision: Any = "rejected" if (place + number) % 2 else "accepted"
        result = result.with_review(issue.id, decision, by="Ana", at=WHEN)
    return result


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 reviewed inspections of 12 properties, 120 findings in all."""
    folder = tmp_path_factory.mktemp("reviewed")
    agent = make_agent()
    for number in range(24):
        photo = Photo.from_bytes(render_jpeg(number), name="a.jpg", id="p1")
        home = Property(address=f"{number // 2} Elm Street")
        case = Case(id=f"c{number}", photos=(photo,), property=home)
        result = review_all(agent.inspect(case), number)
        (folder / f"{number}.json").write_text(result.to_json(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def calibration(stored: Path) -> Calibration:
    return Calibration.fit(stored)


def test_each_finding_gets_its_share_and_keeps_what_the_engine_stated(
    calibration: Calibration, photos: Photos
) -> None:
    result = make_agent().inspect(Case(id="new", photos=photos(1)))
    made = calibration.apply(result)
    (one,) = (one for one in calibration.maps if one.basis == "all")
    assert len(made.issues) == len(TYPES)
    for before, after in zip(result.issues, made.issues, strict=True):
        assert after.observed == before.observed
        assert after.severity == before.severity
        assert after.evidence == before.evidence
        assert after.calibrated is not None
        stated = before.observed.confidence
        assert stated is not None
        used = next(
            (each for each in calibration.maps if each.name in (after.type, after.group)), one
        )
        assert after.calibrated.share == pytest.approx(used.compute(stated), abs=1e-4)
        assert (after.calibrated.n, after.calibrated.basis) == (used.n, used.basis)
        assert after.calibrated.properties == 12
        assert after.calibrated.sha256 == calibration.sha256
    assert (made.parent, made.revision) == (result.id, result.revision + 1)
    assert (made.cost, made.summary, made.provenance) == (
        result.cost,
        result.summary,
        result.provenance,
    )
    assert Inspection.model_validate_json(made.to_json()) == made


def test_applied_once_more_it_changes_nothing_and_another_one_replaces_it(
    calibration: Calibration, stored: Path, photos: Photos
) -> None:
    made = calibration.apply(make_agent().inspect(Case(id="new", photos=photos(1))))
    assert calibration.apply(made) is made
    other = Calibration.fit(stored, method="isotonic")
    shares = [issue.calibrated for issue in other.apply(made).issues]
    assert {share and share.sha256 for share in shares} == {other.sha256}


def test_a_result_of_another_model_is_left_as_it_is_and_told(
    calibration: Calibration, photos: Photos
) -> None:
    result = make_agent("large").inspect(Case(photos=photos(1)))
    told = r"5 of scripted:large, inspection-1; .* scripted:small, inspection-1"
    with pytest.warns(UserWarning, match=told) as caught:
        assert calibration.apply(result) is result
    assert caught[0].filename == __file__


def test_a_diagnosis_by_the_same_model_is_left_as_it_is_and_told(
    calibration: Calibration, photos: Photos
) -> None:
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_problem("clog", 1)]),
        profile=EngineProfile(provider="scripted", model="small"),
    )
    result = DiagnosisAgent(engine).diagnose(photos(1), description="It drains slowly.")
    assert isinstance(result, Diagnosis)
    with pytest.warns(UserWarning, match="1 of scripted:small, diagnosis-1"):
        assert calibration.apply(result) is result


def test_a_finding_of_several_models_is_left_as_it_is_and_told(
    calibration: Calibration, photos: Photos
) -> None:
    result = make_agent().inspect(Case(photos=photos(1)))
    (engine,) = result.provenance.engines
    other = engine.model_copy(update={"identity": "other", "model": "large"})
    first, *rest = result.issues
    seen = first.evidence[0].model_copy(update={"engine": "other"})
    mixed = first.model_copy(update={"evidence": (*first.evidence, seen)})
    made = result.provenance.model_copy(update={"engines": (engine, other)})
    result = result.model_copy(update={"issues": (mixed, *rest), "provenance": made})
    with pytest.warns(UserWarning, match="1 of several models or none"):
        shares = [issue.calibrated for issue in calibration.apply(result).issues]
    assert [share is None for share in shares].count(True) == 1


def test_it_is_applied_without_the_libraries_that_fit_it(
    calibration: Calibration, stored: Path, tmp_path: Path
) -> None:
    path = calibration.save(tmp_path / "calibration.json")
    code = f"""
import sys
from pathlib import Path
from inspectiq import Inspection
from inspectiq.evaluation import Calibration
result = Inspection.model_validate_json(Path({str(stored / "0.json")!r}).read_bytes())
made = Calibration.load({str(path)!r}).apply(result)
assert all(issue.calibrated for issue in made.issues)
print(sorted({{"numpy", "scipy", "sklearn"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_result_without_findings_stays_the_same(calibration: Calibration, photos: Photos) -> None:
    engine = FunctionTransport(lambda request: make_answer(request, []))
    result = InspectionAgent(engine).inspect(photos(1))
    assert calibration.apply(result) is result


def test_what_is_no_result_is_refused(calibration: Calibration) -> None:
    with pytest.raises(ConfigError, match="result"):
        calibration.apply("inspection.json")  # type: ignore[type-var]


def test_it_stands_beside_a_review_and_nobody_edits_it(
    calibration: Calibration, photos: Photos
) -> None:
    made = calibration.apply(make_agent().inspect(Case(id="new", photos=photos(1))))
    issue = made.issues[0]
    reviewed = made.with_review(issue.id, "rejected", by="Ana", at=WHEN)
    (rejected,) = (one for one in reviewed.issues if one.is_rejected)
    assert rejected.calibrated == rejected.original.calibrated == issue.calibrated
    assert calibration.apply(reviewed) is reviewed
    with pytest.raises(ConfigError, match="'calibrated' cannot be edited"):
        made.with_review(issue.id, "edited", by="Ana", at=WHEN, calibrated=None)


def test_a_calibrated_result_is_evaluated_as_before(calibration: Calibration, stored: Path) -> None:
    result = Inspection.model_validate_json((stored / "0.json").read_text(encoding="utf-8"))
    made = calibration.apply(result)
    assert made != result
    assert evaluate(made, Labels.from_reviews(made)) == evaluate(
        result, Labels.from_reviews(result)
    )


def test_reports_and_tables_tell_it_beside_what_was_stated(
    calibration: Calibration, photos: Photos
) -> None:
    result = make_agent().inspect(Case(id="new", photos=photos(1)))
    made = calibration.apply(result)
    share = made.issues[0].calibrated
    assert share is not None
    told = f"people confirmed {share.share:.2f} of findings like it (told from {share.n} reviewed"
    report = made.to_markdown()
    assert told in report
    assert "Stated confidence: 0.90 (not a probability)" in report
    assert "Confianza calibrada" in made.to_markdown(language="es")
    assert "Calibrated confidence" not in result.to_markdown()
    row, before = made.to_records()[0], result.to_records()[0]
    assert (row["calibrated_share"], row["calibrated_n"]) == (share.share, share.n)
    assert (before["calibrated_share"], before["calibrated_n"]) == (None, None)


def test_the_command_writes_it_and_prints_how_reliable_it_is(
    stored: Path, calibration: Calibration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config" / "calibration.json"
    assert main(["calibrate", str(stored), "--out", str(path)]) == 0
    assert Calibration.load(path) == calibration
    printed = capsys.readouterr().out
    assert calibration.to_markdown() in printed
    assert f"Written: {path}" in printed
    again = ["calibrate", str(stored), "--out", str(path), "--method", "isotonic", "--json"]
    assert main(again) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["method"], printed["sha256"]) == ("isotonic", Calibration.load(path).sha256)


def test_the_command_refuses_too_few_and_writes_nothing(
    stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calibration.json"
    assert main(["calibrate", str(stored / "0.json"), "--out", str(path)]) == 2
    assert "has 5 reviewed findings of 1 properties; 100 findings" in capsys.readouterr().err
    assert not path.exists()
