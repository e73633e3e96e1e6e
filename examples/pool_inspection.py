"""Inspects a pool: types, fields, a grading and a line of instructions that inspectiq lacks.

The engine is scripted, so that the example runs anywhere: it says nothing about real photos. With a
real one, only the line in `main` that makes the agent changes.

    python examples/pool_inspection.py photos/ out/
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from inspectiq import (
    InspectionAgent,
    Issue,
    IssueObservation,
    IssueType,
    Severity,
    Taxonomy,
    VisionRequest,
    write_report,
)
from inspectiq.domain import CaseFacts
from inspectiq.testing import FunctionTransport, make_answer, make_issue

Water = Literal["clear", "cloudy", "green"]

POOL = Taxonomy.default().with_types(
    IssueType(
        key="pool_water",
        group="pool",
        label="Pool water that is not clear",
        trade="pool_service",
        action="Test the water, treat it, and test it again.",
        safety="Keep everybody out of the water until it is clear to the bottom.",
        symptoms=("pool is green", "pool water is cloudy"),
        usual_level="medium",
    ),
    IssueType(
        key="pool_fence",
        group="pool",
        label="Gap in the fence around a pool",
        trade="fence_erector",
        unit="lin_ft",
        code="safety",
        action="Close the gap.",
        usual_level="high",
    ),
    groups={"pool": "Pool"},
)


class PoolObservation(IssueObservation):
    """What the engine fills in for each finding. No defaults: null where it cannot tell."""

    water: Water | None
    bottom_visible: bool | None


class PoolExtra(BaseModel):
    """The same fields, as they come back in `issue.extra`."""

    water: Water | None
    bottom_visible: bool | None


class PoolAgent(InspectionAgent[PoolObservation]):
    def write_instructions(self, case: CaseFacts) -> str:
        more = '"water", "bottom_visible": of a pool, as the photo shows it; else null.'
        return f"{super().write_instructions(case)}{more}\n"

    def refine(self, observation: PoolObservation, case: CaseFacts) -> Issue | None:
        if observation.issue_type == "pool_water" and observation.water == "clear":
            return None  # nothing to report
        return super().refine(observation, case)

    def merge(self, findings: Sequence[Issue], case: CaseFacts) -> Sequence[Issue]:
        """A pool has one water: the worst that was seen, with all photos that show it."""
        order: list[Water | None] = [None, "cloudy", "green"]
        water = [finding for finding in findings if finding.type == "pool_water"]
        if len(water) < 2:
            return findings
        worst = max(water, key=lambda finding: order.index(finding.read_extra(PoolExtra).water))
        evidence = tuple(item for finding in water for item in finding.evidence)
        others = [finding for finding in findings if finding.type != "pool_water"]
        return [worst.model_copy(update={"evidence": evidence}), *others]

    def grade(self, finding: Issue, case: CaseFacts) -> Severity:
        decided = super().grade(finding, case)
        seen = finding.read_extra(PoolExtra)
        if seen.water == "green" or seen.bottom_visible is False:
            hidden = self.severity.make_severity(
                "critical",
                because="nobody can see a person at the bottom",
                proposed=finding.observed.proposed_level,
                case=case,
            )
            return max(decided, hidden, key=lambda severity: severity.order)
        return decided


def scripted() -> FunctionTransport:
    """Plays an engine: green water and a gap in the first request, cloudy water in the second."""
    answers = iter(
        [
            [
                make_issue("pool_water", 1, water="green", bottom_visible=False, severity="low"),
                make_issue("pool_fence", 1, extent=3, severity="high"),
            ],
            [make_issue("pool_water", 1, water="cloudy", severity="low")],
        ]
    )

    def answer(request: VisionRequest) -> str:
        return make_answer(request, next(answers, []))

    return FunctionTransport(answer)


def main(photos: Path, out: Path) -> None:
    with PoolAgent(scripted(), taxonomy=POOL) as agent:
        inspection = agent.inspect(photos)
    for finding in inspection.issues:
        severity = finding.severity
        print(f"{finding.label}: {severity.label}, because {severity.rule}")
        print(f"  water: {finding.read_extra(PoolExtra).water}, photos: {len(finding.evidence)}")
    for path in write_report(inspection, out):
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
