"""Values are printed in a few lines, whatever they hold."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel

from inspectiq import (
    Case,
    CostBook,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Photo,
    Property,
    SeverityPolicy,
    Taxonomy,
)
from inspectiq._short_forms import shorten
from inspectiq.domain import FrozenMap, Observed
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tests.conftest import render_jpeg
from tests.domain.strategies import inspections

TEN_LINES = 10 * 100  # characters
SECRET = "Elm Street 7"


def _inspect(photos: int) -> Inspection:
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [make_issue("mold_suspect", number) for number in range(1, len(request.photos) + 1)],
        )
    )
    return InspectionAgent(engine).inspect(
        [Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg") for i in range(photos)],
        property=Property(address=SECRET, country="US", state="CA"),
        description=SECRET,
    )


@pytest.fixture(scope="module")
def inspection() -> Inspection:
    return _inspect(12)


@pytest.fixture(scope="module")
def values(inspection: Inspection) -> list[Any]:
    issue = inspection.issues[0]
    speaker = FunctionTransport(lambda request: make_answer(request, [make_problem("clog")]))
    diagnosis = DiagnosisAgent(speaker).diagnose(description=SECRET)
    case = Case(photos=tuple(inspection.handles.values()), description=SECRET)
    policies = [SeverityPolicy.of(name) for name in ("house", "nspire", "awaab", "asap")]
    book, taxonomy = CostBook.default(), Taxonomy.default()
    return [
        *(inspection, inspection.photos[0], inspection.provenance, inspection.cost, issue),
        *(issue.severity, issue.scope, issue.cost, diagnosis, diagnosis.findings[0], case),
        *(policies, book, book.items["clog"], book.wages, taxonomy, taxonomy["clog"]),
        *(case.photos[0], inspection.case, inspection.usage),
    ]


def test_a_value_is_printed_in_ten_lines_at_most(values: list[Any]) -> None:
    for value in values:
        for shown in (repr(value), str(value)):
            assert len(shown) < TEN_LINES
            assert "\n" not in shown
            assert SECRET not in shown


def test_twelve_outcomes_and_twelve_findings_can_be_read(inspection: Inspection) -> None:
    assert len(repr(inspection.photos)) < TEN_LINES
    assert repr(inspection.photos[:1]) == (
        "(PhotoOutcome(photo='p1', name='0.jpg', status='assessed'),)"
    )
    issue = inspection.issues[0]
    assert repr(issue) == (
        f"Issue(id='{issue.id}', type='mold_suspect', level='medium', photos=1, "
        "cost=Decimal('453.93'))"
    )
    assert len(repr(inspection.issues)) < 2 * TEN_LINES


def test_a_policy_tells_its_levels_the_mildest_first() -> None:
    assert repr(SeverityPolicy.default()).startswith("SeverityPolicy(name='house', version='20")
    assert "levels='low, medium, high, critical', rules=" in repr(SeverityPolicy.default())


def test_fields_that_are_as_they_come_are_left_out() -> None:
    assert repr(Property(country="US")) == "Property(country='US')"
    assert repr(Property()) == "Property()"


def test_what_is_cut_says_so() -> None:
    observed = Observed(description="x" * 10_000, facts=("a", "b", "c", "d"))
    assert repr(observed) == f"Observed(description='{'x' * 79}…', facts=<4 items>)"
    assert shorten("a" * 64) == "aaaaaaaaaaaa…"  # a hash
    assert repr(shorten(FrozenMap({str(n): n for n in range(9)}))) == "<9 entries>"
    assert repr(shorten({"a": {"b": {"c": 1}}})) == "{'a': {'b': <1 entries>}}"
    assert repr(shorten((Property(),) * 5)) == "<5 Property>"


def test_what_rich_shows_follows(inspection: Inspection) -> None:
    issue: Any = inspection.issues[0]
    assert dict(issue.__rich_repr__()) == dict(issue.__repr_args__())
    pretty = [part for part in issue.__pretty__(lambda value: value) if isinstance(part, str)]
    assert "type=" in pretty
    assert "observed=" not in pretty


def _walk(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _walk(item)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inspections)
def test_no_part_of_any_result_is_printed_long(inspection: Inspection) -> None:
    for part in _walk(inspection):
        assert len(repr(part)) < 4 * TEN_LINES  # a few values stand in one, each short
        assert "\n" not in repr(part)


def test_short_forms_change_no_value(inspection: Inspection, tmp_path: Path) -> None:
    assert Inspection.model_validate_json(inspection.to_json()) == inspection
    assert pickle.loads(pickle.dumps(inspection)) == inspection
    assert inspection.issues[0].model_dump()["observed"]["description"]
