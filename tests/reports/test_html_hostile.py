"""What others wrote is text in a report, wherever it stands, and nothing of it is cut."""

import re
from html.parser import HTMLParser

import pytest

from inspectiq import Diagnosis, Inspection
from inspectiq._samples.flat import inspect_flat
from inspectiq.domain._results import Result
from inspectiq.reports import Brand, render_html, render_index
from tests.reports.hostile import HOSTILE, LONG, OUTSIDE, list_free, list_hostile, write_over

SHOWN = ("<script src=", "{{ 7*7 }}", "javascript:alert(1)", "zerowidth", "turned", "ألف 中文")
ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "svg", "math", "base", "link"}
LOADS = {"src", "href", "srcset", "action", "data", "poster", "background", "style"}


class Page(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def refuse_harm(page: str) -> Page:
    """Makes sure that a page loads and runs nothing; gives its parts."""
    read = Page(page)
    assert not ACTIVE.intersection(read.tags)
    for name, value in read.attributes:
        assert not name.startswith("on"), (name, value)
        if name in LOADS:
            assert value.startswith(("#finding-", "data:image/jpeg;base64,")), (name, value[:80])
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\ufdd0\ufffe\U0001fffe]", page)
    page.encode("utf-8")
    return read


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("name", ["flat", "pool", "diagnosis", "nothing"])
def test_hostile_texts_are_shown_as_text_and_do_nothing(name: str, brief: bool) -> None:
    page = refuse_harm(render_html(list_hostile()[name], brief=brief))
    for part in SHOWN:
        assert part in page.text
    assert page.tags.count("style") == page.tags.count("title") == 1


def test_nearly_every_text_of_a_result_is_tried() -> None:
    tried = list_free(Inspection) | list_free(Diagnosis)
    for name in (
        "case.id",
        "case.description",
        "case.property.address",
        "issues.label",
        "issues.observed.description",
        "issues.location.room",
        "issues.reviews.by",
        "issues.reviews.because",
        "issues.scope.action",
        "issues.severity.level",
        "photos.photo.name",
        "provenance.engines.model",
        "findings.cause",
        "screening.emergencies.words",
    ):
        assert name in tried


def test_texts_of_a_brand_are_shown_as_text_and_do_nothing() -> None:
    page = refuse_harm(
        render_html(
            inspect_flat(),
            brand=Brand(
                product=HOSTILE[:200],
                company=HOSTILE[:200],
                contact=HOSTILE,
                disclaimer=HOSTILE,
                disclosure=HOSTILE + " {engines} {0} {x}",
                labels={"water": HOSTILE},
                more={HOSTILE: (HOSTILE,), "": ("untitled",)},
            ),
        )
    )
    assert page.text.count("{{ 7*7 }}") >= 5
    assert "untitled" in page.text


def test_words_of_ten_thousand_characters_are_whole() -> None:
    for result in list_hostile(LONG).values():
        assert LONG in refuse_harm(render_html(result)).text


def test_the_short_form_says_where_it_cuts_a_text() -> None:
    page = Page(render_html(write_over(inspect_flat(), "word " * 100), brief=True))
    assert "(the rest stands in the full report)" in page.text


def test_an_index_shows_hostile_texts_as_text() -> None:
    results: list[Result] = [*list_hostile().values()]
    assert "<script src=" in refuse_harm(render_index(results)).text


def test_no_address_of_others_stands_where_a_browser_loads_it() -> None:
    for result in list_hostile().values():
        read = Page(render_html(result))
        loaded = [value for name, value in read.attributes if OUTSIDE in value and name in LOADS]
        assert loaded == []


def test_levels_with_odd_keys_have_classes_and_colours_of_their_own() -> None:
    inspection = inspect_flat()
    keys = ["very bad", "very-bad", "悪い", "酷い", 'x"}</style>{', "a/b", "a.b"]
    colours = ["#111111", "#222222", "#333333", "#444444", "#555555", "#666666", "#777777"]
    issues = tuple(
        issue.model_copy(
            update={
                "severity": issue.severity.model_copy(
                    update={"level": key, "label": key, "colour": colour}
                ),
                "reviews": (),
            }
        )
        for issue, key, colour in zip(inspection.issues, keys, colours, strict=False)
    )
    page = render_html(inspection.model_copy(update={"issues": issues}))
    refuse_harm(page)
    rules = dict(re.findall(r"\.(level-[\w-]+) \{ --level: (#\w+);", page))
    assert sorted(rules.values()) == colours
    shown = re.findall(r'class="finding (level-[\w-]+)"', page)
    assert [rules[name] for name in shown] == colours


def test_what_is_no_character_in_html_is_left_out() -> None:
    page = render_html(write_over(inspect_flat(), "a\ufdd0b\uffffc\U0010ffffd\x00e\x1bf"))
    assert "abcdef" in refuse_harm(page).text
