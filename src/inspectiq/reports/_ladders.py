"""Finds the order of the levels that some results have, so that a table sorts by it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from inspectiq._taking import quote
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.severity._profile import SeverityProfile, take_profile
from inspectiq.severity._profile_files import PROFILES

__all__ = ["find_ladder", "list_shipped_levels"]


def find_ladder(
    results: Sequence[Result], severity: SeverityProfile | Path | str | None = None
) -> list[str] | None:
    """Finds the levels of some results, the mildest first; None where there is no one order.

    A result records the name of its profile, and the rank of each level that a finding has. Of a
    profile that ships, all levels are known. Of profiles that differ there is one order where one
    of them has all levels of the others, at the same ranks.

    Args:
        results: The results.
        severity: The profile whose levels these are.

    Raises:
        ConfigError: A result has a level that the profile has not.
    """
    if severity is not None:
        return _take_ladder(results, take_profile(severity, "severity"))
    by_profile: dict[str, set[tuple[str, int | None]]] = {}
    for result in results:
        named = result.provenance.severity
        levels = by_profile.setdefault(named, set(list_shipped_levels().get(named, ())))
        levels |= {
            (finding.severity.level, finding.severity.rank)
            for finding in result.found
            if finding.severity.level is not None
        }
    most = max(by_profile.values(), key=len, default=set())
    ranks = {rank: level for level, rank in most if rank is not None}
    is_one = all(levels <= most for levels in by_profile.values())
    if not is_one or len(set(ranks.values())) < len(most):  # else two share a rank, or one has two
        return None
    return [ranks[rank] for rank in sorted(ranks)]


def _take_ladder(results: Sequence[Result], profile: SeverityProfile) -> list[str]:
    ladder = [level.key for level in profile.ladder]
    for result in results:
        for finding in result.found:
            level = finding.severity.level
            if level is not None and level not in ladder:
                raise ConfigError(
                    f"severity: the result {result.id} has the level {quote(level)}, and "
                    f"{profile.name!r} has {', '.join(ladder)}; give the profile that graded it, "
                    "or regrade it first"
                )
    return ladder


@cache
def list_shipped_levels() -> dict[str, list[tuple[str, int | None]]]:
    """Lists the levels and ranks of the profiles that ship, by name and version."""
    profiles = map(SeverityProfile.named, PROFILES)
    return {
        f"{profile.name} {profile.version}": [(level.key, level.rank) for level in profile.levels]
        for profile in profiles
    }
