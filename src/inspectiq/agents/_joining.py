"""Joins what several reads of the same photos saw, by type and place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

from inspectiq.domain._agreement import Keep
from inspectiq.domain._findings import Evidence, Finding

__all__ = ["Sightings", "gather_evidence", "join_sightings", "unite"]

FindingT = TypeVar("FindingT", bound=Finding)

SAME_ID = 2.0  # rates two findings that revise the same earlier one above any overlap


class Sightings(NamedTuple, Generic[FindingT]):
    """What several reads saw of one thing: at most one finding of each read.

    Attributes:
        findings: In the order of the reads.
        reads: Positions of these reads.
    """

    findings: tuple[FindingT, ...]
    reads: tuple[int, ...]


def join_sightings(
    by_read: Sequence[Sequence[FindingT]], *, overlap: float
) -> list[Sightings[FindingT]]:
    """Joins findings of different reads that are of one type and in one place.

    The place is the same where boxes on a photo overlap enough, or where one of the two has no box
    on a photo that both name. A finding that rests on words alone has no place, and is the same as
    any of its type; one that revises an earlier finding is the same as others that do. Those that
    overlap most are joined first; two findings of one read never are.

    Args:
        by_read: The findings of each read.
        overlap: The least intersection over union of two boxes.
    """
    listed = [(read, finding) for read, found in enumerate(by_read) for finding in found]
    home = list(range(len(listed)))  # of each finding, the first of those that it is joined with
    members = {place: [place] for place in home}
    for _, one, other in sorted(_rate_pairs(listed, overlap)):
        first, second = sorted((home[one], home[other]))
        together = sorted({*members[first], *members[second]})
        if first == second or len({listed[place][0] for place in together}) < len(together):
            continue
        del members[second]
        members[first] = together
        for place in together:
            home[place] = first
    return [_gather(listed, places) for places in members.values()]


def _gather(listed: Sequence[tuple[int, FindingT]], places: Sequence[int]) -> Sightings[FindingT]:
    reads, findings = zip(*(listed[place] for place in places), strict=True)
    return Sightings(findings, reads)


def _rate_pairs(
    listed: Sequence[tuple[int, Finding]], overlap: float
) -> Iterator[tuple[float, int, int]]:
    """Rates the pairs that may be joined: minus their overlap, so that the best come first."""
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for place, (_, finding) in enumerate(listed):
        by_kind[finding.id or finding.type].append(place)  # an id is of an earlier finding
    for places in by_kind.values():
        for one, other in _list_pairs(listed, places):
            (read, finding), (other_read, same) = listed[one], listed[other]
            shared = _measure_nearness(finding, same, overlap)
            if read != other_read and shared is not None:
                yield -shared, one, other


def _list_pairs(
    listed: Sequence[tuple[int, Finding]], places: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Lists each pair once in which both name a photo, or one names none."""
    by_photo: defaultdict[str, list[int]] = defaultdict(list)
    pairs: dict[tuple[int, int], None] = {}
    for place in places:
        evidence = listed[place][1].evidence
        for photo_id in dict.fromkeys(item.photo_id for item in evidence):
            by_photo[photo_id].append(place)
        if not evidence or listed[place][1].id:
            anywhere = ((min(place, other), max(place, other)) for other in places)
            pairs.update(dict.fromkeys(anywhere))
    for near in by_photo.values():
        pairs.update(dict.fromkeys(combinations(near, 2)))
    yield from pairs


def _measure_nearness(one: Finding, other: Finding, overlap: float) -> float | None:
    """Measures how much two findings of a kind are in one place; None if they are not.

    It is the best overlap of their boxes on a photo, and 0 where there are no boxes to compare.
    """
    if one.id:
        return SAME_ID
    if not one.evidence or not other.evidence:
        from_words = any(not finding.evidence and not finding.review for finding in (one, other))
        return 0.0 if from_words or one.evidence == other.evidence else None
    rated = (
        (item.box.compute_overlap(same.box) if item.box and same.box else None)
        for item in one.evidence
        for same in other.evidence
        if item.photo_id == same.photo_id
    )
    near = [shared or 0.0 for shared in rated if shared is None or shared >= overlap]
    return max(near, default=None)


def unite(sightings: Sightings[FindingT], keep: Keep) -> FindingT:
    """Makes one finding of what several reads saw of a thing.

    Words and figures are those of the first read that saw it, so that none is favoured for what it
    says. Of each photo it has the places of the first read that gave some. It has all reasons for a
    review, and all facts; with `majority`, the facts that more than half of these reads tell.
    """
    first, *others = sightings.findings
    if not others:
        return first
    told = Counter(fact for finding in sightings.findings for fact in finding.observed.facts)
    least = 0 if keep == "union" else len(sightings.findings) / 2
    facts = tuple(fact for fact, times in told.items() if times > least)
    reasons = dict.fromkeys(reason for one in sightings.findings for reason in one.review)
    return first.model_copy(
        update={
            "observed": first.observed.model_copy(update={"facts": facts}),
            "evidence": tuple(gather_evidence(sightings.findings)),
            "review": tuple(reasons),
        }
    )


def gather_evidence(findings: Sequence[Finding]) -> Iterator[Evidence]:
    """Gathers the evidence of each photo from the first finding that has a box, or names it."""
    for photo_id in dict.fromkeys(item.photo_id for one in findings for item in one.evidence):
        of_photo = [
            [item for item in one.evidence if item.photo_id == photo_id] for one in findings
        ]
        placed = (items for items in of_photo if any(item.box for item in items))
        yield from next(placed, next(filter(None, of_photo)))
