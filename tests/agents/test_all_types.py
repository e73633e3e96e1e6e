"""Every type, from the question to the report. What the scripted engine answers is made up."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inspectiq import (
    Inspection,
    InspectionAgent,
    IssueType,
    Photo,
    Severity,
    Taxonomy,
    VisionRequest,
)
from inspectiq.reports._escape import escape_markdown as escaped
from inspectiq.reports._language import ENGLISH
from inspectiq.testing import FunctionTransport, ScriptedTransport, make_answer, make_issue
from tests.conftest import render_jpeg

Photos = Callable[..., tuple[Photo, ...]]
Asked = tuple[VisionRequest, Inspection]
TAXONOMY = Taxonomy.default()
LEVELS = ("low", "medium", "high", "critical")
FACTS = tuple(TAXONOMY.facts)

POOL = """
[groups.pool]
label = "Pool and spa"
trade = "pool_service"
types.pool_water = { label = "Cloudy pool water", unit = "sq_ft", diy_veto = true }
"""


def _all_types_at_once(request: VisionRequest) -> str:
    return make_answer(
        request,
        [
            make_issue(
                kind.key,
                1 + number % 3,
                severity=LEVELS[number % 4],
                extent=float(number % 20),
                condition=kind.condition,
                facts=[FACTS[number % len(FACTS)]],
                description=f"scripted finding {number}",
            )
            for number, kind in enumerate(TAXONOMY.types)
        ],
    )


@pytest.fixture(scope="module")
def asked_and_answered() -> Asked:
    engine = ScriptedTransport([_all_types_at_once])
    inspection = InspectionAgent(engine).inspect(list(map(render_jpeg, (1, 2, 3))))
    engine.assert_consumed()
    return engine.requests[0], inspection


def _types_of(request: VisionRequest) -> list[str]:
    finding = request.schema.to_dict()["$defs"]["finding"]
    types: list[str] = finding["properties"]["issue_type"]["enum"]
    return types


def test_every_type_can_be_answered_and_every_group_is_asked_for(asked_and_answered: Asked) -> None:
    request, _ = asked_and_answered
    assert _types_of(request) == [kind.key for kind in TAXONOMY.types]
    for label in TAXONOMY.groups.values():
        assert label in request.instructions


def test_what_only_completes_a_finding_is_not_paid_for(asked_and_answered: Asked) -> None:
    request, _ = asked_and_answered
    sent = "\n".join((request.instructions, request.text, json.dumps(request.schema.to_dict())))
    for kind in TAXONOMY.types:
        assert kind.action not in sent
        assert not kind.safety or kind.safety not in sent
        assert not [words for words in kind.symptoms if " " in words and f'"{words}"' in sent]
    assert not [alias for alias in TAXONOMY.aliases if f'"{alias}"' in sent]


@pytest.mark.parametrize("kind", TAXONOMY.types, ids=lambda kind: kind.key)
def test_a_type_comes_through_with_what_the_taxonomy_knows_of_it(
    asked_and_answered: Asked, kind: IssueType
) -> None:
    _, inspection = asked_and_answered
    (found,) = [found for found in inspection.issues if found.type == kind.key]
    assert (found.group, found.label) == (kind.group, kind.label)
    assert found.scope.trade == kind.trade
    assert found.quantity is not None
    assert found.quantity.unit == kind.unit
    assert found.condition == kind.condition
    assert found.condition_basis is not None
    assert found.condition_basis.condition == kind.condition
    assert (found.cost is None) is (kind.trade == "open")
    assert (found.code_matter.category if found.code_matter else "none") == kind.code
    if kind.diy_veto:
        assert found.scope.diy is False
    assert found.evidence
    assert found.severity.level or found.severity.is_review


def test_every_type_stands_in_the_report_and_survives_json(asked_and_answered: Asked) -> None:
    _, inspection = asked_and_answered
    report = inspection.to_markdown()
    assert len(inspection.issues) == len(TAXONOMY.types)
    for kind in TAXONOMY.types:
        assert escaped(ENGLISH.translate(kind.label)) in report
    assert Inspection.model_validate_json(inspection.to_json()) == inspection


def test_a_group_from_a_file_reaches_schema_prompt_and_report(
    photos: Photos, tmp_path: Path
) -> None:
    (tmp_path / "taxonomy.toml").write_text(POOL, encoding="utf-8")
    taxonomy = Taxonomy.from_file(tmp_path / "taxonomy.toml")
    engine = FunctionTransport(lambda request: make_answer(request, [make_issue("pool_water", 1)]))
    inspection = InspectionAgent(engine, taxonomy=taxonomy).inspect(photos(1))
    assert _types_of(engine.requests[0])[-1] == "pool_water"
    assert "Pool and spa" in engine.requests[0].instructions
    assert inspection.issues[0].scope.diy is False
    assert "Cloudy pool water" in inspection.to_markdown()
    assert inspection.provenance.groups["pool"] == "Pool and spa"
    assert inspection.provenance.taxonomy_sha256 == taxonomy.sha256


def test_a_type_that_was_taken_away_can_no_longer_be_answered(photos: Photos) -> None:
    taxonomy = TAXONOMY.without_types("graffiti", "other")
    engine = FunctionTransport(lambda request: make_answer(request))
    InspectionAgent(engine, taxonomy=taxonomy).inspect(photos(1))
    assert not {"graffiti", "other"} & set(_types_of(engine.requests[0]))
    assert TAXONOMY.groups["other"] not in engine.requests[0].instructions


def test_a_type_that_is_no_longer_there_makes_the_answer_wrong_and_is_not_reported(
    photos: Photos,
) -> None:
    taxonomy = TAXONOMY.without_types("graffiti")
    engine = FunctionTransport(lambda request: make_answer(request, [make_issue("graffiti", 1)]))
    inspection = InspectionAgent(engine, taxonomy=taxonomy).inspect(photos(1))
    assert not inspection.issues
    assert inspection.photos[0].status == "failed"


def test_grading_is_asked_of_every_finding(photos: Photos) -> None:
    class Strict(InspectionAgent):
        def grade(self, finding: object, case: object) -> Severity:
            return self.severity.make_severity("high", because="strict")

    inspection = Strict(FunctionTransport(_all_types_at_once)).inspect(photos(3))
    assert {found.severity.level for found in inspection.issues} == {"high"}


@pytest.mark.parametrize("kind", TAXONOMY.types, ids=lambda kind: kind.key)
def test_the_usual_action_safety_and_veto_reach_the_scope(
    asked_and_answered: Asked, kind: IssueType
) -> None:
    _, inspection = asked_and_answered
    (found,) = [found for found in inspection.issues if found.type == kind.key]
    assert found.scope.action == kind.action
    assert found.scope.warnings == ((kind.safety,) if kind.safety else ())
    assert found.scope.diy is kind.decide_diy(found.observed.extent)
