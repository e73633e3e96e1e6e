"""The built wheel, in a new virtual environment, without any extra."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment that holds the wheel and its core dependencies only."""
    folder = tmp_path_factory.mktemp("install")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
    (wheel,) = folder.glob("inspectiq-*.whl")
    _run(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv" / "bin" / "python"
    _run(python, "-m", "pip", "install", "-q", wheel)
    return python


def _run(*command: object, code: int = 0) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd="/",
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_every_public_name_and_data_file_is_in_the_wheel(python: Path) -> None:
    code = """
import inspectiq
from inspectiq import Prompt
from inspectiq.testing import FunctionTransport, make_answer
for name in inspectiq.__all__:
    getattr(inspectiq, name)
assert inspectiq.Taxonomy.default().types and inspectiq.SeverityPolicy.default().levels
assert Prompt.shipped("inspection-1").text
from importlib.resources import files
assert files("inspectiq.transports._offline").joinpath("cracks.toml").is_file()
assert files("inspectiq").joinpath("py.typed").is_file()
from inspectiq._samples import list_samples, read_sample
assert all(read_sample(sample.name).startswith(b"\\xff\\xd8") for sample in list_samples())
"""
    _run(python, "-c", code)


def test_without_the_extra_the_offline_engine_names_the_command_that_mends_it(
    python: Path, samples: Path
) -> None:
    said = _run(python, "-m", "inspectiq", "inspect", samples, "--engine", "offline", code=2)
    assert "pip install 'inspectiq[offline]'" in said


def test_an_engine_of_the_hosts_own_needs_no_extra(python: Path, samples: Path) -> None:
    code = f"""
from inspectiq import InspectionAgent
from inspectiq.testing import FunctionTransport, make_answer, make_issue
engine = FunctionTransport(lambda r: make_answer(r, [make_issue("clog", 1, box=(1, 1, 500, 500))]))
inspection = InspectionAgent(engine).inspect({str(samples)!r})
assert inspection.status == "complete", inspection.summary
assert inspection.to_markdown()
"""
    _run(python, "-c", code)
