"""The command line's reports: of a run, and of a stored result."""

from pathlib import Path

import pytest

from inspectiq._cli import main
from inspectiq._samples import write_samples

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with photos, and in `report` what a run left of them."""
    folder = tmp_path_factory.mktemp("runs")
    write_samples(folder / "photos")
    argv = ["inspect", "photos", "--engine", "offline", "--html", "--csv", "--out", "report", "-q"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(argv) == 1  # a triage
    return folder


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def test_a_run_writes_the_formats_that_are_asked_for(folder: Path) -> None:
    assert {path.name for path in (folder / "report").iterdir()} >= {
        *("report.md", "inspection.json", "report.html"),
        *("issues.csv", "photos.csv", "cost_lines.csv"),
    }
    assert "data:image/jpeg;base64," in (folder / "report" / "report.html").read_text()
    assert (folder / "report" / "photos.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_stored_result_is_reported_on_beside_itself(folder: Path, capsys: Capture) -> None:
    assert main(["report", "report/inspection.json", "--brief", "--photos", "photos"]) == 0
    assert capsys.readouterr().out == "report/report-brief.html\n"
    page = (folder / "report" / "report-brief.html").read_text()
    assert "Crack, kind not known" in page
    assert "data:image/jpeg;base64," in page


def test_it_speaks_another_language_and_says_what_it_cannot_show(
    folder: Path, capsys: Capture
) -> None:
    argv = ["report", "report/inspection.json", "--language", "es", "--html", "--out", "es"]
    assert main(argv) == 0
    page = (folder / "es" / "report.html").read_text()
    assert '<html lang="es">' in page
    assert "Hallazgos" in page
    assert "living-room-wall.jpg" in page.partition("No se muestran")[2]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["report", "report"], "is a folder"),
        (["report", "photos/kitchen/kitchen.jpg"], "is no result of inspectiq"),
        (["report", "report/inspection.json", "--language", "fr"], "Language.load"),
        (["report", "report/inspection.json", "--photos", "nowhere"], "is no folder"),
        (["report", "report/inspection.json", "--out", "photos/kitchen/kitchen.jpg"], "--out"),
        (["inspect", "photos", "--engine", "offline", "--pdf"], "give --out DIR as well"),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is_paid(
    argv: list[str], told: str, capsys: Capture
) -> None:
    assert main(argv) == 2
    assert told in capsys.readouterr().err
