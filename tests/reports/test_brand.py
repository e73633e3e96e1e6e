"""Reports under a name of one's own: nothing else names this software, and bad input is refused."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inspectiq._samples.flat import inspect_flat
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports import Brand, render_html, render_index
from tests.reports.results import diagnose_sink, inspect_kitchen

BRAND = Brand(product="HomeCheck", company="Elm Property Management", disclosure="By {engines}.")
OURS = re.compile("inspectiq", re.IGNORECASE)


def make_logo(form: str = "PNG", size: tuple[int, int] = (60, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "green").save(file, form)
    return file.getvalue()


def drop_making(page: str) -> str:
    """Drops what may name the software that made the report: how it was made."""
    return re.sub(r'(?s)<section class="provenance">.*?</section>', "", page)


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("brand", [BRAND, Brand(contact="Call (555) 010-0100")])
@pytest.mark.parametrize("make", [inspect_flat, inspect_kitchen, diagnose_sink])
def test_only_how_it_was_made_names_this_software(make: Any, brand: Brand, brief: bool) -> None:
    result: Result = make()
    page = render_html(result, brand=brand, brief=brief)
    assert not OURS.search(drop_making(page))
    assert bool(OURS.search(page)) is not brief
    assert not OURS.search(render_index([result], brand=brand))


def test_without_a_brand_the_author_is_this_software() -> None:
    assert '<meta name="author" content="inspectiq">' in render_html(inspect_kitchen())


def test_a_brand_shows_its_names_words_and_sections() -> None:
    brand = Brand(
        product="HomeCheck",
        company="Elm",
        colour="#0b6e4f",
        contact="Call us",
        disclaimer="For the owner.",
        disclosure="By {engines}, {date}. {review} {other}",
        more={"Access": ("The key is at the office.",)},
        logo=make_logo(),
    )
    page = render_html(inspect_flat(), brand=brand)
    shown = ("Elm", "--accent: #0b6e4f", "Call us", "For the owner.", "Access", "{other}")
    for part in (*shown, "The key is at the office.", 'src="data:image/png;base64,'):
        assert part in page


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_logo_is_bytes_or_a_file(form: str, tmp_path: Path) -> None:
    content = make_logo(form)
    path = tmp_path / "logo"
    path.write_bytes(content)
    for given in (content, bytearray(content), path, str(path)):
        assert Brand(logo=given).logo_type == f"image/{form.lower()}"  # type: ignore[arg-type]


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "logo",
    [
        PNG + bytes(30_000_000),
        PNG + b"broken",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        make_logo(size=(5_000, 10)),
        b"",
        b"text",
        bytearray(b"text"),
        "gone.png",
        ".",
        "a\0b",
        5,
    ],
    ids=lambda logo: repr(logo[:12] if isinstance(logo, bytes) else logo),
)
def test_a_logo_that_cannot_be_shown_is_refused(logo: Any) -> None:
    with pytest.raises(ConfigError, match="logo"):
        Brand(logo=logo)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "logo.png").open("wb") as file:
        file.write(PNG)
        file.truncate(30_000_000)
    with pytest.raises(ConfigError, match="30,000,000 bytes"):
        Brand(logo=tmp_path / "logo.png")  # type: ignore[arg-type]


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456\n", "#123456;}", ""])
def test_a_colour_is_six_hex_digits(colour: str) -> None:
    with pytest.raises(ConfigError, match="colour"):
        Brand(colour=colour)


FOOTER = "{% block footer %}<footer><p>Licence 12345</p></footer>{% endblock %}"


@pytest.mark.parametrize("name", ["mine.html", "report.html", "index.html", "blocks.html"])
def test_a_template_takes_over_a_part_whatever_its_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text('{% extends "report.html" %}' + FOOTER)
    page = render_html(inspect_kitchen(), brand=Brand(template=path))
    assert "Licence 12345" in page
    assert '<article class="finding ' in page


def test_a_template_may_lay_out_the_content_with_our_parts(tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    path.write_text(
        '{% extends "report.html" %}{% block content %}{% import "blocks.html" as parts with '
        "context %}{% for it in sections if it.name == 'findings' %}{{ parts.section(it) }}"
        '{% endfor %}{% include "beside.html" %}{% endblock %}'
    )
    (tmp_path / "beside.html").write_text("<p>beside {{ title }}</p>")
    page = render_html(inspect_kitchen(), brand=Brand(template=path))
    assert '<article class="finding ' in page
    assert "<p>beside Property inspection</p>" in page
    assert 'class="provenance"' not in page


def test_an_index_has_its_rows_and_the_templates_footer(tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    path.write_text('{% extends "report.html" %}' + FOOTER)
    page = render_index([inspect_kitchen()], brand=Brand(template=path))
    assert "Licence 12345" in page
    assert "unit-4b" in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n{{ 1 / 0 }}", r"line 2 fails \(ZeroDivisionError"),
        ("a\n\n{% if %}", r"line 3 fails \(TemplateSyntaxError"),
        ("\n{{ nope }}", r"line 2 fails \(UndefinedError"),
        ('{% extends "report.html" %}\n{% block footer %}\n{{ nope }}{% endblock %}', "line 3"),
        ('{% extends "own/mine.html" %}', r"fails \(RecursionError"),
        ('\n{% include "gone.html" %}', r"line 2 fails \(TemplateNotFound: gone.html"),
    ],
)
def test_a_template_that_fails_is_named_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    path.write_text(text)
    with pytest.raises(ConfigError, match=told):
        render_html(inspect_kitchen(), brand=Brand(template=path))


def test_a_template_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "gone.html", tmp_path, tmp_path / "mine.html"):
        with pytest.raises(ConfigError, match="template"):
            render_html(inspect_kitchen(), brand=Brand(template=path))
