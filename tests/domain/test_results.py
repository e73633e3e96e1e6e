import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from inspectiq import (
    ConfigError,
    Diagnosis,
    IncompleteResult,
    Inspection,
    PhotoOutcome,
    Result,
    Usage,
)
from inspectiq.domain import PhotoRef
from inspectiq.domain._results import PhotoStatus, decide_status
from inspectiq.errors import UnknownPhoto
from tests.domain.strategies import inspections

RELEASED = sorted((Path(__file__).parent.parent / "data" / "results").glob("*.json"))
PUBLISHED = Path(__file__).parent.parent.parent / "docs" / "schemas" / "inspection-1.json"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inspections)
def test_a_result_is_the_same_after_json_and_after_pickle(inspection: Inspection) -> None:
    for twin in (
        Inspection.model_validate_json(inspection.model_dump_json()),
        Inspection.model_validate_json(inspection.to_json()),
        pickle.loads(pickle.dumps(inspection)),
        inspection.model_copy(deep=True),
    ):
        assert twin == inspection
        assert hash(twin) == hash(inspection)


@cache
def _published() -> Draft202012Validator:
    schema = Inspection.build_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(inspections)
def test_a_result_keeps_to_the_published_schema(inspection: Inspection) -> None:
    _published().validate(json.loads(inspection.to_json()))


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(json.dumps(Inspection.build_schema())), (
        "write it again: python -m inspectiq schema > docs/schemas/inspection-1.json"
    )


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name)
def test_a_result_that_a_released_version_wrote_still_loads(path: Path) -> None:
    then = json.loads(path.read_text())
    form: type[Result] = Inspection if then["kind"] == "inspection" else Diagnosis
    assert _holds(json.loads(form.model_validate_json(path.read_text()).to_json()), then)


def _holds(now: Any, then: Any) -> bool:
    """Whether all that was written then is still there; later versions may add to it."""
    if isinstance(then, dict):
        return all(key in now and _holds(now[key], value) for key, value in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(map(_holds, now, then))
    return bool(now == then)


def test_there_is_a_result_of_a_released_version() -> None:
    assert RELEASED


def _load(**changes: Any) -> Inspection:
    raw = json.loads(RELEASED[-1].read_text())
    return Inspection.model_validate({**raw, **changes})


def test_a_result_of_a_newer_form_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="upgrade inspectiq"):
        _load(schema_version="2")


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="no such field"):
        _load(isues=[])


def test_a_remembered_photo_is_no_part_of_equality_json_or_pickle() -> None:
    plain, live = _load(), _load()
    before = live.model_dump_json()
    live.remember({"p1": object()})
    assert live == plain
    assert hash(live) == hash(plain)
    assert live.model_dump_json() == before
    assert not pickle.loads(pickle.dumps(live)).handles
    assert live.model_copy(update={"revision": 2}).handles


def _outcomes(*statuses: PhotoStatus) -> tuple[PhotoOutcome, ...]:
    return tuple(
        PhotoOutcome(
            photo=PhotoRef(id=f"p{i}", name="x"),
            status=status,
            duplicate_of="p0" if status == "duplicate" else None,
        )
        for i, status in enumerate(statuses)
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("assessed", "assessed"), "complete"),
        (("assessed", "duplicate"), "complete"),
        (("triaged", "triaged"), "partial"),
        (("triaged", "duplicate"), "partial"),
        (("assessed", "unclear"), "partial"),
        (("unclear",), "partial"),
        (("assessed", "failed"), "partial"),
        (("failed", "duplicate"), "failed"),
        (("failed",), "failed"),
        ((), "failed"),
    ],
)
def test_only_a_run_with_every_photo_assessed_is_complete(
    statuses: tuple[PhotoStatus, ...], expected: str
) -> None:
    assert decide_status(_outcomes(*statuses)) == expected


def test_an_incomplete_result_raises_and_the_error_carries_it() -> None:
    partial = _load(status="partial")
    with pytest.raises(IncompleteResult, match="partial") as caught:
        partial.raise_for_status()
    assert caught.value.result is partial
    assert pickle.loads(pickle.dumps(caught.value)).result == partial
    complete = _load(status="complete")
    assert complete.raise_for_status() is complete


def test_an_outcome_is_found_by_the_id_of_its_photo() -> None:
    inspection = _load()
    for outcome in inspection.photos:
        assert inspection[outcome.photo.id] is outcome
        assert outcome.photo.id in inspection
    for finding in inspection.issues:
        assert all(item.photo_id in inspection for item in finding.evidence)


@pytest.mark.parametrize("asked", ["p9", "", 0, -1, None, slice(0, 2), ("p1", "p2"), 1.5])
def test_a_photo_that_is_not_there_is_told_with_those_that_are(asked: Any) -> None:
    inspection = _load(photos=_outcomes("assessed", "failed"))
    assert asked not in inspection
    for base in (ConfigError, KeyError, LookupError, ValueError):
        with pytest.raises(base) as caught:
            inspection[asked]
        assert type(caught.value) is UnknownPhoto
    assert str(caught.value).startswith(
        f"the result has no photo {asked!r}; its photos are 'p0', 'p1'"
    )
    assert ("result.photos[0]" in str(caught.value)) == (not isinstance(asked, str))


def test_of_many_photos_an_error_names_some_and_of_none_it_says_so() -> None:
    with pytest.raises(UnknownPhoto, match=r"'p0', 'p0' and 180 more$"):
        _load(photos=_outcomes("assessed") * 200)["x"]
    with pytest.raises(UnknownPhoto, match="its photos are none"):
        _load(photos=(), issues=())["p1"]


def test_going_through_a_result_gives_its_fields_and_never_looks_photos_up() -> None:
    inspection = _load()
    assert [name for name, _ in inspection] == list(Inspection.model_fields)
    assert dict(inspection)["photos"] == inspection.photos
    assert 0 not in inspection
    for ask in (len, reversed):
        with pytest.raises(TypeError):
            ask(inspection)  # type: ignore[call-overload,arg-type]


def test_usage_adds_up_and_an_unknown_price_stays_unknown() -> None:
    total = Usage(requests=1, input_tokens=5) + Usage(requests=2, output_tokens=7, usd=None)
    assert (total.requests, total.input_tokens, total.output_tokens) == (3, 5, 7)
    assert total.usd is None
