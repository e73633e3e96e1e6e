"""The notebooks run from top to bottom in a real kernel, and show what their cells end with."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.notebooks import NOTEBOOKS, SOURCES, make_notebook

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
FINDS_PHOTOS = "first_inspection"  # this one is run without photos, and writes the samples itself


def _run(path: Path, folder: Path) -> list[list[dict[str, Any]]]:
    """Runs all code cells; gives what each displayed, as MIME bundles."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager()
    manager.kernel_spec.argv[0] = sys.executable  # type: ignore[union-attr]
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    displayed = []
    try:
        client.wait_for_ready(timeout=60)
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            source, bundles = "".join(cell["source"]), list[dict[str, Any]]()

            def keep(message: Any, bundles: list[dict[str, Any]] = bundles) -> None:
                if message["msg_type"] == "execute_result":
                    bundles.append(message["content"]["data"])

            reply = client.execute_interactive(source, timeout=60, output_hook=keep)["content"]
            error = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(reply.get("traceback", [])))
            assert reply["status"] == "ok", f"{source}\n\n{error}"
            displayed.append(bundles)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    return displayed


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom_and_shows_results(
    path: Path, samples: Path, tmp_path: Path
) -> None:
    if path.stem != FINDS_PHOTOS:
        shutil.copytree(samples, tmp_path / "photos")
    shown = [bundle for bundles in _run(path, tmp_path) for bundle in bundles]
    pages = [bundle["text/html"] for bundle in shown if "text/html" in bundle]
    assert len(pages) >= 3
    assert any("data:image/jpeg;base64," in page for page in pages)
    assert not any("Could not be assessed" in page for page in pages)
    for bundle in shown:
        assert len(bundle["text/plain"]) < 1_000
        assert sum(map(len, bundle.values())) < 1_500_000  # a picture comes as PNG and as JPEG
    if path.stem != "severity_and_cost":
        assert sum("image/png" in bundle for bundle in shown) >= 2


def test_there_is_a_notebook_for_each_source_and_it_is_what_the_source_says() -> None:
    sources = sorted(SOURCES.glob("*.py"))
    assert [path.stem for path in PATHS] == [source.stem for source in sources]
    assert len(sources) == 3
    for source, path in zip(sources, PATHS, strict=True):
        written = make_notebook(source.read_text(encoding="utf-8"))
        assert path.read_text(encoding="utf-8") == written, "write them: python -m tools.notebooks"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs_and_needs_no_private_name(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            assert not re.search(r"\b_\w|\._|inspectiq\._", "".join(cell["source"]))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_that_is_scripted_says_so_before_its_first_cell(path: Path) -> None:
    first, *rest = json.loads(path.read_text(encoding="utf-8"))["cells"]
    is_scripted = any("inspectiq.testing" in "".join(cell["source"]) for cell in rest)
    assert is_scripted == ("scripted" in "".join(first["source"]))
