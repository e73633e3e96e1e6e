"""The public doors: the common names at `inspectiq`, the rest at the door of their room."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import inspectiq

ROOT = Path(inspectiq.__file__).parent
HEAVY = (
    "openai",
    "httpx",
    "PIL",
    "numpy",
    "cv2",
    "pi_heif",
    "jsonschema",
    "structlog",
    "tqdm",
    "openpyxl",
    "pandas",
    "polars",
)
DOORS = sorted(
    ".".join(("inspectiq", *path.parent.relative_to(ROOT).parts))
    for path in ROOT.rglob("__init__.pyi")
)


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()}


@pytest.mark.parametrize(
    "statement", ["import inspectiq", "from inspectiq import InspectionAgent, Case, Photo"]
)
def test_importing_it_loads_no_heavy_library(statement: str) -> None:
    assert not _modules_after(statement) & set(HEAVY)


def test_the_front_door_stays_small() -> None:
    assert len(inspectiq.__all__) <= 55  # type: ignore[attr-defined]


@pytest.mark.parametrize("door", DOORS)
def test_every_name_at_a_door_can_be_imported_and_is_listed(door: str) -> None:
    module = import_module(door)
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert set(module.__all__) <= set(dir(module))


def test_a_name_at_two_doors_is_the_same_thing() -> None:
    for door in DOORS:
        module = import_module(door)
        for name in set(module.__all__) & set(inspectiq.__all__):  # type: ignore[attr-defined]
            assert getattr(module, name) is getattr(inspectiq, name)


def test_a_file_that_is_no_door_begins_with_an_underscore() -> None:
    public = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py")} - {"__main__.py"}
    public = {path for path in public if not any(part[0] == "_" for part in path.split("/")[:-1])}
    plain = {path for path in public if not path.rpartition("/")[2].startswith("_")}
    assert plain == {"config.py", "errors.py", "run.py"}
    for path in plain:
        assert "__all__" in (ROOT / path).read_text(encoding="utf-8")


def test_a_door_only_hands_on_what_its_stub_lists() -> None:
    for stub in ROOT.rglob("__init__.pyi"):
        tree = ast.parse(stub.read_text(encoding="utf-8"))
        assert all(isinstance(node, ast.ImportFrom) and not node.level for node in tree.body)
        names = [alias for node in tree.body for alias in node.names]  # type: ignore[attr-defined]
        assert all(alias.asname == alias.name for alias in names)  # else it is not exported
        assert len(names) == len({alias.name for alias in names})


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Inspector"):
        _ = inspectiq.Inspector  # type: ignore[attr-defined]
