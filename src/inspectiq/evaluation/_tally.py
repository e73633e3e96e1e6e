"""Counts what findings and labels come to, case by case, and keeps counts only."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inspectiq.errors import ConfigError
from inspectiq.evaluation._average_precision import BoxTally
from inspectiq.evaluation._labels import Label, LabelledPhoto, Labels, name_photo
from inspectiq.evaluation._matching import Pair, Sighting, Tolerance, enclose, pair_up
from inspectiq.evaluation._reads import ReadPhoto, ReadPrior, ReadResult

__all__ = ["FOUND", "LEFT_OUT", "MISSED", "Codes", "Rule", "Tally"]

FOUND, MISSED, ABSTAINED, LEFT_OUT = 1, 2, 3, 0
"""What became of a label: a byte each."""

NO_LEVEL = -1  # a finding that a person must look at first
NOT_FOUND = -2  # no finding


class Codes:
    """Numbers texts, so that counts are kept by small numbers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Returns the number of a text; the next one for a new text."""
        found = self._numbers.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """When a finding and a label are of the same thing.

    Attributes:
        tolerance: What must be the same: the type, or the group.
        overlap: The least intersection over union, where both have a box.
    """

    tolerance: Tolerance = "type"
    overlap: float = 0.5


@dataclass(slots=True)
class _Lineage:
    """The results of one case: how many reads, and what the first one found."""

    number: int
    reads: int = 0
    from_derived: bool = False  # its root, if it comes, is the same read
    found: array[int] = field(default_factory=lambda: array("I"))


@dataclass(slots=True)
class _Counts:
    """What findings and labels of one type and room come to, in one read of a case."""

    right: int = 0
    wrong: int = 0
    found: int = 0
    missed: int = 0
    abstained: int = 0


class Tally:
    """Adds results up, one by one; a result is not kept.

    Args:
        labels: What people saw.
        rule: When a finding and a label are of the same thing.
    """

    def __init__(self, labels: Labels, rule: Rule) -> None:
        self._labels = labels
        self.rule = rule
        self.types, self.rooms, self.levels = Codes(), Codes(), Codes()
        self.groups: dict[str, str] = {}
        self.ranks: dict[str, int] = {}
        self.profiles: set[str] = set()
        self.currencies: set[str] = set()
        self.configurations: Counter[str] = Counter()
        self.lineages: dict[str, _Lineage] = {}
        self.outcomes: dict[str, bytes] = {}
        self.boxes = BoxTally()
        # Rows of numbers, flat, in the order that the comments say; the first is the case's.
        self.counts = array("i")  # case, type, room, right, wrong, found, missed, abstained
        self.photos = array("i")  # case, all, unclear, failed, clean, falsely found on these, any
        self.dollars = array("d")  # case, photos, dollars
        self.graded = array("i")  # case, the label's level, the finding's level
        self.overlaps = array("d")  # case, intersection over union
        self.costs = array("d")  # case, invoice, low, expected, high
        self.agreed = array("i")  # case, found by both reads, found by either
        self.labelled = self.unpriced = self.duplicates = self.derived = 0

    def add(self, result: ReadResult) -> None:
        """Adds a result.

        Raises:
            ConfigError: It lacks a photo of its case that is labelled.
        """
        lineage = self.lineages.setdefault(result.case.id, _Lineage(len(self.lineages)))
        if not self._is_read(lineage, result):
            self.derived += 1
            return
        found = [finding.original for finding in result.found]
        if result.provenance.engines:  # else nothing was asked
            self.configurations[result.configuration] += 1
        self.profiles.add(result.provenance.severity)
        for finding in found:
            self.groups.setdefault(finding.type, finding.group)
            level, rank = finding.severity.level, finding.severity.rank
            if level is not None and rank is not None:
                self.ranks[level] = rank
        self._add_agreement(lineage, result, found)
        lineage.reads += 1
        self._add_photos(lineage, result, found)

    def _is_read(self, lineage: _Lineage, result: ReadResult) -> bool:
        """Tells whether a result is another read, and not one that came from another result.

        What was reviewed or regraded has the findings of the result that it came from.
        """
        if result.parent is None and lineage.from_derived:
            lineage.from_derived = False
            return False
        if result.parent is not None:
            if lineage.reads:
                return False
            lineage.from_derived = True
        return True

    def _add_agreement(
        self, lineage: _Lineage, result: ReadResult, found: Sequence[ReadPrior]
    ) -> None:
        """Adds what this read and the first one of the case found, by photo and type."""
        places = {outcome.photo.id: place for place, outcome in enumerate(result.photos, start=1)}
        seen = {
            places.get(photo_id, 0) << 12 | self.types.number(finding.type)
            for finding in found
            for photo_id in _list_photos(finding)
        }
        if not lineage.reads:
            lineage.found = array("I", sorted(seen))
            return
        first = set(lineage.found)
        self.agreed.extend((lineage.number, len(seen & first), len(seen | first)))

    def _add_photos(
        self, lineage: _Lineage, result: ReadResult, found: Sequence[ReadPrior]
    ) -> None:
        labelled = self._labels.get_case(result.case.id)
        shown = _sort_by_photo(found)
        outcomes = {one.photo.id: one for one in result.photos if one.status != "duplicate"}
        known = {one.photo.id for one in result.photos} | {""}
        for photo_id in labelled:
            if photo_id not in known:
                raise ConfigError(
                    f"labels: {name_photo(result.case.id, photo_id)} is not in its result; take "
                    "the ids of photos from the report"
                )
        case = _Case(lineage.number)
        became: dict[str, bytes] = {}
        for photo_id, photo in labelled.items():
            outcome = outcomes.get(photo_id)
            if outcome is None and photo_id:
                self.duplicates += 1
                became[photo_id] = bytes(len(photo.labels))
                continue
            became[photo_id] = self._add_labelled(case, photo, outcome, shown.get(photo_id, []))
        if lineage.reads == 1:
            self.outcomes[result.case.id] = b"".join(became[one] for one in labelled)
        statuses = Counter(outcome.status for outcome in outcomes.values())
        self.photos.extend(
            (lineage.number, len(outcomes), statuses["unclear"], statuses["failed"], *case.clean)
        )
        if result.usage.usd is not None:
            self.dollars.extend((lineage.number, len(outcomes), float(result.usage.usd)))
        else:
            self.unpriced += 1
        for (kind, room), one in case.counts.items():
            counted = one.right, one.wrong, one.found, one.missed, one.abstained
            self.counts.extend((lineage.number, kind, room, *counted))

    def _add_labelled(
        self,
        case: _Case,
        photo: LabelledPhoto,
        outcome: ReadPhoto | None,
        findings: Sequence[ReadPrior],
    ) -> bytes:
        """Adds a labelled photo, and tells what became of each label."""
        self.labelled += 1
        room = self.rooms.number((outcome.photo.room or "") if outcome else "")
        present = [label for label in photo.labels if label.present]
        if outcome is not None and outcome.status in ("unclear", "failed"):
            if photo.whole:
                for label in present:
                    case.at(self.types.number(label.type), room).abstained += 1
            return bytes(ABSTAINED * (label.present and photo.whole) for label in photo.labels)
        sightings = [_see(finding, photo.photo_id) for finding in findings]
        if photo.whole:
            self.boxes.add(sightings, present)
        pairs = self._pair(sightings, present)
        paired = {pair.label: pair for pair in pairs}
        for pair in pairs:
            kind = self.types.number(sightings[pair.finding].type)
            case.at(kind, room).right += 1
            self._add_pair(case, present[pair.label], findings[pair.finding], pair)
        wrong = self._find_wrong(photo, sightings, {pair.finding for pair in pairs})
        for sighting in wrong:
            case.at(self.types.number(sighting.type), room).wrong += 1
        if photo.is_clean:
            case.clean = [
                more + before
                for more, before in zip((1, len(wrong), bool(wrong)), case.clean, strict=True)
            ]
        became = iter(self._judge_labels(case, room, present, paired, outcome, photo.whole))
        return bytes(next(became) if label.present else LEFT_OUT for label in photo.labels)

    def _pair(self, sightings: Sequence[Sighting], labels: Sequence[Label]) -> list[Pair]:
        rule = self.rule
        get_group = self._labels.get_group
        return pair_up(sightings, labels, get_group, tolerance=rule.tolerance, overlap=rule.overlap)

    def _find_wrong(
        self, photo: LabelledPhoto, sightings: Sequence[Sighting], right: set[int]
    ) -> list[Sighting]:
        """Finds the findings that are false: where all is labelled, all that are not right."""
        left = [one for place, one in enumerate(sightings) if place not in right]
        if photo.whole:
            return left
        absent = [label for label in photo.labels if not label.present]
        return [left[pair.finding] for pair in self._pair(left, absent)]

    def _judge_labels(
        self,
        case: _Case,
        room: int,
        present: Sequence[Label],
        paired: dict[int, Pair],
        outcome: ReadPhoto | None,
        whole: bool,
    ) -> Iterator[int]:
        """Counts each label as found, missed or abstained; where not all is labelled, none."""
        blind = outcome.groups if outcome is not None and outcome.status == "triaged" else None
        for place, label in enumerate(present):
            if not whole:
                yield LEFT_OUT
                continue
            counts = case.at(self.types.number(label.type), room)
            if place in paired:
                counts.found += 1
                yield FOUND
            elif blind is not None and self._labels.get_group(label.type) not in blind:
                counts.abstained += 1
                yield ABSTAINED
            else:
                counts.missed += 1
                if label.severity is not None:
                    level = self.levels.number(label.severity)
                    self.graded.extend((case.number, level, NOT_FOUND))
                yield MISSED

    def _add_pair(self, case: _Case, label: Label, finding: ReadPrior, pair: Pair) -> None:
        """Adds how level, place and cost of a right finding compare with its label."""
        if label.severity is not None:
            level = finding.severity.level
            code = NO_LEVEL if level is None else self.levels.number(level)
            self.graded.extend((case.number, self.levels.number(label.severity), code))
        if pair.overlap is not None:
            self.overlaps.extend((case.number, pair.overlap))
        if label.invoice is not None and finding.cost and finding.id not in case.invoiced:
            case.invoiced.add(finding.id)  # an invoice is for all photos that show it
            cost = finding.cost
            self.currencies.add(cost.currency)
            amounts = map(float, (label.invoice, cost.low, cost.expected, cost.high))
            self.costs.extend((case.number, *amounts))


class _Case:
    """What one read of a case comes to."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.counts: dict[tuple[int, int], _Counts] = {}
        self.clean: list[int] = [0, 0, 0]
        self.invoiced: set[str] = set()

    def at(self, kind: int, room: int) -> _Counts:
        """Returns the counts of a type in a room."""
        return self.counts.setdefault((kind, room), _Counts())


def _list_photos(finding: ReadPrior) -> list[str]:
    """Lists the photos that show a finding, each once; "" for what only words tell."""
    return list(dict.fromkeys(item.photo_id for item in finding.evidence)) or [""]


def _sort_by_photo(found: Sequence[ReadPrior]) -> dict[str, list[ReadPrior]]:
    shown: dict[str, list[ReadPrior]] = {}
    for finding in found:
        for photo_id in _list_photos(finding):
            shown.setdefault(photo_id, []).append(finding)
    return shown


def _see(finding: ReadPrior, photo_id: str) -> Sighting:
    stated = [item.confidence for item in finding.evidence if item.photo_id == photo_id]
    scores = [score for score in stated if score is not None]
    box = enclose(finding.list_boxes(photo_id))
    return Sighting(finding.id, finding.type, finding.group, box, max(scores, default=None))
