"""The inspection agent: photos in, issues out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Unpack

from typing_extensions import TypeVar

from inspectiq import _sync
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FrozenMap
from inspectiq.agents._agent import Agent
from inspectiq.agents._case import amake_case
from inspectiq.agents._case_fields import CaseFields, show_case_fields
from inspectiq.agents._observations import IssueObservation
from inspectiq.agents._refining import refine_observation
from inspectiq.agents._result_draft import ResultDraft
from inspectiq.agents._subclasses import call_template
from inspectiq.domain._findings import Issue
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._results import Inspection, PhotoOutcome, decide_status
from inspectiq.domain._summary import Summary, count_levels
from inspectiq.events import Observer
from inspectiq.limits._limits import Limits

__all__ = ["InspectionAgent"]

ObservationT = TypeVar("ObservationT", bound=IssueObservation, default=IssueObservation)


@hide_locals
class InspectionAgent(Agent[ObservationT, Issue, Inspection], Generic[ObservationT]):
    """Inspects a property from photos.

        agent = InspectionAgent("openai:gpt-6-luna")  # or "offline", without a key or a network
        inspection = agent.inspect("photos/")
        inspection.issues, inspection.status, inspection.to_markdown()

    To ask the engine for more, subclass `IssueObservation`, and the agent with it in brackets, as
    `InspectionAgent[PoolObservation]`; the new fields reach `issue.extra`. An agent may be used
    from many threads and loops at once; closing it closes the connections of an engine that it
    made itself, which open again at the next call.

    Args:
        engine: `"openai:MODEL"`, `"offline"`, a `Transport`, or several to fall back on.
        taxonomy: What an issue can be; the shipped one if not given. Here and below, the path of
            a file will do as well.
        severity: Grades findings: a policy, a profile, or the name of one that ships: `house` (if
            not given), `nspire`, `nspire_hcv`, `awaab`, `asap`.
        cost_book: Prices findings; `us`, the book that ships, if not given.
        cost_mode: `book` for the cost book's prices, `model` for a marked guess of the engine's.
        emergency_screen: Looks for emergencies in the words before any engine is asked.
        prompt: The instructions.
        photos_per_request: Most photos in a request.
        reads: How often each photo is read, which costs as many times as much; each finding then
            says in how many reads it was seen.
        keep: `union` keeps what any read saw; `majority` what more than half of them saw.
        second_look: `SecondLook(...)` asks once more about photos that seem clean, with another
            question or another engine.
        models: What is known of the models that an engine is named by.
        limits: Bounds on rates, money, calls, requests in flight, and time.
        limiter: A rate limiter of your own, such as one that many processes share.
        budgets: Budgets besides those of `limits`, such as one for each tenant and day.
        cache: Where answers are kept: a file's path or a `Cache`.
        cache_mode: `use`; `only` to never pay; `refresh` to ask anew and keep the new answer.
        observers: Watch runs.
        sinks: Take the results, all at once.
        sink_timeout: Seconds that a sink has for one result.
        clock: Tells the time of `created_at`.

    Raises:
        ConfigError: No engine, an unknown one, a missing extra, or a part that cannot work.
    """

    observation_model: type[ObservationT] = IssueObservation  # type: ignore[assignment]
    prompt_name = "inspection-1"
    _result_form = Inspection

    @show_case_fields
    async def ainspect(
        self,
        photos: Any,
        *,
        description: str = "",
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
        **case: Unpack[CaseFields],
    ) -> Inspection:
        """Inspects photos.

        Args:
            photos: A `Case`; or a path, folder, glob, bytes, binary file, upload whose `read` is
                awaited (in `ainspect` only), Pillow picture, array of RGB pixels, `Photo`, a
                mapping of rooms to any of these, or an iterable that mixes them.
            description: The tenant's or inspector's words.
            limits: For this call only, besides the agent's own.
            observers: Watch this call only, besides the agent's own.
            case: `id`, `property`, `room`, `reported_at`, `tags` and the other `CaseFields`.

        Returns:
            The inspection, with one outcome for each photo.

        Raises:
            ConfigError: No photos, or a field that is unknown or wrong.
            TransportError, BudgetExceeded: The caller must mend something, and nothing at all was
                answered.
        """
        made = await amake_case(photos, case, description)
        return await self.arun(made, limits=limits, observers=observers)

    @show_case_fields
    def inspect(
        self,
        photos: Any,
        *,
        description: str = "",
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
        **case: Unpack[CaseFields],
    ) -> Inspection:
        """Sync twin of `ainspect`; works in scripts, threads, notebooks and after fork."""
        return _sync.run(
            self.ainspect(
                photos, description=description, limits=limits, observers=observers, **case
            )
        )

    def refine(self, observation: ObservationT, case: CaseFacts) -> Issue | None:
        """Makes an issue of what was observed, completed from the taxonomy."""
        from inspectiq.costs._useful_lives import find_condition_basis  # reads tables, so late

        kind = self.taxonomy[observation.issue_type]
        return refine_observation(
            Issue,
            observation,
            kind,
            diy=kind.decide_diy(observation.extent),
            action=observation.unusual_action,
            area=observation.area,
            condition=observation.condition,
            fields={
                "condition": observation.condition,
                "condition_basis": find_condition_basis(kind.key, observation.condition),
            },
        )

    def summarise(
        self, issues: Sequence[Issue], outcomes: Sequence[PhotoOutcome], case: CaseFacts
    ) -> Summary:
        """Counts issues and writes a headline, which names what could not be assessed."""
        by_status = Counter[str](outcome.status for outcome in outcomes)
        status_of = {outcome.photo.id: outcome.status for outcome in outcomes}
        by_original = Counter[str](
            status_of.get(outcome.duplicate_of or outcome.photo.id, "failed")
            for outcome in outcomes
        )
        return Summary(
            headline=_write_headline(len(issues), by_original),
            by_photo_status=FrozenMap(by_status),
            **count_levels(issues),
        )

    def assemble(self, draft: ResultDraft[Issue]) -> Inspection:
        """Assembles the inspection from its draft."""
        return Inspection(
            **draft.to_fields(),
            status=decide_status(draft.photos),
            summary=call_template(self, self.summarise, draft.findings, draft.photos, draft.case),
            issues=draft.findings,
        )


def _write_headline(issues: int, by_status: Counter[str]) -> str:
    """Writes what was found, in how many photos, and how many were not assessed.

    Duplicates count as the photos that they repeat.
    """
    found = f"{issues} issue{'s' * (issues != 1)}" if issues else "No issues"
    if any(by_status[name] for name in ("assessed", "triaged", "unclear")):
        return f"{found} seen in {_describe_coverage(by_status)}."
    if issues:
        return f"Nothing was assessed; {found} from answers that could be used only in part."
    return "Nothing was assessed: no photo could be read by an engine."


def _describe_coverage(by_status: Counter[str]) -> str:
    """Describes how many photos were looked at, how, and how many were not."""
    read = by_status["assessed"] + by_status["triaged"]
    unread = by_status["unclear"] + by_status["failed"]
    how = " or ".join(name for name in ("assessed", "triaged") if by_status[name]) or "assessed"
    sentence = f"{read} {how} photo{'s' * (read != 1)}"
    if unread:
        sentence += f"; {unread} more could not be assessed"
    if by_status["triaged"]:
        sentence += "; a triage does not look for most kinds of issue"
    return sentence
