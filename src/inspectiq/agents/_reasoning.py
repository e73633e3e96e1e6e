"""The pure half of an agent: what to ask, and what the answers mean. No I/O, no clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, get_args

from inspectiq._text import strip_invisible
from inspectiq._values import FrozenMap, hash_content
from inspectiq.agents._asking import plan_asks
from inspectiq.agents._canary import add_canary
from inspectiq.agents._case import Case
from inspectiq.agents._evidence import build_evidence, build_stated_cost
from inspectiq.agents._observations import PhotoVerdict, WireModel, WireObservation, bind_taxonomy
from inspectiq.agents._outcomes import build_outcome, build_provenance, make_result_id, sum_usage
from inspectiq.agents._prompts import Prompt
from inspectiq.agents._replies import Answer, PhotoReadings, Reading, group_by_photo, read_answer
from inspectiq.agents._requests import describe_case, number_photos, pack_photos
from inspectiq.agents._suspicions import find_suspicions
from inspectiq.domain._emergencies import Screening
from inspectiq.domain._findings import Finding, sort_worst_first, sum_costs
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._results import Result
from inspectiq.domain._severity import Severity
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import (
    ConfigError,
)
from inspectiq.photos._photo import Photo
from inspectiq.severity._policy import SeverityPolicy
from inspectiq.transports._base import EngineProfile, VisionRequest
from inspectiq.transports._estimates import estimate_tokens
from inspectiq.transports._wire import build_answer_schema, build_definitions

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook
    from inspectiq.screening._emergencies import EmergencyScreen

__all__ = ["TRIAGE_ONLY", "CostMode", "Reasoning", "ResultDraft"]

CostMode = Literal["book", "model"]

TRIAGE_ONLY = "seen by a triage only"
"""Why a finding of an engine that cannot see all groups is left to a person."""

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)


@dataclass(frozen=True, slots=True)
class ResultDraft(Generic[FindingT]):
    """All that was read of a case, on its way to a result.

    Attributes:
        case: The case.
        common: The fields that all results share.
        findings: Graded, priced, worst first.
        replies: What the engines said.
        standing: Which reply counts for each photo, and under `""` for the words.
    """

    case: Case
    common: dict[str, Any]
    findings: tuple[FindingT, ...]
    replies: tuple[Reading[Any], ...]
    standing: dict[str, PhotoReadings[Any]]


class Reasoning(ABC, Generic[ObservationT, FindingT, ResultT]):
    """Base of `Agent`: `plan`, `absorb`, and the template methods that users override.

    Args:
        profile: The engine that will be asked.
        taxonomy: What an issue can be.
        severity: How bad it is.
        cost_book: What it costs; None to price nothing.
        cost_mode: `book` prices by the cost book; `model` asks the engine for a range of its own,
            in the book's currency, and marks it as that.
        emergency_screen: Looks for emergencies in the words.
        prompt: Instructions.
        photos_per_request: Most photos in one request.
    """

    observation_model: type[ObservationT]
    """What the engine fills in for each finding; subclass it to ask for more."""

    max_asks: ClassVar[int] = 3
    """How often a photo is asked about at most for an answer that can be used; our assumption."""

    overall_model: ClassVar[type[WireModel] | None] = None
    """What the engine says once of the whole; None to ask for nothing of it."""

    _shipped_observation: ClassVar[type[WireObservation]]
    _overall_tokens: ClassVar[int] = 0  # room in an answer for what is said of the whole
    _grounds: ClassVar[str] = "photos"  # what a finding may rest on; else also "words"

    def __init__(
        self,
        *,
        profile: EngineProfile,
        taxonomy: Taxonomy,
        severity: SeverityPolicy,
        cost_book: CostBook | None,
        cost_mode: CostMode = "book",
        emergency_screen: EmergencyScreen,
        prompt: Prompt,
        photos_per_request: int,
    ) -> None:
        if cost_mode not in get_args(CostMode):
            raise ConfigError(f"cost_mode is {cost_mode!r}; give 'book' or 'model'")
        if cost_mode == "model" and cost_book is None:
            raise ConfigError("cost_mode='model' needs a cost_book, whose currency it asks in")
        self.profile = profile
        self.taxonomy = taxonomy
        self.severity = severity
        self.cost_book = cost_book
        self.cost_mode = cost_mode
        self.emergency_screen = emergency_screen
        self.prompt = prompt
        self.photos_per_request = photos_per_request
        self._asked_currency = cost_book.currency if cost_book and cost_mode == "model" else None
        self._observation = bind_taxonomy(
            taxonomy, self.observation_model, costs=self._asked_currency is not None
        )
        self._wire = build_definitions(PhotoVerdict, self._observation, self.overall_model)
        severity.check(taxonomy)
        known = {kind.key for kind in taxonomy.types}
        if missing := [key for key in profile.types if key not in known]:
            raise ConfigError(
                f"the engine {profile.provider} reports {missing[0]!r}, which the taxonomy lacks; "
                "add it with taxonomy.with_types(...)"
            )
        self._extra_fields = frozenset(self.observation_model.model_fields) - frozenset(
            self._shipped_observation.model_fields
        )

    # -- template methods, in the order in which they are called ---------------------------------

    def instructions(self, case: CaseFacts) -> str:
        """What the engine is told to do; the same for every request of a case."""
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
        """A finding from what was observed; None drops it. Evidence and room are added after."""

    def merge(self, findings: Sequence[FindingT], case: CaseFacts) -> Sequence[FindingT]:
        """One finding for each defect; by default what the engine told apart stays apart."""
        return findings

    def grade(self, finding: FindingT, case: CaseFacts) -> Severity:
        """How bad a finding is."""
        return self.severity.grade(finding, case)

    def estimate(self, finding: FindingT, case: CaseFacts) -> CostEstimate | None:
        """What its own work costs; None where nothing is known of it, as after a triage.

        What the agent's own cost book priced gets its share of visits and overhead afterwards;
        another estimate stands as it is.
        """
        if self.cost_book is None or TRIAGE_ONLY in finding.review:
            return None
        if self.cost_mode == "model":
            stated = finding.observed.stated_cost
            if stated is None:
                return None
            return CostEstimate.stated_range(
                stated.low, stated.high, stated.currency, stated.engine
            )
        return self.cost_book.estimate(finding, case)

    @abstractmethod
    def assemble(self, reading: ResultDraft[FindingT]) -> ResultT:
        """The result, from what was read of a case."""

    # -- the two pure halves ---------------------------------------------------------------------

    def plan(self, case: Case) -> tuple[VisionRequest, ...]:
        """The requests that a case needs, each photo in one. Pure; the photos must be examined.

        Raises:
            ConfigError: The photos were not examined.
        """
        usable = [photo for photo in case.photos if _is_usable(photo)]
        return tuple(self._request(case, photos, ask=1) for photos in self._packs(usable))

    def absorb(self, case: Case, answers: Sequence[Answer]) -> ResultT | tuple[VisionRequest, ...]:
        """The result, or the requests that are still needed. Pure.

        Args:
            case: The examined case that was planned.
            answers: All answers so far, of all rounds, in any order within a round.
        """
        replies = [read_answer(answer, self._observation, self.overall_model) for answer in answers]
        order = {photo.id: position for position, photo in enumerate(case.photos)}
        _all_known(replies, order)
        replies.sort(key=lambda reply: (reply.answer.request.ask, order.get(reply.photo_ids[0], 0)))
        standing = group_by_photo(replies)
        again = self._ask_again(case, replies, standing)
        if again:
            return again
        findings = self._joined([tuple(self._findings(case, r, standing)) for r in replies])
        graded = sort_worst_first(
            [self._graded(case, finding) for finding in self._gathered(case, findings)],
            [photo.id or "" for photo in case.photos],
        )
        priced, cost = self._priced(graded, case.facts)
        outcomes = tuple(
            build_outcome(photo, standing.get(photo.id or "")) for photo in case.photos
        )
        provenance = build_provenance(
            replies,
            standing,
            agent=_name_of(type(self)),
            prompt=self.prompt.name,
            instructions=add_canary(self.instructions(case)),
            schema_sha256=hash_content(self._wire),
            taxonomy=self.taxonomy,
            severity=self.severity,
            cost_book=self.cost_book if self.cost_mode == "book" else None,
        )
        common = {
            "id": make_result_id(case, provenance, self.profile.identity),
            "revision": case.revision,
            "case": case.facts,
            "photos": outcomes,
            "cost": cost,
            "usage": sum_usage(answers),
            "provenance": provenance,
            "screening": self.screen(case),
            "suspicions": find_suspicions(case, replies),
        }
        return self.assemble(
            ResultDraft(case, common, _with_ids(case.id, priced), tuple(replies), standing)
        )

    def screen(self, case: Case) -> Screening:
        """What the emergency screen finds in the words of a case. Needs no engine.

        It answers whoever wrote them in their language, but where the case asks for another one
        than the usual English.
        """
        asked = None if case.language == "en" else case.language
        return self.emergency_screen.screen(
            case.description, country=case.property.country, reply_in=asked
        )

    def _packs(self, photos: Sequence[Photo]) -> Sequence[Sequence[Photo]]:
        """Which photos are asked about together; an empty pack asks about the words alone."""
        return pack_photos(photos, self.photos_per_request)

    def _text(self, case: Case) -> str:
        """What an engine is told of the case besides the photos."""
        return describe_case(case)

    def _words(self, case: Case) -> str:
        """The words in it that somebody else wrote."""
        return strip_invisible(case.description).strip()

    def _joined(self, by_reply: Sequence[Sequence[FindingT]]) -> Sequence[FindingT]:
        """The findings of all replies; what an engine told apart in one of them stays apart."""
        return [finding for findings in by_reply for finding in findings]

    def _gathered(self, case: Case, findings: Sequence[FindingT]) -> Sequence[FindingT]:
        """The findings of a case, from those of all its requests."""
        return self.merge(findings, case)

    def _request(
        self, case: Case, photos: Sequence[Photo], *, ask: int, room: int = 1, note: str = ""
    ) -> VisionRequest:
        request = VisionRequest(
            instructions=add_canary(self.instructions(case)),
            text="\n".join(filter(None, [self._text(case), note])),
            words=self._words(case),
            photos=number_photos(photos),
            schema=build_answer_schema(self._wire, range(1, len(photos) + 1)),
            ask=ask,
            metadata=FrozenMap(case.tags, case_id=case.id),
        )
        return replace(request, max_output_tokens=self._room(request, room))

    def _room(self, request: VisionRequest, times: int) -> int | None:
        """Most tokens of an answer; more than usual only as far as the engine's context goes."""
        for_each = self.profile.max_output_tokens_per_photo
        if for_each is None:
            return None
        usual = for_each * max(1, len(request.photos)) + self._overall_tokens
        context = self.profile.context_tokens
        if times == 1 or context is None:
            return usual * times
        expected = estimate_tokens(request, self.profile)
        taken = expected.text_tokens + expected.image_tokens + self.profile.reasoning_tokens
        return max(usual, min(usual * times, context - taken))

    def _ask_again(
        self,
        case: Case,
        replies: Sequence[Reading[ObservationT]],
        standing: dict[str, PhotoReadings[ObservationT]],
    ) -> tuple[VisionRequest, ...]:
        """Requests for the photos that no answer settled, while it may help."""
        photos = {photo.id or "": photo for photo in case.photos}
        return tuple(
            self._request(
                case,
                [photos[photo_id] for photo_id in again.photo_ids],
                ask=again.number,
                room=again.room,
                note=again.note,
            )
            for again in plan_asks(replies, standing, ["", *photos], self.max_asks)
        )

    def _findings(
        self,
        case: Case,
        reply: Reading[ObservationT],
        standing: dict[str, PhotoReadings[ObservationT]],
    ) -> Iterable[FindingT]:
        """The findings of one reply that count, with their evidence."""
        counts = {
            photo_id for photo_id in reply.photo_ids if standing[photo_id].findings_from is reply
        }
        photos = {photo.id: photo for photo in case.photos}
        for observation in reply.observations:
            shown = reply.shown(observation)
            if not counts.intersection(shown or reply.photo_ids):
                continue
            finding = self.refine(observation, case)
            if finding is None:
                continue
            evidence = tuple(build_evidence(observation, reply, counts, photos))
            review = list(finding.review)
            response = reply.answer.response
            triage = response is not None and response.engine.groups is not None
            told = not observation.evidence and bool(reply.answer.request.words)
            from_words = told and self._grounds == "words"
            if triage and not from_words:
                review.append(TRIAGE_ONLY)
            if reply.answer.request.photos and not shown and not from_words:
                review.append("no photo that was sent shows it")
            if any(standing[photo_id].stands is None for photo_id in counts.intersection(shown)):
                review.append("the rest of the answer about its photo could not be used")
            room = photos[evidence[0].photo_id].room if evidence else None
            update: dict[str, Any] = {
                "evidence": evidence,
                "review": tuple(review),
                "extra": FrozenMap(
                    {
                        **observation.model_dump(mode="json", include=set(self._extra_fields)),
                        **finding.extra,
                    }
                ),
            }
            stated = self._asked_currency and build_stated_cost(
                observation, reply, self._asked_currency
            )
            if stated:
                update["observed"] = finding.observed.model_copy(update={"stated_cost": stated})
            if finding.location.room is None and room is not None:
                update["location"] = finding.location.model_copy(update={"room": room})
            yield finding.model_copy(update=update)

    def _priced(
        self, findings: Sequence[FindingT], case: CaseFacts
    ) -> tuple[tuple[FindingT, ...], CostEstimate | None]:
        """The findings with what they share in the cost, and the sum."""
        own = [
            finding.model_copy(update={"cost": self.estimate(finding, case)})
            for finding in findings
        ]
        if self.cost_book is None:
            return tuple(own), sum_costs(own)
        from inspectiq.costs._settling import estimate_some_together

        label = self.cost_book.label
        ours = [finding.cost is not None and finding.cost.book == label for finding in own]
        shared = estimate_some_together(self.cost_book, own, case, ours)
        return shared, sum_costs(shared)

    def _graded(self, case: Case, finding: FindingT) -> FindingT:
        if finding.reviews:
            return finding  # a person has decided
        return finding.model_copy(update={"severity": self.grade(finding, case.facts)})


def _name_of(agent: type) -> str:
    """An agent's class by its full name; one of ours by that of the door, wherever its file is."""
    package = __name__.partition(".")[0]
    ours = agent.__module__.partition(".")[0] == package
    return f"{package if ours else agent.__module__}.{agent.__qualname__}"


def _is_usable(photo: Photo) -> bool:
    if photo.examined is None:
        raise ConfigError(
            f"photo {photo.id or photo.name} was not examined; "
            "plan what `await agent.aexamine(case)` returns"
        )
    return photo.examined.error is None and photo.examined.duplicate_of is None


def _with_ids(case_id: str, findings: Sequence[FindingT]) -> tuple[FindingT, ...]:
    """Findings with ids that the same evidence under the same case gives again."""
    seen: dict[str, int] = {}
    named: list[FindingT] = []
    for finding in findings:
        if finding.id:  # it was there before
            named.append(finding)
            continue
        key = hash_content(
            [
                case_id,
                finding.type,
                finding.observed.description,
                [
                    item.model_dump(mode="json", include={"photo_id", "box"})
                    for item in finding.evidence
                ],
            ]
        )[:16]
        seen[key] = seen.get(key, 0) + 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        named.append(finding.model_copy(update={"id": f"f-{key}{suffix}"}))
    return tuple(named)


def _all_known(replies: Sequence[Reading[Any]], known: Container[str | None]) -> None:
    for reply in replies:
        for photo_id in reply.photo_ids:
            if photo_id and photo_id not in known:
                raise ConfigError(
                    f"an answer is about photo {photo_id}, which the case does not have; "
                    "absorb answers with the case that was planned"
                )
