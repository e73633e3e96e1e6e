"""The pure half of an agent: what to ask, and what the answers mean. No I/O, no clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, get_args

from inspectiq.agents.case import Case
from inspectiq.agents.evidence import evidence_of, stated_cost_of
from inspectiq.agents.observations import PhotoVerdict, WireObservation, bound_to
from inspectiq.agents.outcomes import outcome_of, provenance_of, result_id, usage_of
from inspectiq.agents.prompts import Prompt
from inspectiq.agents.replies import Answer, Reading, Reply, read_reply, readings
from inspectiq.agents.requests import case_text, numbered, pack, smaller_packs
from inspectiq.domain.base import FrozenMap, content_hash
from inspectiq.domain.findings import Finding, Severity, total_cost, worst_first
from inspectiq.domain.money import CostEstimate
from inspectiq.domain.property import CaseFacts
from inspectiq.domain.results import Result
from inspectiq.domain.taxonomy import Taxonomy
from inspectiq.errors import (
    BadRequest,
    ConfigError,
    InspectIQError,
    OutputError,
    OutputFiltered,
    OutputRefused,
    PhotoError,
)
from inspectiq.photos import Photo
from inspectiq.severity import SeverityPolicy
from inspectiq.transports import EngineProfile, VisionRequest
from inspectiq.transports.wire import definitions, reply_schema

if TYPE_CHECKING:
    from inspectiq.costs import CostBook

__all__ = ["TRIAGE_ONLY", "CostMode", "Reasoning"]

CostMode = Literal["book", "model"]

TRIAGE_ONLY = "seen by a triage only"
"""Why a finding of an engine that cannot see all groups is left to a person."""

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)


class Reasoning(ABC, Generic[ObservationT, FindingT, ResultT]):
    """Base of `Agent`: `plan`, `absorb`, and the template methods that users override.

    Args:
        profile: The engine that will be asked.
        taxonomy: What an issue can be.
        severity: How bad it is.
        cost_book: What it costs; None to price nothing.
        cost_mode: `book` prices by the cost book; `model` asks the engine for a range of its own,
            in the book's currency, and marks it as that.
        prompt: Instructions.
        photos_per_request: Most photos in one request.
    """

    observation_model: type[ObservationT]
    """What the engine fills in for each finding; subclass it to ask for more."""

    max_asks: ClassVar[int] = 3
    """How often a photo is asked about at most; our assumption."""

    _shipped_observation: ClassVar[type[WireObservation]]

    def __init__(
        self,
        *,
        profile: EngineProfile,
        taxonomy: Taxonomy,
        severity: SeverityPolicy,
        cost_book: CostBook | None,
        cost_mode: CostMode = "book",
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
        self.prompt = prompt
        self.photos_per_request = photos_per_request
        self._asked_currency = cost_book.currency if cost_book and cost_mode == "model" else None
        self._observation = bound_to(
            taxonomy, self.observation_model, costs=self._asked_currency is not None
        )
        self._wire = definitions(PhotoVerdict, self._observation)
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
            return CostEstimate.model_range(stated.low, stated.high, stated.currency, stated.engine)
        return self.cost_book.estimate(finding, case)

    @abstractmethod
    def assemble(
        self, case: CaseFacts, common: dict[str, Any], findings: tuple[FindingT, ...]
    ) -> ResultT:
        """The result, from the fields that all results share and the findings, worst first."""

    # -- the two pure halves ---------------------------------------------------------------------

    def plan(self, case: Case) -> tuple[VisionRequest, ...]:
        """The requests that a case needs, each photo in one. Pure; the photos must be examined.

        Raises:
            ConfigError: The photos were not examined.
        """
        usable = [photo for photo in case.photos if _is_usable(photo)]
        return tuple(
            self._request(case, photos, ask=1) for photos in pack(usable, self.photos_per_request)
        )

    def absorb(self, case: Case, answers: Sequence[Answer]) -> ResultT | tuple[VisionRequest, ...]:
        """The result, or the requests that are still needed. Pure.

        Args:
            case: The examined case that was planned.
            answers: All answers so far, of all rounds, in any order within a round.
        """
        fenced = not self.profile.strict_schemas
        replies = [read_reply(answer, self._observation, fenced=fenced) for answer in answers]
        order = {photo.id: position for position, photo in enumerate(case.photos)}
        _all_known(replies, order)
        replies.sort(key=lambda reply: (reply.answer.request.ask, order.get(reply.photo_ids[0], 0)))
        standing = readings(replies)
        again = self._ask_again(case, standing)
        if again:
            return again
        findings = [
            finding for reply in replies for finding in self._findings(case, reply, standing)
        ]
        graded = worst_first(
            [self._graded(case, finding) for finding in self.merge(findings, case)],
            [photo.id or "" for photo in case.photos],
        )
        priced, cost = self._priced(graded, case.facts)
        outcomes = tuple(outcome_of(photo, standing.get(photo.id or "")) for photo in case.photos)
        provenance = provenance_of(
            replies,
            standing,
            agent=f"{type(self).__module__}.{type(self).__qualname__}",
            prompt=self.prompt.name,
            instructions=self.instructions(case),
            schema_sha256=content_hash(self._wire),
            taxonomy=self.taxonomy,
            severity=self.severity,
            cost_book=self.cost_book if self.cost_mode == "book" else None,
        )
        common = {
            "id": result_id(case, provenance, self.profile.identity),
            "revision": case.revision,
            "case": case.facts,
            "photos": outcomes,
            "cost": cost,
            "usage": usage_of(answers),
            "provenance": provenance,
        }
        return self.assemble(case, common, _with_ids(case.id, priced))

    def _request(self, case: Case, photos: Sequence[Photo], *, ask: int) -> VisionRequest:
        room_for_each = self.profile.max_output_tokens_per_photo
        return VisionRequest(
            instructions=self.instructions(case),
            text=case_text(case),
            photos=numbered(photos),
            schema=reply_schema(self._wire, range(1, len(photos) + 1)),
            max_output_tokens=room_for_each and room_for_each * max(1, len(photos)) * ask,
            ask=ask,
            metadata=FrozenMap(case.tags, case_id=case.id),
        )

    def _ask_again(
        self, case: Case, standing: dict[str, Reading[ObservationT]]
    ) -> tuple[VisionRequest, ...]:
        """Requests for the photos that no answer settled, while it may help."""
        photos = {photo.id: photo for photo in case.photos}
        order = ["", *photos]  # "" stands for a request without photos
        unsettled: dict[int, list[str]] = {}
        last: dict[int, Reply[ObservationT]] = {}
        for asked_about in sorted(standing, key=order.index):
            reading = standing[asked_about]
            if reading.stands is not None or reading.asked >= self.max_asks:
                continue
            error = reading.last.problems[asked_about]
            if _may_help(error, packed=len(reading.last.photo_ids) > 1):
                unsettled.setdefault(id(reading.last), []).append(asked_about)
                last[id(reading.last)] = reading.last
        return tuple(
            self._request(
                case,
                [photos[photo_id] for photo_id in part if photo_id],
                ask=last[key].answer.request.ask + 1,
            )
            for key, asked_about in unsettled.items()
            for part in smaller_packs(
                asked_about,
                len(last[key].photo_ids),
                # One that cannot be read, or a last chance, must not cost the neighbours theirs.
                alone=_is_photo_fault(last[key])
                or standing[asked_about[0]].asked + 1 >= self.max_asks,
            )
        )

    def _findings(
        self,
        case: Case,
        reply: Reply[ObservationT],
        standing: dict[str, Reading[ObservationT]],
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
            evidence = tuple(evidence_of(observation, reply, counts, photos))
            review = list(finding.review)
            response = reply.answer.response
            if response is not None and response.engine.groups is not None:
                review.append(TRIAGE_ONLY)
            if reply.answer.request.photos and not shown:
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
            stated = self._asked_currency and stated_cost_of(
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
            return tuple(own), total_cost(own)
        from inspectiq.costs import settle_some

        label = self.cost_book.label
        ours = [finding.cost is not None and finding.cost.book == label for finding in own]
        shared = settle_some(self.cost_book, own, case, ours)
        return shared, total_cost(shared)

    def _graded(self, case: Case, finding: FindingT) -> FindingT:
        return finding.model_copy(update={"severity": self.grade(finding, case.facts)})


def _may_help(error: InspectIQError, *, packed: bool) -> bool:
    """Whether asking again, alone or in a smaller pack, may bring an answer.

    What was declined in company may be accepted alone; what was declined alone is not asked again.
    """
    if isinstance(error, OutputRefused | OutputFiltered | PhotoError | BadRequest):
        return packed
    return isinstance(error, OutputError)


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
        key = content_hash(
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


def _all_known(replies: Sequence[Reply[Any]], known: Container[str | None]) -> None:
    for reply in replies:
        for photo_id in reply.photo_ids:
            if photo_id and photo_id not in known:
                raise ConfigError(
                    f"an answer is about photo {photo_id}, which the case does not have; "
                    "absorb answers with the case that was planned"
                )


def _is_photo_fault(reply: Reply[Any]) -> bool:
    return isinstance(reply.answer.error, PhotoError)
