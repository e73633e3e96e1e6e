"""The pure half of an agent: plans what to ask about a case, and makes a result of the answers.

No I/O and no clock. `plan` makes requests of a case; `absorb` makes a result of their answers:
each answer is read, each reading is drafted into findings, and these are graded and priced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar, get_args

from inspectiq._taking import require
from inspectiq._tracebacks import hide_locals
from inspectiq._values import hash_content
from inspectiq.agents._agreeing import ReadJoiner
from inspectiq.agents._answers import Answer, sum_usage
from inspectiq.agents._asking_again import plan_asks
from inspectiq.agents._case import Case
from inspectiq.agents._completing import FindingCompleter, count_reading
from inspectiq.agents._engine_setup import check_reported_types
from inspectiq.agents._ids import add_finding_ids, make_result_id
from inspectiq.agents._observations import (
    PhotoVerdict,
    WireModel,
    WireObservation,
    bind_taxonomy,
    find_added_fields,
)
from inspectiq.agents._packs import RoomPacker, find_usable, pack_photos
from inspectiq.agents._photo_outcomes import build_outcomes
from inspectiq.agents._prompt_leaks import add_canary
from inspectiq.agents._prompts import Prompt
from inspectiq.agents._provenance import build_provenance
from inspectiq.agents._readings import read_answers
from inspectiq.agents._reads import Read, check_reads, choose_readings, split_reads
from inspectiq.agents._requests import build_request, limit_answer
from inspectiq.agents._result_draft import ResultDraft
from inspectiq.agents._second_look import (
    LookPlan,
    add_second_outcomes,
    join_looks,
    list_unsure,
)
from inspectiq.agents._subclasses import call_template, find_own_model
from inspectiq.agents._template_methods import CostMode, TemplateMethods
from inspectiq.domain._agreement import Keep
from inspectiq.domain._emergencies import Screening
from inspectiq.domain._findings import Finding
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._results import Result
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.photos._photo import Photo
from inspectiq.severity._policy import SeverityPolicy
from inspectiq.transports._base import VisionRequest
from inspectiq.transports._profile import EngineProfile
from inspectiq.transports._wire import build_definitions

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook
    from inspectiq.screening._emergencies import EmergencyScreen

__all__ = ["Assessor", "CostMode"]

ObservationT = TypeVar("ObservationT", bound=WireObservation)
FindingT = TypeVar("FindingT", bound=Finding)
ResultT = TypeVar("ResultT", bound=Result)


@hide_locals
class Assessor(TemplateMethods[ObservationT, FindingT, ResultT]):
    """Plans what to ask about a case, and absorbs the answers; the pure base of `Agent`.

    Args:
        profile: The engine that will be asked.
        taxonomy: The types of issue that can be found.
        severity: Grades findings.
        cost_book: Prices findings; None to price nothing.
        cost_mode: `book` prices by the cost book; `model` asks the engine for a range of its own,
            in the book's currency, and marks it as that.
        emergency_screen: Looks for emergencies in the words.
        prompt: Instructions.
        photos_per_request: Most photos in one request.
        reads: How often each photo is read.
        keep: What is kept of several reads.
        second_look: A second look at photos that seem clean; None for none.
    """

    observation_model: type[ObservationT]
    """What the engine fills in for each finding: the model in an agent's brackets, unless set."""

    overall_model: ClassVar[type[WireModel] | None] = None
    """Wire model of what the engine says about the whole case (`overall`); None to ask for none."""

    max_asks: ClassVar[int] = 3
    """How often a photo is asked about at most for an answer that can be used; our assumption."""

    same_place: ClassVar[float] = 0.3
    """The least intersection over union by which the boxes of two reads are one place.

    Our assumption; less than for a box and its label, since two reads differ from it both.
    """

    _overall_tokens: ClassVar[int] = 0  # room in an answer for its `overall`
    _rests_on_words: ClassVar[bool] = False  # whether words alone are enough for a finding

    def __init_subclass__(cls) -> None:
        """Takes the wire model that stands in the brackets of a subclass's base."""
        super().__init_subclass__()
        if (model := find_own_model(cls)) is not None:
            cls.observation_model = model

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
        reads: int = 1,
        keep: Keep = "union",
        second_look: LookPlan | None = None,
    ) -> None:
        check_reads(reads, keep, profile)
        if second_look is not None and self.overall_model is not None:
            raise ConfigError(
                f"second_look is for agents that go photo by photo, and {type(self).__name__} asks "
                "about a whole case; leave it out, or use an InspectionAgent"
            )
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
        self.reads = reads
        self.keep = keep
        self.second_look = second_look
        self._asked_currency = cost_book.currency if cost_book and cost_mode == "model" else None
        self._observation = bind_taxonomy(
            taxonomy, self.observation_model, costs=self._asked_currency is not None
        )
        self._definitions = build_definitions(PhotoVerdict, self._observation, self.overall_model)
        severity.check(taxonomy)
        check_reported_types(profile, taxonomy)
        if second_look is not None:
            check_reported_types(second_look.profile, taxonomy)
        self._completer = FindingCompleter(
            extra_fields=find_added_fields(self.observation_model),
            currency=self._asked_currency,
            rests_on_words=self._rests_on_words,
        )

    # -- the two pure halves ---------------------------------------------------------------------

    def plan(self, case: Case) -> tuple[VisionRequest, ...]:
        """Plans the requests that a case needs; each photo that can be sent is in one. Pure.

        With several `reads` there are as many of each, all of the first read before the second.

        Raises:
            ConfigError: The photos were not examined.
        """
        require(case, Case, "case", "give the Case that examine(...) returned")
        packs = self._pack(case.photos)
        return tuple(
            self._build_request(case, photos, read=read)
            for read in range(1, self.reads + 1)
            for photos in packs
        )

    def absorb(self, case: Case, answers: Sequence[Answer]) -> ResultT | tuple[VisionRequest, ...]:
        """Makes the result of the answers, or the requests that are still needed. Pure.

        Args:
            case: The examined case that was planned.
            answers: All answers so far, of all rounds, in any order within a round.
        """
        from inspectiq.agents._suspicions import find_suspicions  # reads lists of words, so late

        readings = read_answers(case, answers, self._observation, self.overall_model)
        reads = split_reads(one for one in readings if one.answer.request.look == 1)
        looks = split_reads(one for one in readings if one.answer.request.look > 1)
        again = [request for read in (*reads, *looks) for request in self._plan_again(case, read)]
        if again:
            return tuple(again)
        by_photo = choose_readings(reads)
        joiner = ReadJoiner(self.reads, self.keep, self.same_place, self.profile)
        joined = joiner.join([self._draft(case, read) for read in reads], reads)
        found: Sequence[FindingT] = joined.findings
        outcomes = build_outcomes(case.photos, by_photo, reads, self.reads)
        if self.second_look is not None and not looks:
            sent = find_usable(case.photos)
            unsure = list_unsure(sent, found, by_photo, self.second_look.unsure_below)
            if more := self._plan_second_look(case, list(unsure)):
                return more
        for look in looks:
            found = join_looks(found, self._draft(case, look), look, self.same_place)
            outcomes = add_second_outcomes(case.photos, outcomes, look)
        findings = case.carry_on(call_template(self, self.merge, found, case))
        findings, cost = self._price(self._grade_all(case, findings), case.facts)
        provenance = self._build_provenance(case, [*reads, *looks])
        draft = ResultDraft(
            case=case,
            findings=add_finding_ids(case.id, findings),
            readings=tuple(readings),
            by_photo=by_photo,
            id=make_result_id(case, provenance, self.profile.identity),
            photos=tuple(outcomes),
            cost=cost,
            usage=sum_usage(answers),
            provenance=provenance,
            screening=self.screen(case),
            suspicions=find_suspicions(case, readings),
        )
        result = call_template(self, self.assemble, case.continue_draft(draft))
        if not joined.left_out:
            return result
        summary = result.summary.model_copy(update={"left_out": joined.left_out})
        return result.model_copy(update={"summary": summary})

    def screen(self, case: Case) -> Screening:
        """Screens the words of a case for emergencies. Needs no engine.

        Instructions are in the language of the words, unless the case asks for a language other
        than English.
        """
        require(case, CaseFacts, "case", "give a Case")
        asked = None if case.language == "en" else case.language
        return case.screen_words(
            lambda words: self.emergency_screen.screen(
                words, country=case.property.country, reply_in=asked
            )
        )

    def _pack(self, photos: Sequence[Photo]) -> Sequence[Sequence[Photo]]:
        """Packs photos that are asked about together; an empty pack asks about the words alone."""
        return pack_photos(photos, self.photos_per_request)

    def _make_packer(self, photos: Sequence[Photo]) -> RoomPacker | None:
        """Makes what packs photos while others are still examined; None where all are needed."""
        is_own = type(self).plan is not Assessor.plan  # and may ask about anything
        return None if is_own else RoomPacker(photos, self.photos_per_request)

    def _build_request(
        self,
        case: Case,
        photos: Sequence[Photo],
        *,
        ask: int = 1,
        read: int = 1,
        look: int = 1,
        room: int = 1,
        note: str = "",
    ) -> VisionRequest:
        instructions, profile = call_template(self, self.write_instructions, case), self.profile
        if look > 1 and self.second_look is not None:
            instructions += f"\n{self.second_look.prompt.text.strip()}\n"
            profile = self.second_look.profile
        request = build_request(
            case,
            photos,
            instructions=add_canary(instructions),
            definitions=self._definitions,
            ask=ask,
            read=read,
            look=look,
            note=note,
        )
        return limit_answer(request, profile, overall_tokens=self._overall_tokens, times=room)

    def _plan_second_look(self, case: Case, photos: Sequence[Photo]) -> tuple[VisionRequest, ...]:
        """Plans the requests of a second look at photos."""
        assert self.second_look is not None
        packs = pack_photos(photos, self.second_look.photos_per_request)
        return tuple(self._build_request(case, pack, look=2) for pack in packs)

    def _plan_again(self, case: Case, read: Read[ObservationT]) -> Iterator[VisionRequest]:
        """Plans requests of a read for what no reading was accepted for, while it may help."""
        photos = {photo.id or "": photo for photo in case.photos}
        for again in plan_asks(read.readings, read.by_photo, ["", *photos], self.max_asks):
            yield self._build_request(
                case,
                [photos[photo_id] for photo_id in again.photo_ids],
                ask=again.number,
                read=read.number,
                look=read.look,
                room=again.room,
                note=again.note,
            )

    def _draft(self, case: Case, read: Read[ObservationT]) -> Sequence[FindingT]:
        """Drafts the findings of a read, with evidence; each for the photos that it counts for."""
        photos = {photo.id: photo for photo in case.photos}
        by_reading: list[list[FindingT]] = []
        for reading in read.readings:
            counted = count_reading(reading, read.by_photo)
            refined = ((self._refine(one, case), one) for one in counted.list_observations())
            by_reading.append(
                [
                    self._completer.complete(finding, observation, counted, photos)
                    for finding, observation in refined
                    if finding is not None
                ]
            )
        return self._join(by_reading)

    def _build_provenance(self, case: Case, reads: Sequence[Read[ObservationT]]) -> Provenance:
        return build_provenance(
            [reading for read in reads for reading in read.readings],
            [readings for read in reads for readings in read.by_photo.values()],
            agent=type(self),
            prompt=self.prompt.name,
            instructions=add_canary(call_template(self, self.write_instructions, case)),
            schema_sha256=hash_content(self._definitions),
            taxonomy=self.taxonomy,
            severity=self.severity,
            cost_book=self.cost_book if self.cost_mode == "book" else None,
            reads=self.reads,
            keep=self.keep,
            second_look=self.second_look.to_record() if self.second_look else None,
        )
