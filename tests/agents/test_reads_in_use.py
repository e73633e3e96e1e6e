"""Results of several reads in use: kept, regraded, reviewed, carried on, changed by a subclass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inspectiq import (
    Case,
    ConfigError,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Issue,
    IssueObservation,
    VisionRequest,
)
from inspectiq.agents import SecondLook
from inspectiq.domain import Agreement, CaseFacts
from inspectiq.errors import ProviderUnavailable
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tests.agents.read_scripts import (
    ALONE,
    LEAK,
    MOLD,
    SAMPLED,
    Script,
    by_read,
    inspect,
    list_agreements,
    photos_of,
)

# -- records ---------------------------------------------------------------------------------------


def test_results_record_how_often_photos_were_read_and_come_through_json() -> None:
    inspection = inspect(by_read([make_issue(LEAK, 1)], []), 2)
    once = inspect(by_read([make_issue(LEAK, 1)]), 1)
    assert (inspection.provenance.reads, inspection.provenance.keep) == (2, "union")
    assert inspection.id != once.id
    assert once.issues[0].agreement is None
    assert once.photos[0].reads is None
    assert Inspection.model_validate_json(inspection.to_json()) == inspection


def test_a_checkpoint_of_other_reads_is_refused(tmp_path: Path) -> None:
    cases = [{"id": "c1", "photos": photos_of(1)}]
    path = tmp_path / "runs.jsonl"

    def run(**options: Any) -> tuple[list[Any], int]:
        engine = FunctionTransport(make_answer, profile=SAMPLED)
        agent = InspectionAgent(engine, **options)
        return list(agent.run_many(cases, checkpoint=path)), len(engine.requests)

    assert run(reads=3)[1] == 3
    (resumed,), asked = run(reads=3)
    assert (resumed.resumed, asked) == (True, 0)
    for other in ({"reads": 2}, {"reads": 3, "keep": "majority"}, {}):
        with pytest.raises(ConfigError, match="another reads"):
            run(**other)


def test_a_person_who_reviews_a_finding_does_not_change_its_agreement() -> None:
    inspection = inspect(by_read([make_issue(LEAK, 1)], []), 2)
    (issue,) = inspection.issues
    with pytest.raises(ConfigError, match="'agreement' cannot be edited"):
        issue.with_review(
            "edited", by="Ana", at=datetime.now(UTC), agreement=Agreement(seen=2, reads=2)
        )


# -- diagnoses -------------------------------------------------------------------------------------


def diagnose(script: Script, reads: int, words: str = "The sink is slow.", **given: Any) -> Any:
    agent = DiagnosisAgent(FunctionTransport(script, profile=SAMPLED), reads=reads)
    return agent.diagnose(given.get("photos", ()), words, id="c")


def test_a_diagnosis_of_several_reads_has_one_account_and_problems_with_agreement() -> None:
    def script(request: VisionRequest) -> str:
        problems = [make_problem("clog", cause="grease")] if request.read != 2 else []
        return make_answer(request, problems, overall={"account": f"read {request.read}"})

    diagnosis = diagnose(script, 3)
    (problem,) = diagnosis.findings
    assert problem.agreement == Agreement(seen=2, reads=3, temperature=0.7)
    assert diagnosis.account == "read 1"
    assert diagnosis.words.status == "assessed"


def test_a_problem_told_by_words_is_the_same_as_one_that_a_photo_shows() -> None:
    def script(request: VisionRequest) -> str:
        shown = [1] if request.read == 2 else []
        return make_answer(request, [make_problem("clog", *shown)])

    diagnosis = diagnose(script, 2, photos=photos_of(1))
    (problem,) = diagnosis.findings
    assert problem.agreement == Agreement(seen=2, reads=2, temperature=0.7)
    assert [item.photo_id for item in problem.evidence] == ["p1"]


def test_the_words_speak_by_a_read_that_did_not_fail() -> None:
    def script(request: VisionRequest) -> Any:
        if request.read == 1:
            return ProviderUnavailable("down", attempts=1)
        return make_answer(request, [make_problem("clog")], overall={"account": "second"})

    diagnosis = diagnose(script, 2)
    assert (diagnosis.account, diagnosis.status) == ("second", "complete")
    assert list_agreements(diagnosis) == [(1, 1, 1)]


def test_problems_that_revise_an_earlier_one_are_one_and_keep_its_id() -> None:
    def script(request: VisionRequest) -> str:
        if "earlier findings" not in request.text:
            asked = {"questions": ["Does it smell?"]}
            return make_answer(request, [make_problem("clog")], overall=asked)
        return make_answer(request, [make_problem("clog", revises=1, cause=f"c{request.read}")])

    engine = FunctionTransport(script, profile=SAMPLED)
    agent = DiagnosisAgent(engine, reads=2)
    first = agent.diagnose(description="The sink is slow.", id="c")
    after = agent.answer(first, {first.questions[0].id: "yes"})
    (problem,) = after.findings
    assert (problem.id, problem.cause) == (first.findings[0].id, "c1")
    assert problem.agreement == Agreement(seen=2, reads=2, temperature=0.7)


def test_a_later_round_tells_of_its_own_reads_and_keeps_those_of_what_it_says_nothing_of() -> None:
    def script(request: VisionRequest) -> str:
        if "earlier findings" not in request.text:
            found = [make_problem("clog"), make_problem(MOLD)] if request.read == 1 else []
            return make_answer(request, found, overall={"questions": ["Does it smell?"]})
        return make_answer(request, [make_problem("clog", revises=1)])

    agent = DiagnosisAgent(FunctionTransport(script, profile=SAMPLED), reads=3)
    first = agent.diagnose(description="The sink is slow.", id="c")
    assert list_agreements(first) == [(1, 3, 0), (1, 3, 0)]
    told = {one.type: one for one in first.findings}
    assert (ALONE in told["clog"].review, ALONE in told[MOLD].review) == (True, True)
    after = agent.answer(first, {first.questions[0].id: "yes"})
    told = {one.type: one for one in after.findings}
    assert told["clog"].agreement == Agreement(seen=3, reads=3, temperature=0.7)
    assert ALONE not in told["clog"].review
    assert told[MOLD].agreement == Agreement(seen=1, reads=3, temperature=0.7)
    assert ALONE in told[MOLD].review


def test_an_agent_that_reads_once_keeps_the_agreement_of_a_diagnosis_that_it_goes_on_from() -> None:
    def script(request: VisionRequest) -> str:
        asked = {"questions": ["Does it smell?"]}
        return make_answer(request, [make_problem("clog")] * (request.read == 1), overall=asked)

    engine = FunctionTransport(script, profile=SAMPLED)
    first = DiagnosisAgent(engine, reads=2).diagnose(description="The sink is slow.", id="c")
    after = DiagnosisAgent(engine).answer(first, {first.questions[0].id: "yes"})
    assert list_agreements(after) == [(1, 2, 0)]
    assert ALONE in after.findings[0].review


def test_what_a_majority_leaves_out_of_a_diagnosis_is_counted() -> None:
    def script(request: VisionRequest) -> str:
        return make_answer(request, [make_problem("clog")] * (request.read == 1))

    agent = DiagnosisAgent(FunctionTransport(script, profile=SAMPLED), reads=3, keep="majority")
    diagnosis = agent.diagnose(description="The sink is slow.", id="c")
    assert (diagnosis.findings, diagnosis.summary.left_out) == ((), 1)


# -- rules and people ------------------------------------------------------------------------------


def inspect_twice() -> Inspection:
    """A leak that two of three reads see, mold that a majority leaves out, a hole seen again."""

    def script(request: VisionRequest) -> str:
        if request.look == 2:
            return make_answer(request, [make_issue("wall_hole", 1)])
        if request.photo_ids == ("p2",):
            return make_answer(request)
        leak = [make_issue(LEAK, 1)] * (request.read != 3)
        return make_answer(request, [*leak, *[make_issue(MOLD, 1)] * (request.read == 3)])

    agent = InspectionAgent(
        FunctionTransport(script, profile=SAMPLED),
        reads=3,
        keep="majority",
        photos_per_request=1,
        second_look=SecondLook(),
    )
    return agent.inspect(photos_of(2), id="c")


def list_told(result: Inspection) -> dict[str, tuple[Any, str]]:
    return {issue.type: (issue.agreement, issue.look) for issue in result.issues}


TOLD = {LEAK: (Agreement(seen=2, reads=3, temperature=0.7), "first"), "wall_hole": (None, "second")}


def test_other_rules_change_nothing_of_what_reads_and_looks_told() -> None:
    before = inspect_twice()
    after = before.regrade(severity="nspire")
    assert after.parent == before.id
    assert list_told(before) == list_told(after) == TOLD
    assert (before.summary.left_out, after.summary.left_out) == (1, 1)
    assert after.photos == before.photos
    assert after.provenance.second_look == before.provenance.second_look
    assert Inspection.model_validate_json(after.to_json()) == after


@pytest.mark.parametrize("decision", ["accepted", "rejected"])
def test_a_decision_changes_nothing_of_what_reads_and_looks_told(decision: Any) -> None:
    before = inspect_twice()
    for issue in before.issues:
        after = before.with_review(issue.id, decision, by="Ana", at=datetime.now(UTC))
        assert list_told(after) == TOLD
        assert after.summary.left_out == 1


# -- subclasses ------------------------------------------------------------------------------------


class Sorted(InspectionAgent[IssueObservation]):
    """Drops mold, and keeps one finding of each type."""

    def refine(self, observation: IssueObservation, case: CaseFacts) -> Issue | None:
        if observation.issue_type == MOLD:
            return None
        return super().refine(observation, case)

    def merge(self, findings: Sequence[Issue], case: CaseFacts) -> Sequence[Issue]:
        assert all(one.agreement or one.look == "second" for one in findings)
        return list({finding.type: finding for finding in reversed(findings)}.values())


def test_a_subclass_merges_what_was_joined_and_what_it_drops_is_in_no_read() -> None:
    far = [make_issue(LEAK, 1, box=(600, 600, 900, 900)), make_issue(MOLD, 1)]
    near = make_issue(LEAK, 1, box=(0, 0, 300, 300))

    def script(request: VisionRequest) -> str:
        looked = [make_issue("wall_hole", 1), make_issue(MOLD, 1)]
        clean = request.photo_ids == ("p2",)
        said = looked if request.look == 2 else [] if clean else [near, *far]
        return make_answer(request, said)

    agent = Sorted(
        FunctionTransport(script, profile=SAMPLED),
        reads=3,
        photos_per_request=1,
        second_look=SecondLook(),
    )
    inspection = agent.inspect(photos_of(2), id="c")
    found = {issue.type: (issue.look, issue.agreement) for issue in inspection.issues}
    assert found == {
        LEAK: ("first", Agreement(seen=3, reads=3, temperature=0.7)),
        "wall_hole": ("second", None),
    }


class Near(InspectionAgent[IssueObservation]):
    """Takes boxes for one place that hardly overlap."""

    same_place = 0.05


def test_a_subclass_says_how_much_of_an_overlap_is_one_place() -> None:
    script = by_read(
        [make_issue(LEAK, 1, box=(0, 0, 400, 400))], [make_issue(LEAK, 1, box=(250, 0, 650, 400))]
    )
    assert list_agreements(inspect(script, 2)) == [(1, 2, 0), (1, 2, 0)]
    near = Near(FunctionTransport(script, profile=SAMPLED), reads=2)
    assert list_agreements(near.inspect(photos_of(1))) == [(2, 2, 0)]


# -- many cases ------------------------------------------------------------------------------------


def test_each_of_many_cases_has_its_own_reads_and_its_own_second_look() -> None:
    def script(request: VisionRequest) -> str:
        number = int(request.metadata["case_id"])
        if request.look == 2:
            return make_answer(request, [make_issue(MOLD, 1)])
        return make_answer(request, [make_issue(LEAK, 1)] * (request.read <= number % 4))

    agent = InspectionAgent(
        FunctionTransport(script, profile=SAMPLED), reads=3, second_look=SecondLook()
    )
    cases = [Case(id=str(number), photos=photos_of(1)) for number in range(12)]
    outcomes = list(agent.run_many(cases, ordered=True))
    for number, outcome in enumerate(outcomes):
        assert outcome.result is not None
        (issue,) = outcome.result.issues
        seen = number % 4
        assert issue.type == (LEAK if seen else MOLD)
        assert issue.agreement == (Agreement(seen=seen, reads=3, temperature=0.7) if seen else None)
        assert outcome.result.usage.requests == (3 if seen else 4)
