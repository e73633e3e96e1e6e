"""Chooses a level: from the proposal or a rule, up and down by the rules, between cap and floor.

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
from inspectiq.severity._profile import Level, SeverityProfile
from inspectiq.severity._rules import Rule, look_up_number

__all__ = ["LevelChoice", "choose_level"]

REVIEW = 1.5  # where `Severity.order` puts what needs review


class LevelChoice(NamedTuple):
    """The level that was chosen for a finding, and why.

    Attributes:
        level: The level; None where a person must look first.
        rule: What decided it.
        source: Where that comes from, with its mark.
        review: Why a person must look; several reasons are joined by semicolons.
    """

    level: Level | None
    rule: str
    source: str
    review: str = ""


def choose_level(profile: SeverityProfile, finding: Finding, case: CaseFacts | None) -> LevelChoice:
    """Chooses the level of a finding under a profile.

    Args:
        profile: Levels, rules, floors and caps.
        finding: What was seen; its own severity does not matter.
        case: The facts of its case, where they are known.
    """
    held = _list_rules(profile, finding, case)
    choice = _choose_start(profile, finding, held)
    for rule in held:
        level = _apply_rule(rule, choice.level, profile)
        if level != choice.level:
            choice = LevelChoice(level, rule.id, _cite_rule(rule, profile))
    choice = _apply_caps(profile, finding, choice)
    floor = _find_floor(profile, finding)
    if floor.level is not None and _get_order(floor.level) > _get_order(choice.level):
        choice = floor
    return _apply_review(profile, finding, held, choice, floor)


def _list_rules(
    profile: SeverityProfile, finding: Finding, case: CaseFacts | None
) -> tuple[Rule, ...]:
    """Lists the rules that hold for a finding, in their order."""
    return tuple(
        rule
        for rule in profile.rules
        if rule.when.holds(finding, case, profile.numbers)
        # What a person has confirmed is in no doubt any more.
        and not (finding.is_confirmed and rule.when.is_doubt)
    )


def _choose_start(profile: SeverityProfile, finding: Finding, held: Sequence[Rule]) -> LevelChoice:
    """Chooses the level to start from: that of the first rule that sets one, or the proposal."""
    for rule in held:
        if rule.level is not None:
            return LevelChoice(profile.find_level(rule.level), rule.id, rule.cite)
    proposed = finding.observed.proposed_level
    if proposed is None:
        return LevelChoice(None, "the engine proposed no level", profile.cite)
    level = profile.find_level(proposed)
    if level is None:
        return LevelChoice(None, _write_unknown_proposal(profile), profile.cite)
    mapped = profile.proposals.get(proposed)
    source = profile.cite if mapped is None else mapped.cite
    return LevelChoice(level, "proposed by the engine", source)


def _apply_rule(rule: Rule, level: Level | None, profile: SeverityProfile) -> Level | None:
    """Raises or bounds a level by one rule."""
    if rule.at_least is not None:
        return max(level, profile.find_level(rule.at_least), key=_get_order)
    if rule.at_most is not None:
        return min(level, profile.find_level(rule.at_most), key=_get_order)
    if rule.raise_by is not None and level is not None:
        rank = level.rank + int(look_up_number(rule.raise_by, profile.numbers))
        return profile.ladder[min(rank, len(profile.ladder)) - 1]
    return level


def _apply_caps(profile: SeverityProfile, finding: Finding, choice: LevelChoice) -> LevelChoice:
    for key in (finding.type, finding.group):
        if key not in profile.caps:
            continue
        cap = profile.caps[key]
        bound = profile.find_level(cap.level)
        if _get_order(bound) < _get_order(choice.level):
            choice = LevelChoice(bound, f"cap: {key}", cap.cite)
    return choice


def _find_floor(profile: SeverityProfile, finding: Finding) -> LevelChoice:
    """Finds the highest floor under a finding; no level where there is none."""
    floor = LevelChoice(None, "", "")
    for key in (finding.type, finding.group, *finding.observed.facts):
        if key not in profile.floors:
            continue
        found = profile.floors[key]
        bound = profile.find_level(found.level)
        if bound is not None and (floor.level is None or bound.rank > floor.level.rank):
            floor = LevelChoice(bound, f"floor: {key}", found.cite)
    return floor


def _apply_review(
    profile: SeverityProfile,
    finding: Finding,
    held: Sequence[Rule],
    choice: LevelChoice,
    floor: LevelChoice,
) -> LevelChoice:
    """Asks for a review where a person must look first; a floor holds meanwhile."""
    asked = [rule for rule in held if rule.review]
    doubts = [_explain_doubt(rule, finding, profile) for rule in asked if rule.when.is_doubt]
    reasons = _list_reasons(profile, finding, asked, choice)
    # A doubt alone does not hold up what is of the mildest level anyway.
    if not reasons and not (doubts and _is_above_mildest(choice.level)):
        return choice._replace(review="; ".join(doubts))
    reasons += doubts
    review = "; ".join(dict.fromkeys(reasons))
    if _is_above_mildest(floor.level):
        return floor._replace(review=review)
    source = next((rule.cite for rule in asked), profile.cite)
    return LevelChoice(None, reasons[0], source, review)


def _is_above_mildest(level: Level | None) -> bool:
    return level is not None and level.rank > 1


def _list_reasons(
    profile: SeverityProfile, finding: Finding, asked: Sequence[Rule], choice: LevelChoice
) -> list[str]:
    """Lists why a person must look first, doubts left aside."""
    reasons = [*finding.review, *(rule.id for rule in asked if not rule.when.is_doubt)]
    proposed = finding.observed.proposed_level
    if proposed is not None and profile.find_level(proposed) is None:
        reasons.append(_write_unknown_proposal(profile))
    elif choice.level is None:
        reasons.append(choice.rule)
    return reasons


def _write_unknown_proposal(profile: SeverityProfile) -> str:
    return f"{profile.name} has no such level as was proposed"


def _explain_doubt(rule: Rule, finding: Finding, profile: SeverityProfile) -> str:
    bound = rule.when.confidence_below
    assert bound is not None
    confidence = finding.observed.confidence
    return f"confidence {confidence:g} is below {look_up_number(bound, profile.numbers):g}"


def _cite_rule(rule: Rule, profile: SeverityProfile) -> str:
    """Cites the source of a rule, and of the numbers that it names."""
    numbers = [
        f"{name} {profile.thresholds[name].value:g}: {profile.thresholds[name].cite}"
        for name in rule.thresholds
    ]
    return "; ".join([rule.cite, *numbers])


def _get_order(level: Level | None) -> float:
    return REVIEW if level is None else level.rank
