"""Results and webhooks that a newer version wrote are read, and what it added is kept."""

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from inspectiq import (
    ConfigError,
    CostBook,
    Diagnosis,
    Inspection,
    SeverityPolicy,
    regrade_all,
    write_report,
)
from inspectiq.domain import CaseFacts, FrozenMap, Location, Result, Usage
from inspectiq.webhooks import WebhookPayload
from inspectiq.webhooks._payload_forms import BodyForm
from inspectiq.webhooks._payloads import build_payload, list_event_types
from tests.webhooks.results import an_emergency, an_inspection

STORED = sorted((Path(__file__).parent.parent / "data" / "results").glob("*.json"))
FREE = {"tags", "by_level", "by_photo_status", "groups", "mended", "extra", "before"}
INVENTED = {"plain": "a field of a later version", "deep": [1, {"half": 0.5}, None]}
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)

each_stored = pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)


def _invent(value: Any) -> Any:
    """The JSON with an invented field in each of its objects, but in maps, whose keys are free."""
    if isinstance(value, list):
        return [_invent(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {name: item if name in FREE else _invent(item) for name, item in value.items()}
    return {**fields, "invented": INVENTED}


def _read(text: str) -> Inspection | Diagnosis:
    form = Inspection if json.loads(text)["kind"] == "inspection" else Diagnosis
    return form.model_validate_json(text)


def _newer(path: Path, version: str = "1.1") -> str:
    return json.dumps({**_invent(json.loads(path.read_text())), "schema_version": version})


def _list_invented(value: Any, *place: str | int) -> Iterator[tuple[str | int, ...]]:
    """The places of all invented fields."""
    if isinstance(value, dict):
        if "invented" in value:
            yield place
        for name, item in value.items():
            yield from _list_invented(item, *place, name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _list_invented(item, *place, number)


def _list_values(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for item in vars(value).values():
            yield from _list_values(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _list_values(item)


@each_stored
def test_every_object_of_a_stored_result_may_have_fields_of_a_newer_minor_version(
    path: Path,
) -> None:
    text = _newer(path)
    result = _read(text)
    assert all(value.model_extra for value in _list_values(result))
    written = json.loads(result.to_json())
    assert [*_list_invented(written)]
    assert sorted(map(str, _list_invented(written))) == sorted(
        map(str, _list_invented(json.loads(text)))
    )
    assert written["schema_version"] == "1.1"
    assert written["invented"] == INVENTED
    assert json.loads(_read(result.to_json()).to_json()) == written


@each_stored
def test_what_a_newer_version_added_is_ignored_otherwise(path: Path) -> None:
    plain, newer = _read(path.read_text()), _read(_newer(path))
    assert newer.to_markdown() == plain.to_markdown()
    assert newer.found[0].label == plain.found[0].label
    assert newer != plain
    assert {type(value) for value in _list_values(newer)} == {
        type(value) for value in _list_values(plain)
    }


@each_stored
def test_such_a_result_is_the_same_after_json_pickle_and_copies(path: Path) -> None:
    result = _read(_newer(path))
    for twin in (
        _read(result.to_json()),
        _read(result.model_dump_json()),
        type(result).model_validate(result.model_dump(mode="json")),
        pickle.loads(pickle.dumps(result)),
        copy.deepcopy(result),
        result.model_copy(),
    ):
        assert twin == result
        assert hash(twin) == hash(result)
        assert twin.to_json() == result.to_json()


@each_stored
def test_such_a_result_can_be_regraded_reviewed_and_written(path: Path, tmp_path: Path) -> None:
    result = _read(_newer(path))
    other: Result = result.regrade(severity=SeverityPolicy.of("asap"), cost_book=CostBook.default())
    assert other.parent == result.id
    for changed in (other, _accept(other)):
        written = json.loads(changed.to_json())
        assert written["invented"] == written["photos"][0]["photo"]["invented"] == INVENTED
        for finding in written.get("issues", written.get("findings")):
            assert finding["invented"] == finding["observed"]["invented"] == INVENTED
        assert _read(changed.to_json()) == changed
    report, data, *_ = write_report(other, tmp_path)
    assert report.read_text(encoding="utf-8") == other.to_markdown()
    assert _read(data.read_text(encoding="utf-8")) == other
    write_report(other, tmp_path)


def _accept(result: Result) -> Result:
    return result.with_review(result.found[0].id, "accepted", by="Ana Ruiz", at=NOW)


def test_results_in_bulk_are_read_and_regraded() -> None:
    texts = [_newer(path) for path in STORED if "diagnosis" not in path.name]
    regraded = [*regrade_all(texts, severity=SeverityPolicy.of("asap"))]
    assert len(regraded) == len(texts) > 1
    assert all(json.loads(result.to_json())["invented"] for result in regraded)


@each_stored
def test_what_a_finding_was_before_its_review_keeps_its_newer_fields(path: Path) -> None:
    result = _accept(_read(_newer(path)))
    (accepted,) = [
        finding
        for finding in result.found
        if finding.reviews[-1:]
        and (finding.reviews[-1].by, finding.reviews[-1].at) == ("Ana Ruiz", NOW)
    ]
    assert accepted.model_extra == {"invented": FrozenMap(INVENTED)}
    assert accepted.original.observed.model_extra == accepted.observed.model_extra


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.12"])
def test_a_dict_of_a_minor_version_is_read_as_json_is(version: str) -> None:
    plain = json.loads(STORED[-1].read_text())
    assert Inspection.model_validate({**plain, "schema_version": version}).schema_version == version
    newer = json.loads(_newer(STORED[-1], "1.1"))
    assert Inspection.model_validate(newer) == Inspection.model_validate_json(json.dumps(newer))


def test_a_list_of_results_is_read_as_each_of_them_is() -> None:
    text = _newer(STORED[-1])
    (result,) = TypeAdapter(list[Inspection]).validate_json(f"[{text}]")
    assert result == Inspection.model_validate_json(text)


def _load_json(fields: dict[str, Any]) -> Inspection:
    return Inspection.model_validate_json(json.dumps(fields))


@pytest.mark.parametrize("load", [_load_json, Inspection.model_validate])
@pytest.mark.parametrize(
    ("version", "mend"),
    [
        ("2", "version 2, and this inspectiq reads 1 and 1.x; upgrade inspectiq"),
        ("2.3", "version 2.3, and this inspectiq reads 1 and 1.x; upgrade inspectiq"),
        ("0", "the inspectiq that wrote it"),
        ("one", "'one' is no schema version"),
        ("1.", "'1.' is no schema version"),
    ],
)
def test_another_major_version_is_an_error_of_ours_that_says_how_to_mend_it(
    load: Callable[[dict[str, Any]], Inspection], version: str, mend: str
) -> None:
    newer = json.loads(_newer(STORED[-1], version))
    with pytest.raises(ConfigError, match=mend):
        load(newer)
    with pytest.raises(ConfigError, match=mend):
        [*regrade_all([json.dumps(newer)])]


def test_what_is_wrong_besides_is_told_as_before() -> None:
    newer = json.loads(_newer(STORED[-1]))
    newer["issues"][0]["condition"] = "odd"
    with pytest.raises(ConfigError, match=r"^Inspection: issues\.0\.condition: input should be"):
        _load_json(newer)


@pytest.mark.parametrize(
    "make",
    [
        lambda: CaseFacts(idd="a"),  # type: ignore[call-arg]
        lambda: Location(rooom="kitchen"),  # type: ignore[call-arg]
        lambda: Usage.model_validate({"request": 1}),
        lambda: Inspection.model_validate({**json.loads(STORED[-1].read_text()), "isues": []}),
        lambda: Inspection(**json.loads(STORED[-1].read_text()), isues=[]),  # type: ignore[call-arg]
    ],
)
def test_a_slip_in_code_is_still_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError, match="there is no such field"):
        make()


class _HostResult(Inspection):
    scored: Location | Usage = Location()


def test_fields_in_a_union_of_forms_are_not_guessed_at() -> None:
    fields = {**json.loads(STORED[-1].read_text()), "scored": {"room": "a", "invented": 1}}
    with pytest.raises(ConfigError, match="there is no such field"):
        _HostResult.model_validate_json(json.dumps(fields))


def _bodies(form: BodyForm) -> Iterator[dict[str, Any]]:
    for result in (an_inspection(), an_emergency()):
        for type in list_event_types(result):
            yield json.loads(build_payload(result, type, form, None, NOW))


@pytest.mark.parametrize("form", ["thin", "full"])
def test_a_receiver_reads_a_webhook_of_a_newer_minor_version(form: BodyForm) -> None:
    for body in _bodies(form):
        newer = _invent(body)
        plain = WebhookPayload.model_validate_json(json.dumps(body))
        for version in ("1", "1.1"):
            newer["data"]["schema_version"] = version
            payload = WebhookPayload.model_validate_json(json.dumps(newer))
            assert payload == WebhookPayload.model_validate(newer)
            assert type(payload.root.data) is type(plain.root.data)
            assert json.loads(payload.model_dump_json()) == newer


def test_a_webhook_of_a_newer_major_version_is_an_error_of_ours() -> None:
    for body in _bodies("full"):
        body["data"]["schema_version"] = "2"
        for load in (
            WebhookPayload.model_validate,
            lambda body: WebhookPayload.model_validate_json(json.dumps(body)),
        ):
            with pytest.raises(ConfigError, match="upgrade inspectiq"):
                load(body)


def test_a_full_webhook_with_a_fault_is_not_read_as_a_thin_one() -> None:
    body = next(_bodies("full"))
    body["data"]["issues"][0]["condition"] = "odd"
    with pytest.raises(ConfigError, match="something else in it is wrong"):
        WebhookPayload.model_validate(body)
