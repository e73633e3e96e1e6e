"""Renders every level, time limit, number and rule of severity profiles as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspectiq.severity._profile import Level, SeverityProfile
from inspectiq.severity._rules import Rule, When

__all__ = ["render_severity_assumptions"]


def render_severity_assumptions(profiles: Sequence[SeverityProfile]) -> str:
    """Renders all that profiles say as Markdown, each entry with its source and mark."""
    lines = [
        "# What the severity profiles assume",
        "",
        "This page is made from the profiles' own data. A time limit that is not known says so.",
        "",
        "**V** seen at the source · **S** seen in secondary sources only · **A** an assumption.",
        "Which finding gets which level is an assumption of ours in every profile.",
    ]
    for profile in profiles:
        lines += ["", *_render_profile(profile)]
    return "\n".join(lines) + "\n"


def _render_profile(profile: SeverityProfile) -> Iterator[str]:
    yield f"## {profile.name}"
    yield ""
    begins, ends = profile.effective_from or "ever", profile.effective_to or "now on"
    yield f"Version {profile.version}, from {begins} to {ends}. {profile.source} [{profile.mark}]."
    yield ""
    yield "| what | says | source | mark |"
    yield "| --- | --- | --- | --- |"
    for level in profile.ladder:
        yield from _render_level(profile, level)
    for word, assigned in profile.proposals.items():
        yield _render_row(f"proposed {word}", assigned.level, assigned.source, assigned.mark)
    for name, number in profile.thresholds.items():
        yield _render_row(
            f"number {name}", f"{number.value:g} {number.unit}", number.source, number.mark
        )
    for rule in profile.rules:
        yield _render_row(f"rule {rule.id}", _render_rule(rule), rule.source, rule.mark)
    for key, assigned in profile.floors.items():
        yield _render_row(
            f"floor {key}", f"at least {assigned.level}", assigned.source, assigned.mark
        )
    for key, assigned in profile.caps.items():
        yield _render_row(f"cap {key}", f"at most {assigned.level}", assigned.source, assigned.mark)


def _render_level(profile: SeverityProfile, level: Level) -> Iterator[str]:
    what = f"level {level.key}"
    if not level.deadlines:
        yield _render_row(what, "no time limit", profile.source, profile.mark)
    for limit in level.deadlines:
        after = f"{limit.after} after {limit.clock}" if limit.after else "time limit not known"
        yield _render_row(what, f"{limit.action}: {after}", limit.source, limit.mark)


def _render_rule(rule: Rule) -> str:
    outcomes = {
        "is": rule.level,
        "at least": rule.at_least,
        "at most": rule.at_most,
        "raised by": rule.raise_by,
    }
    outcome = [f"{words} {value}" for words, value in outcomes.items() if value is not None]
    return f"{_render_when(rule.when)}: {'; '.join(outcome) or 'a person must look'}"


def _render_when(when: When) -> str:
    stated = when.model_dump(exclude_defaults=True)
    return "; ".join(
        f"{name.replace('_', ' ')} {_render_value(value)}" for name, value in stated.items()
    )


def _render_value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "yes" if value is True else str(value)


def _render_row(what: str, says: str, source: str, mark: str) -> str:
    return f"| {what} | {says} | {source} | {mark} |"
