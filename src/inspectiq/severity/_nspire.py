"""Projects an NSPIRE score from findings of photos. It is a projection, not a HUD score."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import Field

from inspectiq._taking import require, require_all, require_number
from inspectiq._values import Value
from inspectiq.domain._findings import Area, Finding
from inspectiq.domain._severity import Severity
from inspectiq.domain._sourced import Sourced
from inspectiq.errors import ConfigError
from inspectiq.severity._policy import SeverityPolicy, take_policy
from inspectiq.severity._profile import SeverityProfile

__all__ = ["Deduction", "NspireProjection", "project_nspire_score"]


class Deduction(Value):
    """What one deficiency takes off the score: its weight over the units sampled, once an area.

    Attributes:
        unit: Which unit, as the caller named it; "" for what the units share.
        area: `unit`, `inside` or `outside`.
        type: Key of the type.
        level: The worst level among its findings.
        weight: Defect weight of the level in the area.
        findings: Ids of the findings.
    """

    unit: str
    area: Area
    type: str
    level: str
    weight: float
    findings: tuple[str, ...]


class NspireProjection(Sourced):
    """A projected NSPIRE score and what it is made of. It is no HUD score.

    Attributes:
        title: Says that it is no HUD score; show it with the number.
        score: 0–100, to one hundredth; below 0 is shown as 0, our assumption.
        fails: Whether the score is below 60.
        units_sampled: How many units were looked at.
        deductions: What was taken off, the heaviest first.
        cited: Ids of findings of smoke and carbon monoxide alarms: cited, not scored.
        left_out: Ids of findings that a person must look at: neither scored nor cited.
        source: Where the weights come from.
        mark: How sure that is.
    """

    title: str = "projection, not a HUD score"
    score: float
    fails: bool
    units_sampled: int
    deductions: tuple[Deduction, ...] = ()
    cited: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class DefectWeights(Sourced):
    """The data file of the score: defect weights by area and level, and what is only cited."""

    fails_below: float
    cited_only: tuple[str, ...]
    weights: Mapping[Area, Mapping[str, Annotated[float, Field(ge=0)]]]


def project_nspire_score(
    findings: Iterable[Finding] | Mapping[str, Iterable[Finding]],
    units_sampled: int,
    *,
    policy: SeverityProfile | Path | str | None = None,
) -> NspireProjection:
    """Projects the NSPIRE score of findings: 100 − Σ weight / units sampled.

    Args:
        findings: The findings of one unit and what is around it, such as `inspection.issues`; or
            those of several units, by any name of the unit. They are graded anew.
        units_sampled: How many units were looked at, also those without a finding.
        policy: Grades them, with the levels of NSPIRE; the profile `nspire` if not given. What
            `SeverityPolicy.of` takes.

    Raises:
        ConfigError: Fewer units than were given, or a policy with other levels.
    """
    by_unit = findings if isinstance(findings, Mapping) else {"": findings}
    choices = "give findings, such as inspection.issues, or a mapping of them by unit"
    units = {unit: require_all(given, "findings", choices) for unit, given in by_unit.items()}
    for finding in chain(*units.values()):
        require(finding, Finding, "findings", choices)
    table = read_weights()
    graded_by = take_policy("nspire" if policy is None else policy, "policy")
    _require_projectable(units, units_sampled, graded_by, table)
    tally = _Tally(table)
    for unit, given in units.items():
        for finding in given:
            tally.add(unit, finding, graded_by.grade(finding))
    heaviest = sorted(tally.deductions.values(), key=lambda one: -one.weight)
    score = max(0.0, 100 - sum(one.weight for one in heaviest) / units_sampled)
    return NspireProjection(
        source=table.source,
        mark=table.mark,
        score=round(score, 2),
        fails=score < table.fails_below,
        units_sampled=units_sampled,
        deductions=tuple(heaviest),
        cited=tuple(tally.cited),
        left_out=tuple(tally.left_out),
    )


def _require_projectable(
    units: Mapping[str, Iterable[Finding]],
    units_sampled: int,
    policy: SeverityPolicy,
    table: DefectWeights,
) -> None:
    require_number(units_sampled, "units_sampled", whole=True)
    if units_sampled < max(1, len(units)):
        raise ConfigError(
            f"units_sampled is {units_sampled}; it is at least 1, and at least the "
            f"{len(units)} units whose findings were given"
        )
    if strange := [level.key for level in policy.levels if level.key not in table.weights["unit"]]:
        raise ConfigError(
            f"{policy.name} has the level {strange[0]!r}, which NSPIRE does not weigh; "
            "use SeverityPolicy.of('nspire', ...)"
        )


@dataclass(slots=True)
class _Tally:
    """Adds up what findings take off a score, and lists those that take nothing."""

    table: DefectWeights
    deductions: dict[tuple[str, Area, str], Deduction] = field(default_factory=dict)
    cited: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, unit: str, finding: Finding, severity: Severity) -> None:
        """Counts a finding of a unit by its severity."""
        if severity.level is None or severity.review:
            self.left_out.append(finding.id)
        elif finding.type in self.table.cited_only:
            self.cited.append(finding.id)
        else:
            self._deduct(unit, finding, severity.level)

    def _deduct(self, unit: str, finding: Finding, level: str) -> None:
        area = finding.location.area
        one = Deduction(
            unit=unit if area == "unit" else "",
            area=area,
            type=finding.type,
            level=level,
            weight=self.table.weights[area][level],
            findings=(finding.id,),
        )
        key = (one.unit, area, one.type)
        before = self.deductions.get(key)
        if before is not None:  # one deficiency of an area: the worst of its findings counts
            worst = max(before, one, key=lambda each: each.weight)
            one = worst.model_copy(update={"findings": (*before.findings, *one.findings)})
        self.deductions[key] = one


@cache
def read_weights() -> DefectWeights:
    """Reads the weights that ship with inspectiq."""
    place = files("inspectiq.severity").joinpath("nspire_score.toml")
    return DefectWeights.model_validate(tomllib.loads(place.read_text(encoding="utf-8")))
