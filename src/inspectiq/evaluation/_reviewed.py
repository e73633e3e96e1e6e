"""Gathers reviewed findings: what an engine stated of each, and whether people confirmed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inspectiq.errors import ConfigError
from inspectiq.evaluation._reading import GivenResults, read_results
from inspectiq.evaluation._reads import ReadCase, ReadFinding, ReadPrior, ReadProvenance

__all__ = ["Gathered", "Maker", "Reviewed", "count_places", "gather_reviewed", "name_maker"]

Maker = tuple[str, str]
"""Who made a finding: provider and model, such as `openai:gpt-6-luna`, and the prompt."""


@dataclass(frozen=True, slots=True, order=True)
class Reviewed:
    """A reviewed finding.

    Attributes:
        type: Its type, as the engine said.
        group: The type's group.
        stated: The confidence that the engine stated, 0–1.
        confirmed: Whether people left it standing.
        place: The property that it is of.
    """

    type: str
    group: str
    stated: float
    confirmed: bool
    place: str


@dataclass(slots=True)
class Gathered:
    """Reviewed findings by who made them, and what does not count."""

    by_maker: dict[Maker, list[Reviewed]] = field(default_factory=dict)
    unstated: int = 0
    mixed: int = 0

    def list_gaps(self) -> Iterator[str]:
        """Says which reviewed findings do not count, and why."""
        if self.unstated:
            yield f"{self.unstated} reviewed findings have no stated confidence and do not count."
        if self.mixed:
            yield f"{self.mixed} reviewed findings are of several models or none and do not count."


def gather_reviewed(results: GivenResults) -> Gathered:
    """Gathers reviewed findings; of several results of a case, that with most reviews counts.

    Raises:
        ConfigError: Nothing was reviewed.
    """
    decided: dict[tuple[str, Maker | None, str], tuple[int, Reviewed | None]] = {}
    for result in read_results(results):
        for found in result.found:
            if not found.reviews:
                continue
            maker = name_maker(found.original, result.provenance)
            key = result.case.id, maker, found.id
            if len(found.reviews) > decided.get(key, (0, None))[0]:
                decided[key] = len(found.reviews), _judge(found, _name_place(result.case))
    if not decided:
        raise ConfigError(
            "no finding in these results was reviewed; decide by `result.with_review`, and give "
            "the results that it returns"
        )
    gathered = Gathered()
    for (_, maker, _), (_, reviewed) in decided.items():
        if reviewed is None:
            gathered.unstated += 1
        elif maker is None:
            gathered.mixed += 1
        else:
            gathered.by_maker.setdefault(maker, []).append(reviewed)
    return gathered


def name_maker(finding: ReadPrior, made: ReadProvenance) -> Maker | None:
    """Names the one model and prompt that made a finding; None where it is of several, or none."""
    engines = {item.engine for item in finding.evidence}
    models = {
        f"{one.provider}:{one.model}"
        for one in made.engines
        if not engines or one.identity in engines  # words alone have no evidence
    }
    return (models.pop(), made.prompt) if len(models) == 1 else None


def _judge(found: ReadFinding, place: str) -> Reviewed | None:
    """Makes a reviewed finding of the last decision; None where no confidence was stated.

    An edit that gives it another type says that it was not what the engine called it.
    """
    stated = found.original
    if stated.observed.confidence is None:
        return None
    return Reviewed(
        type=stated.type,
        group=stated.group,
        stated=stated.observed.confidence,
        confirmed=found.reviews[-1].decision != "rejected" and found.type == stated.type,
        place=place,
    )


def _name_place(case: ReadCase) -> str:
    """Names the property: its address, however spaced or capitalised; else its case."""
    words = (case.property.address or "").casefold().replace(",", " ").split()
    return f"address {' '.join(words)}" if words else f"case {case.id}"


def count_places(reviewed: Sequence[Reviewed]) -> int:
    """Counts the properties that reviewed findings are of."""
    return len({one.place for one in reviewed})
