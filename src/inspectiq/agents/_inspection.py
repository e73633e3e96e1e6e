"""The inspection: photos in, issues out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Generic

from typing_extensions import TypeVar

from inspectiq import _sync
from inspectiq._text import to_one_line
from inspectiq._values import FrozenMap
from inspectiq.agents._agent import Agent
from inspectiq.agents._case import make_case
from inspectiq.agents._observations import IssueObservation
from inspectiq.agents._reasoning import ResultDraft
from inspectiq.domain._findings import (
    CodeMatter,
    Issue,
    Location,
    Quantity,
    Scope,
)
from inspectiq.domain._observed import Observed
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._results import Inspection, PhotoOutcome, Summary, count_levels, decide_status

__all__ = ["InspectionAgent"]

ObservationT = TypeVar("ObservationT", bound=IssueObservation, default=IssueObservation)


class InspectionAgent(Agent[ObservationT, Issue, Inspection], Generic[ObservationT]):
    """Inspects a property from photos.

        agent = InspectionAgent("openai:gpt-4.1")  # or "offline", without a key or a network
        inspection = agent.inspect("photos/")
        inspection.issues, inspection.status, inspection.to_markdown()

    To ask the engine for more, subclass `IssueObservation` and set `observation_model`; the new
    fields reach `issue.extra`. An agent may be used from many threads and loops at once; closing it
    closes the connections of an engine that it made itself, which open again at the next call.

    Args:
        engine: `"openai:MODEL"`, `"offline"`, a `Transport`, or several to fall back on.
        taxonomy, severity, cost_book: What an issue can be, how bad it is, what it costs.
        cost_mode: `book` for the cost book's prices, `model` for a marked guess of the engine's.
        emergency_screen: Looks for emergencies in the words before any engine is asked.
        prompt: The instructions.
        photos_per_request: Most photos in a request.
        limits, limiter, budgets: Bounds on rates, money, calls, requests in flight, and time.
        cache, cache_mode: Where answers are kept, and whether to pay for new ones.
        observers: Watch runs.
        sinks, sink_timeout: Take results; each has so many seconds for one.
        clock: Tells the time of `created_at`.

    Raises:
        ConfigError: No engine, an unknown one, a missing extra, or a part that cannot work.
    """

    observation_model: type[ObservationT] = IssueObservation  # type: ignore[assignment]
    prompt_name = "inspection-1"
    _shipped_observation = IssueObservation

    async def ainspect(self, photos: Any, /, **case: Any) -> Inspection:
        """Inspects photos.

        Args:
            photos: A `Case`; or a path, folder, glob, bytes, binary file, `Photo`, a mapping of
                rooms to any of these, or an iterable that mixes them.
            case: Fields of `Case` (`id`, `property`, `description`, `reported_at`, `tags`, …),
                and `room` for all the photos.

        Returns:
            The inspection, with one outcome for each photo.

        Raises:
            ConfigError: No photos, or a field that is unknown or wrong.
            TransportError, BudgetExceeded: The caller must mend something, and nothing at all was
                answered.
        """
        # Listing a folder may be slow, so it happens off the loop.
        return await self.arun(await asyncio.to_thread(make_case, photos, case))

    def inspect(self, photos: Any, /, **case: Any) -> Inspection:
        """Sync twin of `ainspect`; works in scripts, threads, notebooks and after fork."""
        return _sync.run(self.ainspect(photos, **case))

    def refine(self, observation: ObservationT, case: CaseFacts) -> Issue | None:
        """An issue from what was observed, completed from the taxonomy."""
        from inspectiq.costs._lives import (
            find_condition_basis,  # its tables are read when first needed
        )

        kind = self.taxonomy[observation.issue_type]
        extent = observation.extent
        return Issue(
            type=kind.key,
            group=kind.group,
            label=kind.label,
            observed=Observed(
                description=observation.description,
                facts=tuple(observation.facts),
                proposed_level=observation.severity,
                confidence=observation.confidence,
                extent=extent,
                condition=observation.condition,
                hours=observation.hours,
                materials=tuple(observation.materials),
            ),
            location=Location(
                area=observation.area,
                words=to_one_line(observation.location, 200) if observation.location else None,
            ),
            scope=Scope(
                action=observation.unusual_action or kind.action or None,
                trade=kind.trade,
                diy=kind.diy(extent),
                materials=tuple(observation.materials),
                hours=observation.hours,
                warnings=(kind.safety,) if kind.safety else (),
            ),
            quantity=None if extent is None else Quantity(amount=extent, unit=kind.unit),
            condition=observation.condition,
            condition_basis=find_condition_basis(kind.key, observation.condition),
            code_matter=None if kind.code == "none" else CodeMatter(category=kind.code),
        )

    def summarise(
        self, issues: Sequence[Issue], outcomes: Sequence[PhotoOutcome], case: CaseFacts
    ) -> Summary:
        """Counts, and one sentence that claims no more than was looked at."""
        by_status = Counter[str](outcome.status for outcome in outcomes)
        status_of = {outcome.photo.id: outcome.status for outcome in outcomes}
        stood_for = Counter[str](
            status_of.get(outcome.duplicate_of or outcome.photo.id, "failed")
            for outcome in outcomes
        )
        return Summary(
            headline=_headline(len(issues), stood_for),
            by_photo_status=FrozenMap(by_status),
            **count_levels(issues),
        )

    def assemble(self, reading: ResultDraft[Issue]) -> Inspection:
        outcomes: tuple[PhotoOutcome, ...] = reading.common["photos"]
        return Inspection(
            **reading.common,
            status=decide_status(outcomes),
            summary=self.summarise(reading.findings, outcomes, reading.case),
            issues=reading.findings,
        )


def _headline(issues: int, by_status: Counter[str]) -> str:
    """Says what was found, in how many photos, and how many were not assessed.

    Duplicates count as the photos that stand for them.
    """
    read = by_status["assessed"] + by_status["triaged"]
    unread = by_status["unclear"] + by_status["failed"]
    found = f"{issues} issue{'s' * (issues != 1)}" if issues else "No issues"
    if not read and not by_status["unclear"]:
        if issues:
            return f"Nothing was assessed; {found} from answers that could be used only in part."
        return "Nothing was assessed: no photo could be read by an engine."
    how = "assessed"
    if by_status["triaged"]:
        how = "assessed or triaged" if by_status["assessed"] else "triaged"
    sentence = f"{found} seen in {read} {how} photo{'s' * (read != 1)}"
    if unread:
        sentence += f"; {unread} more could not be assessed"
    if by_status["triaged"]:
        sentence += "; a triage does not look for most kinds of issue"
    return sentence + "."
