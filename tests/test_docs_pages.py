"""What a newcomer meets: the list of pages for language models, and pictures of reports."""

import random
import re
from pathlib import Path

import pytest
from PIL import Image

from conftest import PATTERNS
from tools.screenshots import LARGEST, SHOTS, shrink

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LLMS = (DOCS / "llms.txt").read_text(encoding="utf-8")
LISTED = re.findall(r"^- \[([^]]+)\]\(([^)]+)\): (\S.*)$", LLMS, re.MULTILINE)
NAV = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
PAGES = sorted(
    f"{path.parent.name}/{path.name}"
    for part in ("learn", "guides", "reports")
    for path in (DOCS / part).glob("*.md")
)
PICTURES = sorted((DOCS / "pictures").iterdir())
SHOWN = {
    Path(path).name: alt
    for page in (ROOT / "README.md", *DOCS.rglob("*.md"))
    for alt, path in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
}


def test_the_list_for_language_models_has_the_form_that_they_look_for() -> None:
    lines = LLMS.splitlines()
    assert lines[0] == "# inspectiq"
    assert lines[2].startswith("> ")
    assert [line for line in lines if line.startswith("## ")] == [
        *("## Learn", "## Guides", "## Reports", "## Operate", "## Optional")
    ]
    assert len(re.findall(r"^- \[", LLMS, re.MULTILINE)) == len(LISTED) > 30


@pytest.mark.parametrize("path", [path for _, path, _ in LISTED])
def test_what_the_list_for_language_models_links_to_exists(path: str) -> None:
    assert (DOCS / path).is_file()


@pytest.mark.parametrize("page", PAGES)
def test_each_page_to_learn_from_is_in_that_list_and_in_the_navigation(page: str) -> None:
    assert page in [path for _, path, _ in LISTED]
    assert re.search(rf"[ :]{re.escape(page)}$", NAV, re.MULTILINE)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_each_picture_is_small_and_shown_with_words_for_who_does_not_see_it(path: Path) -> None:
    assert path.stat().st_size <= LARGEST
    assert len(SHOWN[path.name]) > 30


def test_each_page_with_code_is_run_by_the_tests() -> None:
    pages = [ROOT / "README.md", DOCS / "llms.txt", *DOCS.rglob("*.md")]
    with_code = [page for page in pages if "```python" in page.read_text(encoding="utf-8")]
    assert DOCS / "index.md" in with_code
    left_out = [page for page in with_code if not any(page.match(pattern) for pattern in PATTERNS)]
    assert left_out == []


def test_all_pictures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES) <= 1_000_000


def test_the_tool_for_pictures_takes_those_that_are_there() -> None:
    taken = {f"{shot.name}.png" for shot in SHOTS} | {"report-print.png"}
    assert {path.name for path in PICTURES if path.suffix == ".png"} == taken


def test_a_picture_gets_fewer_colours_until_it_is_small_and_one_that_never_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = Image.frombytes("RGB", (40, 40), random.Random(1).randbytes(4_800))
    monkeypatch.setattr("tools.screenshots.LARGEST", 1_500)
    path = shrink(noise, tmp_path / "noise.png")
    assert path.stat().st_size <= 1_500
    with Image.open(path) as few:
        assert 32 <= len(few.getcolors() or ()) < 256
    monkeypatch.setattr("tools.screenshots.LARGEST", 100)
    with pytest.raises(ValueError, match="take less of the page"):
        shrink(noise, path)
