"""Regrading: the same observations under other rules."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inspectiq import (
    ConfigError,
    CostBook,
    CostEstimate,
    Inspection,
    InspectionAgent,
    Issue,
    Photo,
    Property,
    SeverityPolicy,
    WebhookNotifier,
    regrade_all,
)
from inspectiq.domain import CaseFacts
from inspectiq.testing import FunctionTransport, block_network, make_answer, make_issue
from inspectiq.webhooks import MemoryOutbox

Photos = Callable[..., tuple[Photo, ...]]


@pytest.fixture
def inspection(photos: Photos) -> Inspection:
    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue(
                    "mold_suspect", 1, severity="low", extent=20, description="scripted mold"
                ),
                make_issue("wall_hole", 1, severity="high", extent=1),
                make_issue("exposed_wiring", 2, severity="medium", facts=["exposed_conductor"]),
            ],
        )
    )
    return InspectionAgent(engine).inspect(
        photos(2),
        id="case-1",
        property=Property(country="US", state="CA", time_zone="America/Los_Angeles"),
        reported_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    )


def test_results_have_levels_deadlines_and_a_cost_that_adds_up(inspection: Inspection) -> None:
    assert all(found.severity.level and found.severity.deadlines for found in inspection.issues)
    assert inspection.cost is not None
    parts = [found.cost for found in inspection.issues if found.cost]
    assert len(parts) == 3
    assert inspection.cost.expected == sum(part.expected for part in parts)
    assert inspection.provenance.cost_book_sha256 == CostBook.default().sha256


def test_the_same_rules_change_nothing(inspection: Inspection) -> None:
    same = inspection.regrade(severity=SeverityPolicy.default(), cost_book=CostBook.default())
    assert same is inspection
    stored = Inspection.model_validate_json(inspection.to_json())
    assert stored.regrade(severity=SeverityPolicy.default()) == inspection


def test_other_rules_make_another_result_that_names_its_parent(inspection: Inspection) -> None:
    other = inspection.regrade(severity=SeverityPolicy.of("nspire"))
    assert other.parent == inspection.id
    assert other.id != inspection.id
    assert other.provenance.severity.startswith("nspire")
    assert other.summary.by_level != inspection.summary.by_level
    assert [found.observed for found in other.issues] != []
    assert {found.id for found in other.issues} == {found.id for found in inspection.issues}
    assert other.cost == inspection.cost
    assert other.usage == inspection.usage
    assert inspection.regrade(severity=SeverityPolicy.of("nspire")) == other


def test_each_change_of_a_result_is_one_revision_more_wherever_it_is_told(
    inspection: Inspection,
) -> None:
    nspire, asap = SeverityPolicy.of("nspire"), SeverityPolicy.of("asap")
    decided: dict[str, Any] = {"by": "Ana", "at": datetime(2026, 11, 25, 9, tzinfo=UTC)}
    chain = [inspection]
    chain.append(chain[-1].regrade(severity=nspire))
    chain.append(chain[-1].with_review(inspection.issues[0].id, "accepted", **decided))
    chain.append(chain[-1].with_review(inspection.issues[1].id, "rejected", **decided))
    (last,) = regrade_all([chain[-1].to_json()], severity=asap)
    chain.append(last)
    assert [one.revision for one in chain] == [1, 2, 3, 4, 5]
    assert [one.parent for one in chain] == [None, *(one.id for one in chain[:-1])]
    assert len({one.id for one in chain}) == 5
    assert last.regrade(severity=asap).revision == 5  # nothing changed
    notifier = WebhookNotifier("https://crm.example/hooks", outbox=MemoryOutbox())
    for number, one in enumerate(chain, start=1):
        assert json.loads(one.to_json())["revision"] == number
        (message,) = notifier.messages(one)
        told = json.loads(message.body)["data"]
        assert (told["revision"], told["parent"], told["id"]) == (number, one.parent, one.id)


def test_a_revision_that_the_host_gave_is_counted_on_from(photos: Photos) -> None:
    engine = FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))
    first, again = (
        InspectionAgent(engine).inspect(photos(1), id="c", revision=number) for number in (1, 7)
    )
    assert (again.revision, again.parent, again.id == first.id) == (7, None, False)
    assert again.regrade(severity=SeverityPolicy.of("asap")).revision == 8


def test_stored_results_pass_without_a_network(inspection: Inspection) -> None:
    stored = [inspection.to_json()] * 20
    policy = SeverityPolicy.of("asap")
    with block_network():
        graded = list(regrade_all(stored, severity=policy, cost_book=CostBook.default()))
    assert {one.parent for one in graded} == {inspection.id}


def test_a_hosts_own_estimate_stands_and_what_had_no_price_gets_one(photos: Photos) -> None:
    own = CostEstimate.stated_range("10", "20", "USD", "our surveyor")

    class Ours(InspectionAgent):
        def estimate(self, finding: Issue, case: CaseFacts) -> CostEstimate | None:
            return own if finding.type == "clog" else None

    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("clog", 1), make_issue("wall_hole", 1)])
    )
    inspection = Ours(engine).inspect(photos(1))
    assert inspection.regrade(cost_book=CostBook.default()) is inspection
    other = CostBook.default().model_copy(update={"version": "2"})
    costs = {found.type: found.cost for found in inspection.regrade(cost_book=other).issues}
    assert costs["clog"] == own
    assert costs["wall_hole"] is not None


def test_what_only_a_triage_saw_gets_no_price(triage: Inspection) -> None:
    assert triage.issues
    priced = triage.regrade(cost_book=CostBook.default().model_copy(update={"version": "2"}))
    assert all(found.cost is None for found in priced.issues)


def test_a_policy_that_does_not_apply_on_the_day_is_refused(inspection: Inspection) -> None:
    with pytest.raises(ConfigError):
        inspection.regrade(severity=SeverityPolicy.of("awaab"), as_of=date(2020, 1, 1))
