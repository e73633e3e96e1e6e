"""The one public door."""

import subprocess
import sys

import pytest

import inspectiq

HEAVY = ("openai", "httpx", "PIL", "numpy", "cv2", "pi_heif", "jsonschema", "structlog", "tqdm")


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


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    for name in inspectiq.__all__:
        assert getattr(inspectiq, name) is not None
    assert set(inspectiq.__all__) <= set(dir(inspectiq))


def test_every_public_name_has_one_home_and_nothing_else_has() -> None:
    homes = [name for names in inspectiq._HOMES.values() for name in names.split()]
    assert sorted([*homes, "__version__"]) == inspectiq.__all__


def test_a_public_name_is_the_one_of_its_home_and_reads_well_in_a_traceback() -> None:
    from inspectiq.errors import PhotoError

    assert inspectiq.PhotoError is PhotoError


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Inspector'"):
        _ = inspectiq.Inspector
