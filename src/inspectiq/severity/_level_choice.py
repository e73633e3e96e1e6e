"""Decides a level: from the proposal or a rule, up and down by the rules, between cap and floor.

The order of what can come out is: the mildest level, needs review, the second level, and so on.
Each step keeps that order, and no fact, extent, person at risk or confidence can make a step go
down; so more to worry about, or more certainty, never ends lower.

A doubt about what is the mildest level anyway asks for no review, which would put it higher than
certainty does; it is noted beside the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from inspectiq.domain._findings import Finding
from inspectiq.domain._property import CaseFacts
from inspectiq.severity._profile import Assignment, Level, SeverityProfile
from inspectiq.severity._rules import Rule, look_up_number

__all__ = ["LevelChoice", "choose_level"]

REVIEW = 1.5  # where `Severity.order` puts what needs review


class LevelChoice(NamedTuple):
    """What was decided.

    Attributes:
        level: The level; None where a person must look first.
        rule: What decided.
        source: Where that comes from, with its mark.
        review: Why a person must look; several reasons are joined by semicolons.
    """

    level: Level | None
    rule: str
    source: str
    review: str = ""


def choose_level(profile: SeverityProfile, finding: Finding, case: CaseFacts | None) -> LevelChoice:
    """The level of a finding under a profile.

    Args:
        profile: Levels, rules, floors and caps.
        finding: What was seen; its own severity does not matter.
        case: The facts of its case, where they are known.
    """
    numbers = {name: threshold.value for name, threshold in profile.thresholds.items()}
    held = [rule for rule in profile.rules if rule.when.holds(finding, case, numbers)]
    if finding.is_confirmed:  # what a person has confirmed is in no doubt any more
        held = [rule for rule in held if not rule.when.is_doubt]
    verdict = _choose_start(profile, finding, held)
    for rule in held:
        level = _apply_rule(rule, verdict.level, profile, numbers)
        if level != verdict.level:
            verdict = LevelChoice(level, rule.id, _cite_rule(rule, profile))
    verdict = _apply_caps(profile, finding, verdict)
    floor = _find_floor(profile, finding)
    if floor.level is not None and _get_order(floor.level) > _get_order(verdict.level):
        verdict = floor
    return _apply_review(profile, finding, held, verdict, floor)


def _choose_start(profile: SeverityProfile, finding: Finding, held: Sequence[Rule]) -> LevelChoice:
    for rule in held:
        if rule.level is not None:
            return LevelChoice(profile.find_level(rule.level), rule.id, rule.cite)
    proposed = finding.observed.proposed_level
    if proposed is None:
        return LevelChoice(None, "the engine proposed no level", profile.cite)
    level = profile.find_level(proposed)
    if level is None:
        return LevelChoice(None, f"{profile.name} has no such level as was proposed", profile.cite)
    mapped = profile.proposals.get(proposed)
    source = profile.cite if mapped is None else mapped.cite
    return LevelChoice(level, "proposed by the engine", source)


def _apply_rule(
    rule: Rule, level: Level | None, profile: SeverityProfile, numbers: dict[str, float]
) -> Level | None:
    """The level after one rule."""
    if rule.at_least is not None:
        bound = profile.find_level(rule.at_least)
        return bound if _get_order(bound) > _get_order(level) else level
    if rule.at_most is not None:
        bound = profile.find_level(rule.at_most)
        return bound if _get_order(bound) < _get_order(level) else level
    if rule.raise_by is not None and level is not None:
        rank = level.rank + int(look_up_number(rule.raise_by, numbers))
        return profile.ladder[min(rank, len(profile.ladder)) - 1]
    return level


def _apply_caps(profile: SeverityProfile, finding: Finding, verdict: LevelChoice) -> LevelChoice:
    for key in (finding.type, finding.group):
        cap = profile.caps.get(key)
        bound = None if cap is None else profile.find_level(cap.level)
        if cap is not None and _get_order(bound) < _get_order(verdict.level):
            verdict = LevelChoice(bound, f"cap: {key}", cap.cite)
    return verdict


def _find_floor(profile: SeverityProfile, finding: Finding) -> LevelChoice:
    """The highest floor under a finding; no level where there is none."""
    floor = LevelChoice(None, "", "")
    for key in (finding.type, finding.group, *finding.observed.facts):
        found: Assignment | None = profile.floors.get(key)
        bound = None if found is None else profile.find_level(found.level)
        if (
            found is not None
            and bound is not None
            and (floor.level is None or bound.rank > floor.level.rank)
        ):
            floor = LevelChoice(bound, f"floor: {key}", found.cite)
    return floor


def _apply_review(
    profile: SeverityProfile,
    finding: Finding,
    held: Sequence[Rule],
    verdict: LevelChoice,
    floor: LevelChoice,
) -> LevelChoice:
    """The verdict, or a review where a person must look first; a floor holds meanwhile."""
    asked = [rule for rule in held if rule.review]
    doubts = [_explain_doubt(rule, finding, profile) for rule in asked if rule.when.is_doubt]
    reasons = [*finding.review, *(rule.id for rule in asked if not rule.when.is_doubt)]
    proposed = finding.observed.proposed_level
    if proposed is not None and profile.find_level(proposed) is None:
        reasons.append(f"{profile.name} has no such level as was proposed")
    elif verdict.level is None:
        reasons.append(verdict.rule)
    if verdict.level is None or verdict.level.rank > 1:
        reasons += doubts
    elif doubts and not reasons:
        return verdict._replace(review="; ".join(doubts))
    if not reasons:
        return verdict
    review = "; ".join(dict.fromkeys([*reasons, *doubts]))
    if floor.level is not None and floor.level.rank > 1:
        return floor._replace(review=review)
    source = next((rule.cite for rule in asked), profile.cite)
    return LevelChoice(None, reasons[0], source, review)


def _explain_doubt(rule: Rule, finding: Finding, profile: SeverityProfile) -> str:
    bound = rule.when.confidence_below
    assert bound is not None
    numbers = {name: threshold.value for name, threshold in profile.thresholds.items()}
    confidence = finding.observed.confidence
    return f"confidence {confidence:g} is below {look_up_number(bound, numbers):g}"


def _cite_rule(rule: Rule, profile: SeverityProfile) -> str:
    """The source of a rule, and of the numbers that it names."""
    numbers = [
        f"{name} {profile.thresholds[name].value:g}: {profile.thresholds[name].cite}"
        for name in rule.thresholds
    ]
    return "; ".join([rule.cite, *numbers])


def _get_order(level: Level | None) -> float:
    return REVIEW if level is None else level.rank
