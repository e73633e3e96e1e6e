"""An index of many results: a row for each, totals, and links that lead to pages only."""

import re

import pytest

from inspectiq._samples.flat import inspect_flat
from inspectiq.errors import ConfigError
from inspectiq.reports import render_index
from tests.reports.results import diagnose_sink, inspect, inspect_kitchen


def test_each_result_has_a_row_in_the_order_given() -> None:
    page = render_index([diagnose_sink(), inspect_kitchen(), inspect_flat(), inspect()])
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>', page)
    assert rows[:2] == ["unit-5", "unit-4b"]
    assert len(rows) == 4


def test_totals_sum_up_photos_levels_and_costs() -> None:
    kitchen = inspect_kitchen()
    page = render_index([kitchen] * 3)
    totals = dict(re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", page))
    assert totals["Photos"] == "12"
    assert totals["Could not be assessed"] == "6"
    for level, count in kitchen.summary.by_level.items():
        assert totals[level.replace("_", " ").capitalize()] == str(3 * count)


def test_two_thousand_results_are_two_thousand_rows() -> None:
    page = render_index([inspect_kitchen()] * 2_000)
    assert page.count('<tr><th scope="row">') == 2_000
    assert "2,000 reports" in page


def test_no_result_is_a_page_too() -> None:
    assert "0 reports" in render_index([])


@pytest.mark.parametrize(
    "link", ["unit 4: kitchen/report.html", "../a.html", "https://reports.example.org/1", "a?b=c:d"]
)
def test_a_link_leads_to_a_page(link: str) -> None:
    kitchen = inspect_kitchen()
    assert f'<a href="{link}">unit-4b</a>' in render_index([kitchen], links={kitchen.id: link})


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "java\u200bscript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        5,
    ],
)
def test_a_link_that_leads_to_no_page_is_refused(link: str) -> None:
    kitchen = inspect_kitchen()
    with pytest.raises(ConfigError, match="links"):
        render_index([kitchen], links={kitchen.id: link})


def test_what_is_no_result_is_refused() -> None:
    for given in ("x", inspect_kitchen(), [5], None):
        with pytest.raises(ConfigError, match="results"):
            render_index(given)  # type: ignore[arg-type]
