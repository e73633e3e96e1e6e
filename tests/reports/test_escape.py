import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from inspectiq.reports._escape import escape_markdown

RENDER = MarkdownIt("gfm-like")
MARKUP = st.text(st.sampled_from("ab1 ![]()<>*_`~#+-=|\\&;:/.@\n\t{}$^\"'"), max_size=40)


def _plain(text: str) -> set[str]:
    tokens = RENDER.parse(f"x {escape_markdown(text)}")
    inner = [child for token in tokens for child in token.children or ()]
    return {token.type for token in [*tokens, *inner]} - {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "softbreak",
    }


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://evil.example/p.png)",
        "[click](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "see http://evil.example or www.evil.com or me@evil.com or evil.com/x",
        "[a]: http://evil.example",
        "**bold** _em_ `code` ~~gone~~",
        "photo.jpg.evil.com",
    ],
)
def test_no_text_makes_a_link_an_image_html_or_emphasis(text: str) -> None:
    assert _plain(text) == set()


@given(MARKUP)
def test_no_markup_survives_whatever_the_text(text: str) -> None:
    assert _plain(text) == set()


@given(MARKUP)
def test_a_text_at_the_start_of_a_line_stays_a_paragraph(text: str) -> None:
    types = {token.type for token in RENDER.parse(escape_markdown(text))}
    assert types <= {"paragraph_open", "paragraph_close", "inline"}


@given(st.text(max_size=30))
def test_what_a_reader_sees_is_the_text(text: str) -> None:
    line = escape_markdown(text)
    assert "\n" not in line
    shown = "".join(
        child.content for token in RENDER.parse(f"x {line}") for child in token.children or ()
    )
    assert shown.split() == ["x", *_visible_words(text)]


def _visible_words(text: str) -> list[str]:
    from inspectiq._text import strip_invisible

    return strip_invisible(text).split()
