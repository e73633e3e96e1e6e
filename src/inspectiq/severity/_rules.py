"""`Rule` and `When`: a rule sets, raises or bounds a level, or asks for a person, on a condition.

Rules only ever go one way, so that more to worry about never makes a level milder:
what an engine states as worse (facts, extent) and people at risk may only raise a level, and a low
confidence may only ask for a person. A rule that tries otherwise is refused when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from inspectiq._values import Value
from inspectiq.domain._findings import Area, Finding, Location
from inspectiq.domain._observed import Observed
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._sourced import Sourced
from inspectiq.domain._taxonomy import Condition

__all__ = ["Number", "Rule", "When", "look_up_number"]

Number = Annotated[float, Field(ge=0)] | str
"""A number, or the name of one of the profile's thresholds."""


class When(Value):
    """The condition of a rule: all given parts must hold. An empty one always holds.

    Attributes:
        types: The finding is of one of these types.
        groups: It is in one of these groups, or of one of the types.
        areas: It is in one of these: `unit`, `inside`, `outside`.
        rooms: The room's name has the words of one of these, such as `bedroom`; case does not
            matter.
        condition: It is `wear`, `damage` or `unclear`.
        facts_any: One of these facts was stated.
        facts_all: All of these facts were stated.
        extent_over: The extent is known and is over this much, in the type's unit.
        extent_at_least: The extent is known and is at least this much, in the type's unit.
        occupants_at_risk: True: it is known that people at risk live there.
        confidence_below: The stated confidence is below this; where none is stated, it is not.
    """

    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    rooms: tuple[str, ...] = ()
    condition: Condition | None = None
    facts_any: tuple[str, ...] = ()
    facts_all: tuple[str, ...] = ()
    extent_over: Number | None = None
    extent_at_least: Number | None = None
    occupants_at_risk: bool = False
    confidence_below: Number | None = None

    @field_validator("rooms")
    @classmethod
    def _check_rooms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wordless := [name for name in value if not _split_words(name)]:
            raise ValueError(f"{wordless[0]!r} has no letters; name rooms in words")
        return value

    @property
    def is_worrying(self) -> bool:
        """Whether it asks for signs of danger: facts, an extent or people at risk."""
        return bool(self.facts_any or self.facts_all or self.occupants_at_risk or self.asks_extent)

    @property
    def is_doubt(self) -> bool:
        """Whether it asks for a low confidence."""
        return self.confidence_below is not None

    @property
    def asks_extent(self) -> bool:
        """Whether it compares the extent with a number."""
        return self.extent_over is not None or self.extent_at_least is not None

    def holds(self, finding: Finding, case: CaseFacts | None, numbers: Mapping[str, float]) -> bool:
        """Tells whether it holds for a finding.

        Args:
            finding: The finding.
            case: The facts of its case, where they are known.
            numbers: The profile's thresholds by name.
        """
        at_risk = case is not None and case.property.occupants_at_risk is True
        return (
            self._is_about(finding)
            and self._is_at(finding.location)
            and self._is_stated(finding.observed)
            and self._is_within(finding.observed, numbers)
            and (at_risk or not self.occupants_at_risk)
        )

    def _is_about(self, finding: Finding) -> bool:
        anything = not self.types and not self.groups
        return anything or finding.type in self.types or finding.group in self.groups

    def _is_at(self, location: Location) -> bool:
        return (not self.areas or location.area in self.areas) and (
            not self.rooms or _is_named(location.room or "", self.rooms)
        )

    def _is_stated(self, seen: Observed) -> bool:
        return (
            self.condition in (None, seen.condition)
            and (not self.facts_any or not set(self.facts_any).isdisjoint(seen.facts))
            and set(self.facts_all) <= set(seen.facts)
        )

    def _is_within(self, seen: Observed, numbers: Mapping[str, float]) -> bool:
        return (
            _is_above(seen.extent, self.extent_over, numbers)
            and _is_at_least(seen.extent, self.extent_at_least, numbers)
            and _is_below(seen.confidence, self.confidence_below, numbers)
        )


class Rule(Sourced):
    """One rule: an id, the condition under which it applies, and one of five outcomes.

    Attributes:
        id: Results name it as what decided.
        when: When it applies.
        level: Sets the level that the rules start from, in place of the engine's proposal; of
            several such rules the first that applies does.
        at_least: The level is at least this.
        at_most: The level is at most this.
        raise_by: So many levels higher, or the name of a threshold that says how many.
        review: True: a person must look first.
        source: Where the rule comes from.
        mark: How sure that is.

    Levels are keys of the profile, or the four words `low`, `medium`, `high`, `critical` that each
    profile maps onto its own.
    """

    id: Annotated[str, Field(min_length=1)]
    when: When = Field(default_factory=When)
    level: str | None = None
    at_least: str | None = None
    at_most: str | None = None
    raise_by: Annotated[int, Field(ge=0)] | str | None = None
    review: bool = False

    @model_validator(mode="after")
    def _check_direction(self) -> Rule:
        outcomes = (self.level, self.at_least, self.at_most, self.raise_by, self.review or None)
        if sum(outcome is not None for outcome in outcomes) != 1:
            raise ValueError(
                f"rule {self.id!r}: give one of level, at_least, at_most, raise_by, review"
            )
        rises = self.at_least is not None or self.raise_by is not None
        if self.when.is_worrying and not rises:
            raise ValueError(
                f"rule {self.id!r}: facts, extent and people at risk may only make it worse; "
                "use at_least or raise_by"
            )
        if self.when.is_doubt and not self.review:
            raise ValueError(
                f"rule {self.id!r}: a low confidence may only ask for a person; use review = true"
            )
        return self

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that it names."""
        return tuple(key for key in (self.level, self.at_least, self.at_most) if key is not None)

    @property
    def thresholds(self) -> tuple[str, ...]:
        """The thresholds that it names."""
        when = self.when
        numbers = (when.extent_over, when.extent_at_least, when.confidence_below, self.raise_by)
        return tuple(number for number in numbers if isinstance(number, str))


def look_up_number(number: Number, numbers: Mapping[str, float]) -> float:
    """Looks a number up where it is the name of a threshold."""
    return numbers[number] if isinstance(number, str) else number


def _is_above(value: float | None, bound: Number | None, numbers: Mapping[str, float]) -> bool:
    return bound is None or (value is not None and value > look_up_number(bound, numbers))


def _is_at_least(value: float | None, bound: Number | None, numbers: Mapping[str, float]) -> bool:
    return bound is None or (value is not None and value >= look_up_number(bound, numbers))


def _is_below(value: float | None, bound: Number | None, numbers: Mapping[str, float]) -> bool:
    return bound is None or (value is not None and value < look_up_number(bound, numbers))


def _is_named(room: str, names: tuple[str, ...]) -> bool:
    return any(_split_words(name) <= _split_words(room) for name in names)


def _split_words(name: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", name.casefold()))
