"""A report as PDF: all of its text on its pages, tagged, numbered, with fonts that have it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from inspectiq import Inspection
from inspectiq._samples.flat import inspect_flat
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports import Brand, render_pdf
from tests.reports.results import diagnose_sink, inspect_kitchen

try:
    import weasyprint  # noqa: F401
    from pypdf import PdfReader
except (ImportError, OSError) as error:
    MISSING = f"pip install 'inspectiq[pdf]' pypdf; apt-get install libpangoft2-1.0-0 ({error})"
else:
    MISSING = "" if shutil.which("pdftotext") else "apt-get install poppler-utils"

pytestmark = [pytest.mark.system, pytest.mark.skipif(bool(MISSING), reason=MISSING)]

WORD = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
PAGE = re.compile(r'<page width="(.*?)" height="(.*?)">')


def write(folder: Path, content: bytes) -> Path:
    path = folder / "report.pdf"
    path.write_bytes(content)
    return path


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_text(path: Path) -> str:
    """The text of all pages without white space, since long words are broken across lines."""
    return "".join(run("pdftotext", path, "-").split())


def require_within(path: Path) -> None:
    """Makes sure that every word lies within its page."""
    written = run("pdftotext", "-bbox", path, "-")
    width, height = map(float, PAGE.findall(written)[0])
    words = WORD.findall(written)
    assert words
    for *sides, word in words:
        x0, y0, x1, y1 = map(float, sides)
        assert x0 >= 0, word
        assert y0 >= 0, word
        assert x1 <= width, word
        assert y1 <= height, word


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("make", [inspect_flat, diagnose_sink])
def test_every_finding_is_on_the_pages(make: Any, language: str, tmp_path: Path) -> None:
    result: Result = make()
    path = write(tmp_path, render_pdf(result, language=language))
    text = read_text(path)
    for finding in result.found:
        assert "".join(finding.observed.description.split()) in text
    require_within(path)


def test_pages_are_tagged_numbered_and_marked(tmp_path: Path) -> None:
    path = write(tmp_path, render_pdf(inspect_flat()))
    read = PdfReader(path)
    root: Any = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    count = len(read.pages)
    for number, page in enumerate(read.pages, start=1):
        assert f"{number} / {count}" in page.extract_text()
    told = {
        str(name).strip("/").replace("-", ""): value
        for name, value in (read.metadata or {}).items()
    }
    assert told["aigenerated"] == "true"
    assert told["humanreviewed"] == "3 of 15 findings"
    assert told["Title"].startswith("Property inspection: ")
    assert not any("/JavaScript" in str(page) or "/Annots" in page for page in read.pages[2:])


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_short_form_has_two_pages(language: str, tmp_path: Path) -> None:
    path = write(tmp_path, render_pdf(inspect_flat(), brief=True, language=language))
    assert len(PdfReader(path).pages) <= 2
    require_within(path)


def describe_kitchen(words: str) -> Inspection:
    """The kitchen, whose first finding is described by these words."""
    kitchen = inspect_kitchen()
    first = kitchen.issues[0]
    seen = first.observed.model_copy(update={"description": words})
    issues = (first.model_copy(update={"observed": seen}), *kitchen.issues[1:])
    return kitchen.model_copy(update={"issues": issues})


def test_a_character_that_no_font_has_is_an_error_that_says_how_to_mend_it() -> None:
    with pytest.raises(ConfigError, match=r"no font at hand has .*give fonts="):
        render_pdf(describe_kitchen("a \U0001fbfe\u1bfa\ua8fb mark"))


def test_fonts_of_ones_own_are_used(tmp_path: Path) -> None:
    found = run("fc-match", "-f", "%{file}", "monospace:fontformat=TrueType")
    path = write(tmp_path, render_pdf(inspect_kitchen(), fonts=[found]))
    assert "report-0" in run("pdffonts", path)


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_text("no font")
    for path in (tmp_path / "font.ttf", tmp_path / "gone.ttf"):
        with pytest.raises(ConfigError, match=path.name):
            render_pdf(inspect_kitchen(), fonts=[path])


def test_a_word_of_ten_thousand_characters_is_whole_and_within_the_page(tmp_path: Path) -> None:
    path = write(tmp_path, render_pdf(describe_kitchen("W" * 10_000)))
    assert read_text(path).count("W") >= 10_000
    require_within(path)


def test_hostile_words_are_text_and_load_nothing(tmp_path: Path) -> None:
    words = '<img src="https://evil.example/x.png"><script>alert(1)</script> {{ 7*7 }}'
    path = write(tmp_path, render_pdf(describe_kitchen(words)))
    assert "".join(words.split()) in read_text(path)
    assert b"/JavaScript" not in path.read_bytes()
    assert b"/URI" not in path.read_bytes()


def test_a_brand_is_the_only_name_besides_how_it_was_made(tmp_path: Path) -> None:
    brand = Brand(product="HomeCheck", company="Elm")
    brief = write(tmp_path, render_pdf(inspect_flat(), brand=brand, brief=True))
    assert "inspectiq" not in read_text(brief).lower()
    full = write(tmp_path, render_pdf(inspect_flat(), brand=brand))
    _, _, made = read_text(full).partition("Howthiswasmade")
    assert read_text(full).lower().count("inspectiq") == made.lower().count("inspectiq") >= 1
    for read in map(PdfReader, (full,)):
        assert not any(
            "inspectiq" in str(value).lower() for value in (read.metadata or {}).values()
        )
