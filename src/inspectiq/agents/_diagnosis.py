"""The diagnosis: photos, words or both in; what is wrong, why, and how urgent it is out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic

from typing_extensions import TypeVar

from inspectiq import _sync
from inspectiq._text import strip_invisible, to_one_line
from inspectiq._values import FrozenMap, hash_content
from inspectiq.agents._affirmed import state_affirmed
from inspectiq.agents._agent import Agent
from inspectiq.agents._case import Case, make_case
from inspectiq.agents._follow_up import (
    FollowUp,
    carry_on,
    make_follow_up,
    mark_known_photos,
    match_answers,
)
from inspectiq.agents._observations import DiagnosisOverall, ProblemObservation, WireModel
from inspectiq.agents._overall import combine_overall
from inspectiq.agents._reasoning import ResultDraft
from inspectiq.agents._requests import describe_case, mark_as_data
from inspectiq.domain._diagnoses import Cause, Diagnosis, Problem, decide_diagnosis_status
from inspectiq.domain._emergencies import Screening
from inspectiq.domain._findings import CodeMatter, Location, Quantity, Scope
from inspectiq.domain._observed import Observed
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._results import PhotoOutcome, Summary, count_levels
from inspectiq.errors import ConfigError
from inspectiq.photos._collect import collect_photos
from inspectiq.photos._photo import Photo
from inspectiq.run import Run

__all__ = ["DiagnosisAgent"]

ObservationT = TypeVar("ObservationT", bound=ProblemObservation, default=ProblemObservation)

MOST_TOGETHER = 10
"""Photos that are looked at together, whatever their rooms; our assumption."""


class DiagnosisAgent(Agent[ObservationT, Problem, Diagnosis], Generic[ObservationT]):
    """Finds out what is wrong, from photos, from somebody's words, or from both.

        agent = DiagnosisAgent("openai:gpt-4.1")  # or "offline", without a key or a network
        diagnosis = agent.diagnose(description="The shower drain gurgles when I flush.")
        diagnosis.urgency, diagnosis.findings, diagnosis.questions, diagnosis.to_markdown()

    Words are screened for emergencies before any engine is asked; see `diagnosis.emergencies`.
    To ask the engine for more, subclass `ProblemObservation` and set `observation_model`; the new
    fields reach `problem.extra`.

    Args and errors are those of `InspectionAgent`.
    """

    observation_model: type[ObservationT] = ProblemObservation  # type: ignore[assignment]
    overall_model: ClassVar[type[WireModel] | None] = DiagnosisOverall
    prompt_name = "diagnosis-1"
    _shipped_observation = ProblemObservation
    _overall_tokens = 1000  # our assumption; what a model says of the whole and of the words
    _grounds = "words"

    async def adiagnose(self, photos: Any = (), description: str = "", **case: Any) -> Diagnosis:
        """Diagnoses a case.

        Args:
            photos: A `Case`; or photos as `InspectionAgent.inspect` takes them; nothing where
                there are only words.
            description: What somebody says about it.
            case: Fields of `Case` (`id`, `property`, `reported_at`, `tags`, …), and `room` for all
                the photos.

        Returns:
            The diagnosis, with one outcome for each photo and one for the words.

        Raises:
            ConfigError: Neither photos nor words, or a field that is unknown or wrong.
            TransportError, BudgetExceeded: The caller must mend something, nothing at all was
                answered, and there is no emergency.
        """
        return await self.arun(await asyncio.to_thread(_case_of, photos, description, case))

    def diagnose(self, photos: Any = (), description: str = "", **case: Any) -> Diagnosis:
        """Sync twin of `adiagnose`; works in scripts, threads, notebooks and after fork."""
        return _sync.run(self.adiagnose(photos, description, **case))

    async def aanswer(
        self, diagnosis: Diagnosis, answers: Mapping[str, str], photos: Any = ()
    ) -> Diagnosis:
        """Goes on with a diagnosis, from answers to its questions and from more photos.

        Evidence so far is kept, and no photo that was settled is looked at or paid for again.

        Args:
            diagnosis: What was found so far.
            answers: What was answered, by the id of the question.
            photos: More photos, if there are any.

        Returns:
            A new diagnosis that names the earlier one as its parent. Its usage is of this round.

        Raises:
            ConfigError: No answers, or one to a question that was not asked.
            TransportError, BudgetExceeded: As for `adiagnose`.
        """
        more = () if _is_nothing(photos) else await asyncio.to_thread(collect_photos, photos)
        return await self.arun(make_follow_up(diagnosis, match_answers(diagnosis, answers), more))

    def answer(
        self, diagnosis: Diagnosis, answers: Mapping[str, str], photos: Any = ()
    ) -> Diagnosis:
        """Sync twin of `aanswer`."""
        return _sync.run(self.aanswer(diagnosis, answers, photos))

    # -- template methods ------------------------------------------------------------------------

    def refine(self, observation: ObservationT, case: CaseFacts) -> Problem | None:
        """A problem from what was observed, completed from the taxonomy."""
        kind = self.taxonomy[observation.issue_type]
        extent = observation.extent
        earlier = case.problem(observation.revises) if isinstance(case, FollowUp) else None
        vetoed = kind.diy(extent) is False
        return Problem(
            id=earlier.id if earlier else "",
            type=kind.key,
            group=kind.group,
            label=kind.label,
            observed=Observed(
                description=observation.description,
                facts=tuple(observation.facts),
                proposed_level=observation.severity,
                confidence=observation.confidence,
                extent=extent,
                hours=observation.hours,
                materials=tuple(observation.materials),
            ),
            location=Location(
                words=to_one_line(observation.location, 200) if observation.location else None
            ),
            scope=Scope(
                action=kind.action or None,
                trade=kind.trade,
                diy=False if vetoed else observation.diy,
                materials=tuple(observation.materials),
                hours=observation.hours,
                warnings=(kind.safety,) if kind.safety else (),
            ),
            system=kind.system,
            cause=observation.cause,
            other_causes=tuple(
                Cause(cause=other.cause, tell_apart=other.tell_apart)
                for other in observation.other_causes
            ),
            steps=tuple(observation.steps) or ((kind.action,) if kind.action else ()),
            do_now=tuple(observation.do_now),
            quantity=None if extent is None else Quantity(amount=extent, unit=kind.unit),
            code_matter=None if kind.code == "none" else CodeMatter(category=kind.code),
        )

    def summarise(
        self, findings: Sequence[Problem], outcomes: Sequence[PhotoOutcome], case: CaseFacts
    ) -> Summary:
        """Counts, and one sentence that claims no more than was looked at."""
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

    def assemble(self, reading: ResultDraft[Problem]) -> Diagnosis:
        case, common = reading.case, dict(reading.common)
        earlier = case.earlier if isinstance(case, FollowUp) else None
        answers = case.answers if isinstance(case, FollowUp) else ()
        outcomes: tuple[PhotoOutcome, ...] = common["photos"]
        if earlier is not None:
            outcomes = common["photos"] = (*earlier.photos, *outcomes)
            answers = (*earlier.answers, *answers)
            given = [answer.model_dump() for answer in answers]
            common["id"] = "r-" + hash_content([common["id"], earlier.id, given])[:32]
            common["parent"] = earlier.id
            known = (*earlier.suspicions, *common["suspicions"])
            common["suspicions"] = tuple(dict.fromkeys(known))
        whole = combine_overall(reading, earlier, answers)
        screening: Screening = common["screening"]
        summary = self.summarise(reading.findings, outcomes, case)
        if whole.words.status in ("failed", "unclear"):
            line = f"{summary.headline.removesuffix('.')}; the words could not be assessed."
            summary = summary.model_copy(update={"headline": line})
        if screening.emergencies:
            labels = ", ".join(urgent.label for urgent in screening.emergencies)
            rest = summary.headline.replace("No problem found", "nothing else was recognised")
            line = f"Act now, the words tell of an emergency ({labels}). Besides: {rest}"
            summary = summary.model_copy(update={"headline": line})
        return Diagnosis(
            **common,
            status=decide_diagnosis_status(outcomes, whole.words),
            summary=summary,
            findings=reading.findings,
            urgency=self.severity.overall(reading.findings, screening.emergencies, case),
            answers=answers,
            **whole.fields(),
        )

    # -- how it asks -----------------------------------------------------------------------------

    def screen(self, case: Case) -> Screening:
        """As for every case; of one that goes on, also the answers. No emergency is taken back."""
        if not isinstance(case, FollowUp):
            return super().screen(case)
        told = [answer.answer for answer in case.answers]
        told += [state_affirmed(answer.question, answer.answer) for answer in case.answers]
        words = "\n\n".join([case.description, *filter(None, told)])
        now = super().screen(case.model_copy(update={"description": words}))
        before = case.earlier.emergencies
        kinds = {emergency.kind for emergency in before}
        urgent = (*before, *(one for one in now.emergencies if one.kind not in kinds))
        if not urgent:
            return now
        return now.model_copy(update={"status": "emergency", "emergencies": urgent, "reason": ""})

    def _require_input(self, case: Case) -> None:
        if not case.photos and not self._words(case):
            raise ConfigError(
                "the case has neither photos nor words; give photos, a description, or both"
            )

    async def _examine(self, case: Case, run: Run) -> Case:
        seen = await super()._examine(case, run)
        return mark_known_photos(seen) if isinstance(seen, FollowUp) else seen

    def _packs(self, photos: Sequence[Photo]) -> Sequence[Sequence[Photo]]:
        """Photos together whatever their rooms, so that causes are seen; or the words alone."""
        most = max(self.photos_per_request, MOST_TOGETHER) if self.photos_per_request > 1 else 1
        count = -(-len(photos) // most)
        return [photos[part::count] for part in range(count)] or [()]

    def _joined(self, by_reply: Sequence[Sequence[Problem]]) -> Sequence[Problem]:
        """As they are, but that what only words tell is not told again by every request."""
        joined: list[Problem] = []
        for findings in by_reply:
            before = len(joined)
            for finding in findings:
                place = next((at for at in range(before) if _same_words(joined[at], finding)), None)
                if place is None:
                    joined.append(finding)
                else:
                    joined[place] = _together(joined[place], finding)
        return joined

    def _gathered(self, case: Case, findings: Sequence[Problem]) -> Sequence[Problem]:
        merged = super()._gathered(case, findings)
        return carry_on(case.earlier.findings, merged) if isinstance(case, FollowUp) else merged

    def _words(self, case: Case) -> str:
        if isinstance(case, FollowUp):
            return "\n".join(strip_invisible(answer.answer) for answer in case.answers)
        return super()._words(case)

    def _text(self, case: Case) -> str:
        if not isinstance(case, FollowUp):
            return describe_case(case)
        exchange = "\n".join(
            f"Question: {to_one_line(answer.question, 500)}\n"
            f"Answer: {strip_invisible(answer.answer)}"
            for answer in (*case.earlier.answers, *case.answers)
        )
        return "\n".join(
            [
                describe_case(case),
                "This case goes on. Earlier findings, by number; their photos are not shown again. "
                "Report those that the answers change, with their number in `revises`, and new "
                "ones; leave the others out.",
                mark_as_data("The earlier findings", case.told),
                mark_as_data("Questions and answers", exchange),
            ]
        )


def _case_of(photos: Any, description: str, fields: dict[str, Any]) -> Case:
    if isinstance(photos, Case):
        if description:
            raise ConfigError("a Case was given, and a description besides; put it in the Case")
        return make_case(photos, fields)
    if description:
        fields = {"description": description, **fields}
    return make_case(None if _is_nothing(photos) else photos, fields)


def _is_nothing(photos: Any) -> bool:
    return photos is None or (isinstance(photos, list | tuple | dict) and not photos)


def _same_words(one: Problem, other: Problem) -> bool:
    """Whether they are of one type, and one of them rests on words alone."""
    told = [finding for finding in (one, other) if not finding.evidence and not finding.review]
    return one.type == other.type and bool(told)


def _together(one: Problem, other: Problem) -> Problem:
    """The surer one, with the evidence and the facts of both."""
    first, second = sorted(
        (one, other), key=lambda item: item.observed.confidence or 0, reverse=True
    )
    facts = dict.fromkeys([*first.observed.facts, *second.observed.facts])
    return first.model_copy(
        update={
            "observed": first.observed.model_copy(update={"facts": tuple(facts)}),
            "evidence": tuple(dict.fromkeys([*one.evidence, *other.evidence])),
            "review": tuple(dict.fromkeys([*one.review, *other.review])),
        }
    )
