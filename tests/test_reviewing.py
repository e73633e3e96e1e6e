"""What people decide about findings. The scripted findings are made up."""

from collections.abc import Callable
from datetime import UTC, datetime, timezone
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Photo,
    SeverityPolicy,
)
from inspectiq.domain import FrozenMap
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem

Photos = Callable[..., tuple[Photo, ...]]
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
POLICY = SeverityPolicy.default()


@pytest.fixture
def inspection(photos: Photos) -> Inspection:
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue("panel_fault", 1, severity="high"),
                make_issue("clog", 1, severity="medium", confidence=0.2),
            ],
        )
    )
    return InspectionAgent(engine).inspect(photos(1), id="case-1")


def _id(inspection: Inspection, kind: str) -> str:
    return next(found.id for found in inspection.issues if found.type == kind)


def _decide(inspection: Inspection, kind: str, decision: Any, **more: Any) -> Inspection:
    decided = {"by": "Ana", "at": NOON, **more}
    return inspection.with_review(_id(inspection, kind), decision, **decided)


def test_an_accepted_doubt_gets_the_level_that_it_would_have_had(inspection: Inspection) -> None:
    before = next(found for found in inspection.issues if found.type == "clog")
    assert before.severity.is_review
    done = _decide(inspection, "clog", "accepted", because="seen on site", severity_policy=POLICY)
    after = next(found for found in done.issues if found.type == "clog")
    assert after.severity.level == "medium"
    assert after.severity.review == ""
    assert after.is_confirmed
    assert (after.reviews[0].by, after.reviews[0].at, after.reviews[0].because) == (
        "Ana",
        NOON,
        "seen on site",
    )
    assert done.summary.by_level == {"high": 1, "medium": 1}
    assert done.parent == inspection.id
    assert done.id != inspection.id


def test_a_rejected_finding_stays_is_last_and_counts_no_more(inspection: Inspection) -> None:
    done = _decide(inspection, "panel_fault", "rejected", because="a closed panel")
    assert done.issues[-1].type == "panel_fault"
    assert done.issues[-1].is_rejected
    assert done.summary.rejected == 1
    assert done.summary.worst is None
    assert done.cost is not None
    assert inspection.cost is not None
    assert done.cost.expected < inspection.cost.expected
    report = done.to_markdown()
    assert "Rejected by Ana, 2026-01-15 12:00 UTC: a closed panel" in report
    assert "Rejected by a person: 1" in report
    assert "): electrical" in inspection.to_markdown()
    assert "): electrical" not in report


def test_an_edit_keeps_what_was_there_before(inspection: Inspection) -> None:
    level = POLICY.make_severity("critical", because="live parts within reach")
    done = _decide(inspection, "panel_fault", "edited", label="Open panel", severity=level)
    found = done.issues[0]
    assert (found.label, found.severity.level) == ("Open panel", "critical")
    assert found.reviews[0].changed == ("label", "severity")
    assert found.original == next(one for one in inspection.issues if one.type == "panel_fault")
    assert found.observed == found.original.observed
    again = done.with_review(found.id, "rejected", by="Ben", at=NOON)
    assert [review.by for review in again.issues[-1].reviews] == ["Ana", "Ben"]
    assert again.issues[-1].original == found.original
    assert Inspection.model_validate_json(again.to_json()) == again


def test_what_a_person_set_stays_when_other_rules_are_applied(inspection: Inspection) -> None:
    level = POLICY.make_severity("critical", because="live parts within reach")
    done = _decide(inspection, "panel_fault", "edited", severity=level)
    done = _decide(done, "clog", "rejected")
    other = done.regrade(
        severity=SeverityPolicy.of("asap"),
        cost_book=CostBook.default().model_copy(update={"version": "2"}),
    )
    levels = {found.type: found.severity.level for found in other.issues}
    assert levels["panel_fault"] == "critical"
    assert other.summary.rejected == 1
    assert [found.cost for found in other.issues if found.is_rejected] == [
        found.cost for found in done.issues if found.is_rejected
    ]


@pytest.mark.parametrize(
    ("decision", "changes", "wrong"),
    [
        ("edited", {}, "edited with no changes"),
        ("accepted", {"label": "x"}, "accepted with label"),
        ("edited", {"observed": None}, "'observed' cannot be edited"),
        ("edited", {"evidence": ()}, "'evidence' cannot be edited"),
        ("edited", {"id": "x"}, "'id' cannot be edited"),
        ("edited", {"colour": "x"}, "'colour' cannot be edited"),
    ],
)
def test_a_decision_that_cannot_be_says_why(
    inspection: Inspection, decision: Any, changes: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ConfigError, match=wrong):
        _decide(inspection, "clog", decision, **changes)


def test_a_finding_that_does_not_exist_is_a_config_error(inspection: Inspection) -> None:
    with pytest.raises(ConfigError, match="no finding 'f-0'"):
        inspection.with_review("f-0", "accepted", by="Ana", at=NOON)


@pytest.mark.parametrize(
    "wrong",
    [{"by": ""}, {"at": datetime(2026, 1, 1)}, {"decision": "maybe"}, {"label": 7}],
)
def test_who_when_and_what_are_checked(inspection: Inspection, wrong: dict[str, Any]) -> None:
    decision = wrong.pop("decision", "edited" if "label" in wrong else "accepted")
    with pytest.raises(ConfigError):
        _decide(inspection, "clog", decision, **wrong)


def test_a_problem_of_a_diagnosis_is_reviewed_in_the_same_way() -> None:
    engine = FunctionTransport(
        lambda request: make_answer(
            request, [make_problem("clog", severity="high"), make_problem("damp")]
        )
    )
    diagnosis = DiagnosisAgent(engine).diagnose(description="The drain is blocked.")
    assert diagnosis.urgency is not None
    assert diagnosis.urgency.level == "high"
    clog = next(found for found in diagnosis.findings if found.type == "clog")
    done = diagnosis.with_review(clog.id, "rejected", by="Ana", at=NOON)
    assert done.urgency is not None
    assert done.urgency.level == "medium"
    assert done.findings[-1].is_rejected


def test_an_emergency_stays_one_whatever_is_rejected() -> None:
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_problem("clog", severity="low")])
    )
    diagnosis = DiagnosisAgent(engine).diagnose(description="I smell gas, and a slow drain.")
    done = diagnosis.with_review(diagnosis.findings[0].id, "rejected", by="Ana", at=NOON)
    assert done.urgency == diagnosis.urgency
    assert done.emergencies == diagnosis.emergencies


def test_what_was_decided_is_hashable_and_the_same_decision_gives_the_same_result(
    inspection: Inspection,
) -> None:
    one, other = (_decide(inspection, "clog", "accepted") for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert isinstance(one.issues[0].extra, FrozenMap)
    shifted = NOON.astimezone(timezone.utc)  # noqa: UP017 - the same moment
    assert _decide(inspection, "clog", "accepted", at=shifted) == one
