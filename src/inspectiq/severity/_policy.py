"""`SeverityPolicy`: grades findings by a severity profile and a house's overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Self

from pydantic import Field

from inspectiq._taking import refuse, require, require_all
from inspectiq.domain._emergencies import Emergency
from inspectiq.domain._findings import Finding, find_most_urgent
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._severity import Severity
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.severity._level_choice import choose_level
from inspectiq.severity._profile import Assignment, Level, SeverityProfile, take_profile
from inspectiq.severity._profile_check import check_profile
from inspectiq.severity._rules import Rule
from inspectiq.severity._working_days import WorkingCalendar, take_calendar

__all__ = ["SeverityPolicy", "take_policy"]

OVERRIDE = "house override"


class SeverityPolicy(SeverityProfile):
    """Decides how bad a finding is, and by when what must be done.

    A policy is a profile with a house's own numbers, rules, floors and caps already in it, and the
    house's working days. The engine proposes a level and states facts; the policy decides; the
    severity keeps both, and the rule that decided. What a person must look at first has no level,
    but for a floor.

    Attributes:
        calendar: Which days are worked, for time limits in working days.
    """

    calendar: WorkingCalendar = Field(default_factory=WorkingCalendar)

    @classmethod
    def default(cls) -> SeverityPolicy:
        """Makes the policy that ships with inspectiq: the profile `house` as it is."""
        return _make_default()

    @classmethod
    def of(
        cls,
        profile: SeverityProfile | Path | str,
        *,
        floors: Mapping[str, str | Assignment] | None = None,
        caps: Mapping[str, str | Assignment] | None = None,
        rules: Sequence[Rule] = (),
        calendar: WorkingCalendar | Path | str | None = None,
        **thresholds: float,
    ) -> Self:
        """Makes a policy of a profile and a house's overrides, one line each.

            SeverityPolicy.of("awaab", review_below=0.6, floors={"damp": "significant"})

        Args:
            profile: The name of a profile that ships, the path of a file, or a profile.
            floors: The level that a type, group or fact never falls below.
            caps: The level that a type or group never rises above.
            rules: Rules that come before the profile's; one of the same id replaces it.
            calendar: Which days are worked: a calendar, or the path of a file.
            thresholds: Numbers of the profile, by name, such as `review_below`, `mold_sq_ft`,
                `mold_large_sq_ft`, `sleeping_room`, `occupants_at_risk`.

        Raises:
            ConfigError: There is no such profile, threshold or level, or a value does not fit.
        """
        base = take_profile(profile, "profile")
        rules = _require_rules(rules)
        own = {rule.id for rule in rules}
        fields = {name: getattr(base, name) for name in cls.model_fields if hasattr(base, name)}
        fields |= {
            "thresholds": {**base.thresholds, **_override_thresholds(base, thresholds)},
            "rules": (*rules, *(rule for rule in base.rules if rule.id not in own)),
            "floors": {**base.floors, **_assign_levels("floors", floors)},
            "caps": {**base.caps, **_assign_levels("caps", caps)},
        }
        if calendar is not None:
            fields["calendar"] = take_calendar(calendar, "calendar")
        return cls.model_validate(fields)

    def check(self, taxonomy: Taxonomy) -> None:
        """Makes sure that rules, floors and caps name what a taxonomy knows.

        What the shipped taxonomy knows is known as well, so that a smaller one of your own goes
        with the shipped profiles.

        Raises:
            ConfigError: One names an unknown type, group or fact, or measures an extent in another
                unit than the type's; it says which.
        """
        require(taxonomy, Taxonomy, "taxonomy", "give a Taxonomy")
        check_profile(self, taxonomy)

    def grade(
        self, finding: Finding, case: CaseFacts | None = None, *, as_of: date | None = None
    ) -> Severity:
        """Grades a finding: its severity, with its deadlines.

        Args:
            finding: The finding.
            case: The facts of its case: moments, time zone, people at risk. Without it, deadlines
                say which moment they need.
            as_of: The day whose rules count; None does not ask whether the profile applies.

        Raises:
            ConfigError: The profile does not apply on that day.
        """
        require(finding, Finding, "finding", "give a finding of a result, such as an Issue")
        require(case, (CaseFacts, NoneType), "case", "give the facts of the case, or a Case")
        if as_of is not None:
            self.require_effect(as_of)
        choice = choose_level(self, finding, case)
        proposed = finding.observed.proposed_level
        if choice.level is None:
            review = Severity.needs_review(because=choice.rule, proposed=proposed)
            return review.model_copy(update={"source": choice.source, "review": choice.review})
        return self._make_severity(
            choice.level,
            case,
            proposed=proposed,
            rule=choice.rule,
            source=choice.source,
            review=choice.review,
        )

    def make_severity(
        self,
        key: str,
        *,
        because: str,
        source: str | None = None,
        proposed: str | None = None,
        case: CaseFacts | None = None,
    ) -> Severity:
        """Makes a severity of a level's key, with its deadlines, for grading of your own.

        Args:
            key: Key of a level, or one of the words that an engine may propose.
            because: What decided, in your words.
            source: Where that comes from, such as "house rules of 2026 [A]"; the profile if not
                given.
            proposed: What the engine proposed.
            case: The facts of the case, which start the deadlines.

        Raises:
            ConfigError: The policy has no such level.
        """
        require(case, (CaseFacts, NoneType), "case", "give the facts of the case, or a Case")
        level = self.find_level(key)
        if level is None:
            choices = ", ".join(level.key for level in self.levels)
            raise ConfigError(f"{self.name} has no level {key!r}; it has {choices}")
        return self._make_severity(
            level, case, proposed=proposed, rule=because, source=source or self.cite
        )

    def grade_urgency(
        self,
        findings: Iterable[Finding],
        emergencies: Sequence[Emergency] = (),
        case: CaseFacts | None = None,
    ) -> Severity | None:
        """Grades a whole case: by its worst finding, or with the worst level in an emergency.

        Args:
            findings: The findings, graded.
            emergencies: What the emergency screen found, the most pressing first.
            case: The facts of the case, which start the deadlines.

        Returns:
            None where there is neither a finding nor an emergency.
        """
        choices = "give findings of a result"
        findings = require_all(findings, "findings", choices)
        for finding in findings:
            require(finding, Finding, "findings", choices)
        for emergency in require_all(emergencies, "emergencies", "give those of a screening"):
            require(emergency, Emergency, "emergencies", "give those of a screening")
        worst = find_most_urgent(findings)
        if not emergencies:
            return worst
        kinds = ", ".join(emergency.kind for emergency in emergencies)
        return self.make_severity(
            self.ladder[-1].key, because=f"emergency screen: {kinds}", case=case
        )

    def _make_severity(self, level: Level, case: CaseFacts | None, **decided: Any) -> Severity:
        return Severity(
            level=level.key,
            rank=level.rank,
            label=level.label,
            colour=level.colour,
            deadlines=tuple(
                limit.compute_deadline(case, self.calendar, of=f"{self.name} {level.key}")
                for limit in level.deadlines
            ),
            **decided,
        )


_BY_HOUSE = {"source": OVERRIDE, "mark": "A"}


def _override_thresholds(
    base: SeverityProfile, thresholds: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    if unknown := [name for name in thresholds if name not in base.thresholds]:
        raise ConfigError(
            f"{base.name} has no threshold {unknown[0]!r}; "
            f"it has {', '.join(base.thresholds) or 'none'}"
        )
    return {
        name: {"value": value, "unit": base.thresholds[name].unit, **_BY_HOUSE}
        for name, value in thresholds.items()
    }


def _assign_levels(argument: str, levels: Mapping[str, str | Assignment] | None) -> dict[str, Any]:
    if levels is not None and not isinstance(levels, Mapping):
        refuse(levels, argument, 'give a mapping of key to level, such as {"damp": "high"}')
    return {
        key: {"level": level, **_BY_HOUSE} if isinstance(level, str) else level
        for key, level in (levels or {}).items()
    }


def _require_rules(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    given: object = rules
    if not isinstance(given, Sequence):
        refuse(given, "rules", "give a list of Rule")
    for rule in given:
        if not isinstance(rule, Rule):
            refuse(rule, "rules", "give a list of Rule")
    return tuple(given)


def take_policy(given: SeverityProfile | Path | str, argument: str) -> SeverityPolicy:
    """Takes a policy, or makes one of a profile, the name of one that ships, or a file.

    Raises:
        ConfigError: It is nothing of these; with the choices.
    """
    if isinstance(given, SeverityPolicy):
        return given
    return SeverityPolicy.of(take_profile(given, argument))


@cache
def _make_default() -> SeverityPolicy:
    return SeverityPolicy.of("house")
