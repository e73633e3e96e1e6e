"""The diagnosis agent: photos, words or both in; what is wrong, why, and how urgent it is, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Unpack

from typing_extensions import TypeVar

from inspectiq import _sync
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FrozenMap
from inspectiq.agents._agent import Agent
from inspectiq.agents._case import Case, amake_case
from inspectiq.agents._case_fields import CaseFields, show_case_fields
from inspectiq.agents._diagnosis_overall import combine_overall
from inspectiq.agents._follow_up import make_follow_up, match_answers
from inspectiq.agents._merging import merge_repeated
from inspectiq.agents._observations import DiagnosisOverall, ProblemObservation, WireModel
from inspectiq.agents._packs import deal_photos
from inspectiq.agents._refining import refine_observation
from inspectiq.agents._result_draft import ResultDraft
from inspectiq.agents._subclasses import call_template
from inspectiq.domain._diagnoses import (
    Cause,
    Diagnosis,
    Problem,
    WordsOutcome,
    decide_diagnosis_status,
)
from inspectiq.domain._emergencies import Emergency
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._results import PhotoOutcome
from inspectiq.domain._summary import Summary, count_levels
from inspectiq.events import Observer
from inspectiq.limits._limits import Limits
from inspectiq.photos._collect import acollect_photos
from inspectiq.photos._photo import Photo

__all__ = ["DiagnosisAgent"]

ObservationT = TypeVar("ObservationT", bound=ProblemObservation, default=ProblemObservation)

MOST_TOGETHER = 10
"""Photos that are looked at together, whatever their rooms; our assumption."""


@hide_locals
class DiagnosisAgent(Agent[ObservationT, Problem, Diagnosis], Generic[ObservationT]):
    """Finds out what is wrong, from photos, from somebody's words, or from both.

        agent = DiagnosisAgent("openai:gpt-6-luna")  # or "offline", without a key or a network
        diagnosis = agent.diagnose(description="The shower drain gurgles when I flush.")
        diagnosis.urgency, diagnosis.findings, diagnosis.questions, diagnosis.to_markdown()

    Words are screened for emergencies before any engine is asked; see `diagnosis.emergencies`.
    To ask the engine for more, subclass `ProblemObservation`, and the agent with it in brackets;
    the new fields reach `problem.extra`.

    Args and errors are those of `InspectionAgent`.
    """

    observation_model: type[ObservationT] = ProblemObservation  # type: ignore[assignment]
    overall_model: ClassVar[type[WireModel] | None] = DiagnosisOverall
    prompt_name = "diagnosis-1"
    _result_form = Diagnosis
    _overall_tokens = 1000  # our assumption; for what a model says about the whole case
    _rests_on_words = True

    @show_case_fields
    async def adiagnose(
        self,
        photos: Any = (),
        description: str = "",
        *,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
        **case: Unpack[CaseFields],
    ) -> Diagnosis:
        """Diagnoses a case.

        Args:
            photos: A `Case`; or photos as `InspectionAgent.inspect` takes them; nothing where
                there are only words.
            description: What somebody says about it.
            limits: For this call only, besides the agent's own.
            observers: Watch this call only, besides the agent's own.
            case: `id`, `property`, `reported_at`, `tags` and the other `CaseFields`.

        Returns:
            The diagnosis, with one outcome for each photo and one for the words.

        Raises:
            ConfigError: Neither photos nor words, or a field that is unknown or wrong.
            TransportError, BudgetExceeded: The caller must mend something, nothing at all was
                answered, and there is no emergency.
        """
        given = None if _is_empty(photos) else photos
        made = await amake_case(given, case, description)
        return await self.arun(made, limits=limits, observers=observers)

    @show_case_fields
    def diagnose(
        self,
        photos: Any = (),
        description: str = "",
        *,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
        **case: Unpack[CaseFields],
    ) -> Diagnosis:
        """Sync twin of `adiagnose`; works in scripts, threads, notebooks and after fork."""
        return _sync.run(
            self.adiagnose(photos, description, limits=limits, observers=observers, **case)
        )

    async def aanswer(
        self,
        diagnosis: Diagnosis,
        answers: Mapping[str, str],
        photos: Any = (),
        *,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> Diagnosis:
        """Goes on with a diagnosis, from answers to its questions and from more photos.

        Evidence so far is kept, and no photo that was read is looked at or paid for again.

        Args:
            diagnosis: What was found so far.
            answers: What was answered, by the id of the question.
            photos: More photos, if there are any.
            limits: For this call only, besides the agent's own.
            observers: Watch this call only, besides the agent's own.

        Returns:
            A new diagnosis that names the earlier one as its parent. Its usage is of this round.

        Raises:
            ConfigError: No answers, or one to a question that was not asked.
            TransportError, BudgetExceeded: As for `adiagnose`.
        """
        more = () if _is_empty(photos) else await acollect_photos(photos)
        case = make_follow_up(diagnosis, match_answers(diagnosis, answers), more)
        return await self.arun(case, limits=limits, observers=observers)

    def answer(
        self,
        diagnosis: Diagnosis,
        answers: Mapping[str, str],
        photos: Any = (),
        *,
        limits: Limits | None = None,
        observers: Iterable[Observer] | None = None,
    ) -> Diagnosis:
        """Sync twin of `aanswer`."""
        return _sync.run(
            self.aanswer(diagnosis, answers, photos, limits=limits, observers=observers)
        )

    # -- template methods ------------------------------------------------------------------------

    def refine(self, observation: ObservationT, case: CaseFacts) -> Problem | None:
        """Makes a problem of what was observed, completed from the taxonomy."""
        kind = self.taxonomy[observation.issue_type]
        steps = tuple(observation.steps) or ((kind.action,) if kind.action else ())
        return refine_observation(
            Problem,
            observation,
            kind,
            diy=False if kind.decide_diy(observation.extent) is False else observation.diy,
            materials=tuple(observation.materials),
            fields={
                "system": kind.system,
                "cause": observation.cause,
                "other_causes": tuple(
                    Cause(cause=other.cause, tell_apart=other.tell_apart)
                    for other in observation.other_causes
                ),
                "steps": steps,
                "do_now": tuple(observation.do_now),
            },
        )

    def summarise(
        self, findings: Sequence[Problem], outcomes: Sequence[PhotoOutcome], case: CaseFacts
    ) -> Summary:
        """Counts problems and writes a headline, which names what could not be assessed."""
        by_status = Counter[str](outcome.status for outcome in outcomes)
        read = by_status["assessed"] + by_status["triaged"]
        unread = by_status["unclear"] + by_status["failed"]
        sources = [f"{read} photo{'s' * (read != 1)}"] if read else []
        if case.description.strip():
            sources.append("the words")
        count = f"{len(findings)} problem{'s' * (len(findings) != 1)}" if findings else "No problem"
        headline = f"{count} found from {' and '.join(sources) or 'nothing'}"
        if unread:
            headline += f"; {unread} photo{'s' * (unread != 1)} could not be assessed"
        return Summary(
            headline=f"{headline}.", by_photo_status=FrozenMap(by_status), **count_levels(findings)
        )

    def assemble(self, draft: ResultDraft[Problem]) -> Diagnosis:
        """Assembles the diagnosis from its draft."""
        overall = combine_overall(draft)
        emergencies = draft.screening.emergencies
        summary = call_template(self, self.summarise, draft.findings, draft.photos, draft.case)
        headline = _extend_headline(summary.headline, overall.words, emergencies)
        return Diagnosis(
            **draft.to_fields(),
            status=decide_diagnosis_status(draft.photos, overall.words),
            summary=summary.model_copy(update={"headline": headline}),
            findings=draft.findings,
            urgency=self.severity.grade_urgency(draft.findings, emergencies, draft.case),
            answers=draft.answers,
            **overall.to_fields(),
        )

    # -- how it asks -----------------------------------------------------------------------------

    def _pack(self, photos: Sequence[Photo]) -> Sequence[Sequence[Photo]]:
        """Packs photos whatever their rooms, so that causes are seen; or the words alone."""
        most = max(self.photos_per_request, MOST_TOGETHER) if self.photos_per_request > 1 else 1
        return deal_photos(photos, most) or [()]

    def _make_packer(self, photos: Sequence[Photo]) -> None:
        """Makes none: a pack has photos from the whole case."""

    def _refine(self, observation: ObservationT, case: Case) -> Problem | None:
        """Refines an observation; one that revises an earlier problem keeps that one's id."""
        problem = call_template(self, self.refine, observation, case)
        earlier = case.find_earlier(observation.revises)
        if problem is None or earlier is None:
            return problem
        return problem.model_copy(update={"id": earlier.id})

    def _join(self, by_reading: Sequence[Sequence[Problem]]) -> Sequence[Problem]:
        """Joins the problems of all readings; lists a problem that only words tell once."""
        return merge_repeated(by_reading)


def _extend_headline(headline: str, words: WordsOutcome, emergencies: Sequence[Emergency]) -> str:
    """Puts emergencies first in a headline, and adds that the words could not be assessed."""
    if words.status in ("failed", "unclear"):
        headline = f"{headline.removesuffix('.')}; the words could not be assessed."
    if not emergencies:
        return headline
    labels = ", ".join(urgent.label for urgent in emergencies)
    rest = headline.replace("No problem found", "nothing else was recognised")
    return f"Act now, the words tell of an emergency ({labels}). Besides: {rest}"


def _is_empty(photos: Any) -> bool:
    return photos is None or (isinstance(photos, list | tuple | dict) and not photos)
