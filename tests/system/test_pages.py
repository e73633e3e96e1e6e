"""Reports in a real browser, and by the checkers of others: valid, accessible, quiet, still."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspectiq._samples.flat import inspect_flat
from inspectiq.reports import Brand, render_html, render_index
from tests.reports.hostile import HOSTILE, LONG, list_hostile
from tests.reports.results import diagnose_sink, inspect_pool
from tests.reports.test_html import inspect_many

PROGRAM = Path(__file__).parent / "browser" / "check_pages.mjs"
PACKAGES = ("playwright-core@1.65.1", "axe-core@4.14.1", "vnu-jar@26.9.27")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
NEEDED = {
    "chromium": CHROMIUM,
    "nodejs": shutil.which("node"),
    "npm": shutil.which("npm"),
    "default-jre-headless": shutil.which("java"),
}
LACKING = " ".join(name for name, found in NEEDED.items() if not found)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(LACKING), reason=f"apt-get install -y {LACKING}"),
]

NAMES = (
    *("flat", "brief", "spanish", "none", "many", "diagnosis", "pool", "brand", "index"),
    *(f"hostile-{name}" for name in ("flat", "pool", "diagnosis", "nothing", "index")),
    *("long", "long-brief"),
)


def render_pages() -> Iterator[tuple[str, str]]:
    flat, hostile = inspect_flat(), list_hostile()
    yield "flat", render_html(flat)
    yield "brief", render_html(flat, brief=True)
    yield "spanish", render_html(flat, language="es")
    yield "none", render_html(inspect_many(0))
    yield "many", render_html(inspect_many(200, box=(100, 100, 500, 600)))
    yield "diagnosis", render_html(diagnose_sink())
    yield "pool", render_html(inspect_pool(water="green", tiles=["a", "b"]))
    words = {HOSTILE: (HOSTILE, LONG), "": ("untitled",), "Photos": ("a namesake",)}
    brand = Brand(product=HOSTILE[:200], company=LONG[:200], contact=LONG, more=words)
    yield "brand", render_html(flat, brand=brand)
    yield "index", render_index([flat, diagnose_sink(), inspect_many(0)])
    for name, result in hostile.items():
        yield f"hostile-{name}", render_html(result)
    yield "hostile-index", render_index(hostile.values())
    long = list_hostile(LONG)["flat"]
    yield "long", render_html(long)
    yield "long-brief", render_html(long, brief=True)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkers."""
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"private": true}')
    flags = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--silent")
    subprocess.run(["npm", "install", *flags, *PACKAGES], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages by name, as files."""
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for name, page in render_pages():
        written[name] = folder / f"{name}.html"
        written[name].write_text(page, encoding="utf-8")
    return written


@pytest.fixture(scope="session")
def seen(packages: Path, pages: dict[str, Path]) -> dict[str, Any]:
    """What a browser met on each page."""
    command = ["node", str(PROGRAM), str(CHROMIUM), *map(str, pages.values())]
    done = subprocess.run(command, cwd=packages, check=True, capture_output=True, text=True)
    return {Path(path).stem: told for path, told in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_and_still(name: str, seen: dict[str, Any]) -> None:
    told = seen[name]
    assert told["axe"] == {"light": [], "dark": [], "phone": []}
    assert told["console"] == []
    assert told["requests"] == []
    assert told["active"] == []
    assert told["sideways"] <= 0
    assert told["styled"]


def test_every_page_was_looked_at(seen: dict[str, Any]) -> None:
    assert set(seen) == set(NAMES)


def test_every_page_is_valid_html(packages: Path, pages: dict[str, Path]) -> None:
    jar = packages / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    # Only errors: it warns that a policy of `img-src data:` would block what it allows.
    command = ["java", "-jar", str(jar), "--errors-only", "--format", "json"]
    done = subprocess.run(
        [*command, *map(str, pages.values())], check=False, capture_output=True, text=True
    )
    assert json.loads(done.stderr)["messages"] == []
