"""Texts that code composed are found again quickly, and nothing of a host is kept for it."""

import re

import pytest

from inspectiq.reports import Language
from inspectiq.reports._language import ENGLISH
from inspectiq.reports._stored_texts import Template, find_templates, load_templates


@pytest.mark.parametrize("template", load_templates(), ids=lambda template: template.text[:40])
def test_each_template_is_among_those_that_are_tried_for_its_own_text(template: Template) -> None:
    text = re.sub(r"\{\w+\}", "7", template.text)
    assert template in find_templates(text)
    found = [one.text for one in find_templates(text)]
    assert found == [one.text for one in load_templates() if one.text in found]  # in their order


def test_few_templates_are_tried_for_a_text_of_others() -> None:
    tried = find_templates(
        "The tenant says that the blue door of the shed does not close at night."
    )
    assert len(tried) < len(load_templates()) / 4


def test_only_the_language_of_one_report_remembers_texts() -> None:
    of_report = ENGLISH.in_zone(None)
    for language in (ENGLISH, of_report):
        assert language.translate("useful life 7 years (somebody)")
    assert ENGLISH._known is None
    assert of_report._known
    assert Language.of("en").in_zone(None)._known == {}
