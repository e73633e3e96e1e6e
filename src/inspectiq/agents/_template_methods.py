"""The template methods of an agent: what a subclass may change, and how findings are valued."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from inspectiq._taking import require
from inspectiq._tracebacks import hide_locals
from inspectiq.agents._case import Case
from inspectiq.agents._completing import TRIAGE_ONLY
from inspectiq.agents._observations import WireObservation
from inspectiq.agents._prompts import Prompt
from inspectiq.agents._result_draft import ResultDraft
from inspectiq.agents._subclasses import call_template
from inspectiq.domain._findings import Finding, sort_worst_first, sum_costs
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._results import Result
from inspectiq.domain._severity import Severity
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.severity._policy import SeverityPolicy

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["CostMode", "TemplateMethods"]

CostMode = Literal["book", "model"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)


@hide_locals
class TemplateMethods(ABC, Generic[ObservationT, FindingT, ResultT]):
    """Small, pure methods that an agent calls and a subclass overrides; base of `Assessor`."""

    taxonomy: Taxonomy
    severity: SeverityPolicy
    cost_book: CostBook | None
    cost_mode: CostMode
    prompt: Prompt
    _asked_currency: str | None

    # In the order in which they are called.

    def write_instructions(self, case: CaseFacts) -> str:
        """Writes what the engine is told to do; the same for every request of a case."""
        groups = "; ".join(self.taxonomy.groups.values())
        lines = [
            self.prompt.text.strip(),
            f"Look at: {groups}.",
            f"Write free text in the language {case.language}.",
        ]
        if self._asked_currency:
            lines.insert(
                1,
                '"repair_cost": your guess of what hired work would cost, low and high, in '
                f"{self._asked_currency}; null if you cannot tell.",
            )
        return "\n".join(lines) + "\n"

    @abstractmethod
    def refine(self, observation: ObservationT, case: CaseFacts) -> FindingT | None:
        """Makes a finding from an observation; None drops it. Evidence and room are added later."""

    def merge(self, findings: Sequence[FindingT], case: CaseFacts) -> Sequence[FindingT]:
        """Merges findings that are one and the same defect; by default merges none."""
        return findings

    def grade(self, finding: FindingT, case: CaseFacts) -> Severity:
        """Grades how bad a finding is."""
        return self.severity.grade(finding, case)

    def estimate(self, finding: FindingT, case: CaseFacts) -> CostEstimate | None:
        """Estimates the cost of a finding's own work; None where it is unknown, as after a triage.

        What the agent's own cost book priced gets its share of visits and overhead afterwards;
        another estimate stays as it is.
        """
        require(finding, Finding, "finding", "give a finding of a result")
        if self.cost_book is None or TRIAGE_ONLY in finding.review:
            return None
        if self.cost_mode == "book":
            return self.cost_book.estimate(finding, case)
        stated = finding.observed.stated_cost
        if stated is None:
            return None
        return CostEstimate.stated_range(stated.low, stated.high, stated.currency, stated.engine)

    @abstractmethod
    def assemble(self, draft: ResultDraft[FindingT]) -> ResultT:
        """Assembles the result from its draft."""

    # How they are called.

    def _refine(self, observation: ObservationT, case: Case) -> FindingT | None:
        """Refines an observation; an agent that needs the whole case for it overrides this."""
        return call_template(self, self.refine, observation, case)

    def _join(self, by_reading: Sequence[Sequence[FindingT]]) -> Sequence[FindingT]:
        """Joins the findings of all readings of one read into one list."""
        return [finding for findings in by_reading for finding in findings]

    def _grade_all(self, case: Case, findings: Iterable[FindingT]) -> list[FindingT]:
        """Grades the findings that no person has reviewed, and sorts all of them worst first."""
        graded = list(findings)
        for place, finding in enumerate(graded):
            if not finding.reviews:
                severity = call_template(self, self.grade, finding, case.facts)
                graded[place] = finding.model_copy(update={"severity": severity})
        return sort_worst_first(graded, [photo.id or "" for photo in case.photos])

    def _price(
        self, findings: Sequence[FindingT], case: CaseFacts
    ) -> tuple[tuple[FindingT, ...], CostEstimate | None]:
        """Prices findings, each with its share of common costs, and sums them up."""
        own = tuple(
            finding.model_copy(update={"cost": call_template(self, self.estimate, finding, case)})
            for finding in findings
        )
        if self.cost_book is None:
            return own, sum_costs(own)
        from inspectiq.costs._cost_estimates import estimate_some_together

        label = self.cost_book.label
        ours = [finding.cost is not None and finding.cost.book == label for finding in own]
        shared = estimate_some_together(self.cost_book, own, case, ours)
        return shared, sum_costs(shared)
