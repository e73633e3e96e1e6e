"""`SeverityProfile`: levels with their time limits, and the rules that lead to them; dated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from inspectiq._files import to_path
from inspectiq._refusals import validate_raw
from inspectiq._short_forms import shorten
from inspectiq._taking import require, require_day, take
from inspectiq._values import FROZEN, FrozenMap, Value, hash_content
from inspectiq.domain._sourced import Sourced
from inspectiq.errors import ConfigError
from inspectiq.severity._deadlines import Span, TimeLimit
from inspectiq.severity._profile_errors import explain_fault
from inspectiq.severity._profile_files import PROFILES, read_own_table, read_profile
from inspectiq.severity._rules import Rule, When
from inspectiq.severity._working_days import WorkingCalendar

__all__ = ["Assignment", "Level", "SeverityProfile", "Threshold", "take_profile"]

PROPOSALS = ("low", "medium", "high", "critical")
"""The words that the shipped agents let an engine propose, the mildest first."""


class Level(Value):
    """One level of severity: its rank, words, colour and time limits.

    Attributes:
        key: The code that results use.
        label: Plain words.
        rank: 1 the mildest, then 2, 3, … without a gap.
        colour: As `#rrggbb`.
        deadlines: What is to be done within which time; several where there are several clocks.
    """

    key: str
    label: str
    rank: Annotated[int, Field(ge=1)]
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    deadlines: tuple[TimeLimit, ...] = ()


class Assignment(Sourced):
    """The level assigned to a key of the taxonomy or a proposed word. A bare string will do.

    Attributes:
        level: Key of a level, or one of the words that a profile maps onto its levels.
        source: Where that comes from.
        mark: How sure that is.
    """

    level: str

    @model_validator(mode="before")
    @classmethod
    def _accept_bare_level(cls, value: Any) -> Any:
        return {"level": value} if isinstance(value, str) else value


class Threshold(Sourced):
    """A number that rules name, so that a house can set it in one place.

    Attributes:
        value: The number.
        unit: A `share` (0–1), an extent in `sq_ft`, `lin_ft` or `each`, or whole `levels`.
        source: Where the number comes from.
        mark: How sure that is.
    """

    value: Annotated[float, Field(ge=0)]
    unit: Literal["share", "sq_ft", "lin_ft", "each", "levels"]

    @model_validator(mode="after")
    def _check_unit(self) -> Threshold:
        if self.unit == "share" and self.value > 1:
            raise ValueError(f"a share is a number from 0 to 1, and {self.value:g} is not")
        if self.unit == "levels" and not self.value.is_integer():
            raise ValueError(f"levels are counted in whole numbers, and {self.value:g} is not one")
        return self


_PARTS: dict[str, type[Value]] = {
    "levels": Level,
    "deadlines": TimeLimit,
    "after": Span,
    "rules": Rule,
    "when": When,
    "thresholds": Threshold,
    "proposals": Assignment,
    "floors": Assignment,
    "caps": Assignment,
    "calendar": WorkingCalendar,
}
"""The model of the entries of each table in a file."""


class SeverityProfile(Sourced):
    """The levels, time limits and rules of one standard, with its source and dates of effect.

    Attributes:
        name: Results record it.
        version: Results record it.
        source: Who set the levels and time limits.
        mark: How sure that is.
        effective_from: First day on which it applies; None for no bound.
        effective_to: Last day on which it applies; None for no bound.
        successor: Name of the profile that follows it; "" for none.
        levels: The levels.
        proposals: The level for each word that an engine may propose and that is no level of the
            profile. Rules may use these words as well.
        thresholds: Numbers that rules name.
        rules: In order; see `Rule`.
        floors: The level that a type, group or fact never falls below, whatever an engine says and
            also where a person must look first.
        caps: The level that a type or group never rises above, but for a floor.
    """

    name: Annotated[str, Field(min_length=1)]
    version: str
    effective_from: date | None = None
    effective_to: date | None = None
    successor: str = ""
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    proposals: Annotated[Mapping[str, Assignment], FROZEN] = FrozenMap()
    thresholds: Annotated[Mapping[str, Threshold], FROZEN] = FrozenMap()
    rules: tuple[Rule, ...] = ()
    floors: Annotated[Mapping[str, Assignment], FROZEN] = FrozenMap()
    caps: Annotated[Mapping[str, Assignment], FROZEN] = FrozenMap()

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "name", shorten(self.name)
        yield "version", shorten(self.version)
        yield "levels", shorten(", ".join(level.key for level in self.ladder))
        yield "rules", len(self.rules)
        yield "floors", len(self.floors)
        yield "caps", len(self.caps)

    @model_validator(mode="after")
    def _check_consistency(self) -> Self:
        begins, ends = self.effective_from, self.effective_to
        if begins and ends and ends < begins:
            raise ValueError("effective_to is before effective_from")
        for field in ("key", "rank"):
            if len({getattr(level, field) for level in self.levels}) < len(self.levels):
                raise ValueError(f"two levels share a {field}")
        if [level.rank for level in self.ladder] != [*range(1, len(self.levels) + 1)]:
            raise ValueError("ranks are 1, 2, 3, … without a gap")
        self._check_proposals()
        self._check_named_levels()
        self._check_proposed_order()
        self._check_rules()
        return self

    def _repr_html_(self) -> str:
        from inspectiq.reports._notebook_values import render_profile

        return render_profile(self)

    @classmethod
    def named(cls, name: str) -> Self:
        """Reads a profile that ships with inspectiq: house, nspire, nspire_hcv, awaab or asap.

        Raises:
            ConfigError: There is no such profile.
        """
        return cls.model_validate(read_profile(name))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Reads a profile from a TOML file, or from a JSON file such as `model_dump_json` gives.

        `base = "house"` at its top takes proposals, thresholds, rules, floors and caps, and levels
        where it has none, from a profile that ships; its own stand before or replace them.

        Raises:
            ConfigError: The file cannot be read, or is not a profile; with the place in it.
        """
        path = to_path(path, "severity profile")
        raw = read_profile(path)
        try:
            return validate_raw(cls, raw)
        except ValidationError as error:
            own = read_own_table(path)
            fault = explain_fault(error, own, {"": cls, **_PARTS})
            raise ConfigError(f"{path}: {fault}") from error

    @cached_property
    def sha256(self) -> str:
        """Content hash; results record it."""
        return hash_content(self)

    @cached_property
    def ladder(self) -> tuple[Level, ...]:
        """The levels, the mildest first."""
        return tuple(sorted(self.levels, key=lambda level: level.rank))

    def find_level(self, word: str) -> Level | None:
        """Finds the level of a key, or the one that a proposed word means; None for neither."""
        require(word, str, "word", "give the key of a level, or a proposed word")
        if word in self._by_key:
            return self._by_key[word]
        assigned = self.proposals.get(word)
        return None if assigned is None else self._by_key.get(assigned.level)

    def require_effect(self, as_of: date) -> None:
        """Makes sure that the profile applies on a day.

        Raises:
            ConfigError: It does not apply yet, or no longer; with its dates.
        """
        require_day(as_of, "as_of")
        early = self.effective_from is not None and as_of < self.effective_from
        late = self.effective_to is not None and as_of > self.effective_to
        if not early and not late:
            return
        follows = f"; {self.successor} follows it" if late and self.successor else ""
        raise ConfigError(
            f"{self.name} {self.version} applies from {self.effective_from or 'ever'} to "
            f"{self.effective_to or 'now on'}, and {as_of} is "
            f"{'before' if early else 'after'} that{follows}; "
            "choose the profile that applied on that day"
        )

    @cached_property
    def numbers(self) -> Mapping[str, float]:
        """The numbers of the thresholds by name."""
        return {name: threshold.value for name, threshold in self.thresholds.items()}

    @cached_property
    def _by_key(self) -> dict[str, Level]:
        return {level.key: level for level in self.levels}

    def _check_proposals(self) -> None:
        for word, item in self.proposals.items():
            if item.level not in self._by_key or (word in self._by_key and item.level != word):
                raise ValueError(
                    f"the proposal {word!r} must stand for a level of the profile, and for itself "
                    "where it is one"
                )

    def _check_named_levels(self) -> None:
        named = {
            **{f"the floor of {key!r}": item.level for key, item in self.floors.items()},
            **{f"the cap of {key!r}": item.level for key, item in self.caps.items()},
            **{f"rule {rule.id!r}": key for rule in self.rules for key in rule.levels},
        }
        for where, word in named.items():
            if self.find_level(word) is None:
                choices = ", ".join({**self._by_key, **self.proposals})
                raise ValueError(f"{where} names the level {word!r}; there is {choices}")

    def _check_proposed_order(self) -> None:
        ranks = [level.rank for level in map(self.find_level, PROPOSALS) if level is not None]
        if any(mild > bad for mild, bad in pairwise(ranks)):
            raise ValueError("a worse proposal may not stand for a milder level")

    def _check_rules(self) -> None:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"two rules share the id {rule.id!r}")
            seen.add(rule.id)
            if unknown := [name for name in rule.thresholds if name not in self.thresholds]:
                choices = ", ".join(self.thresholds) or "none"
                raise ValueError(
                    f"rule {rule.id!r} names the threshold {unknown[0]!r}; there is {choices}"
                )


def take_profile(given: SeverityProfile | Path | str, argument: str) -> SeverityProfile:
    """Takes a profile, the name of one that ships, or the path of a file.

    Raises:
        ConfigError: It is nothing of these; with the choices.
    """
    return take(
        given,
        SeverityProfile,
        argument,
        read_file=SeverityProfile.from_file,
        files=(".toml", ".json"),
        make_named=SeverityProfile.named,
        names=PROFILES,
        called="SeverityPolicy",
    )
