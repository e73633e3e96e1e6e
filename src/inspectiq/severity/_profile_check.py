"""Checks that a profile's rules, floors and caps name what a taxonomy knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inspectiq.domain._taxonomy import Taxonomy, Unit
from inspectiq.errors import ConfigError
from inspectiq.severity._profile import SeverityProfile
from inspectiq.severity._rules import Rule

__all__ = ["check_profile"]


def check_profile(profile: SeverityProfile, taxonomy: Taxonomy) -> None:
    """Makes sure that a profile names only what a taxonomy knows.

    Raises:
        ConfigError: It names an unknown type, group or fact, or measures an extent in another unit
            than the type's.
    """
    both = (taxonomy, Taxonomy.default())
    types = {kind.key for known in both for kind in known.types}
    groups = {group for known in both for group in known.groups}
    facts = {fact for known in both for fact in known.facts}
    for rule in profile.rules:
        when, where = rule.when, f"rule {rule.id!r} of {profile.name}"
        _require_known(where, "type", when.types, types)
        _require_known(where, "group", when.groups, groups)
        _require_known(where, "fact", (*when.facts_any, *when.facts_all), facts)
        if when.asks_extent:
            _require_unit(where, rule, profile, taxonomy)
    for key in profile.floors:
        where = f"the floor {key!r} of {profile.name}"
        _require_known(where, "type, group or fact", [key], types | groups | facts)
    for key in profile.caps:
        _require_known(f"the cap {key!r} of {profile.name}", "type or group", [key], types | groups)


def _require_known(where: str, what: str, keys: Iterable[str], known: set[str]) -> None:
    if unknown := [key for key in keys if key not in known]:
        raise ConfigError(
            f"{where} names the unknown {what} {unknown[0]!r}; write it as the taxonomy does, "
            "or add it there (types with taxonomy.with_types(...))"
        )


def _require_unit(where: str, rule: Rule, profile: SeverityProfile, taxonomy: Taxonomy) -> None:
    units = dict(_list_units(rule, taxonomy))
    if not rule.when.types and not rule.when.groups:
        raise ConfigError(f"{where} asks for an extent of anything; name types of one unit")
    if len(set(units.values())) > 1:
        raise ConfigError(f"{where} asks for an extent of types that are counted differently")
    for name in rule.thresholds:
        unit = profile.thresholds[name].unit
        for key, own in units.items():
            if unit in {"sq_ft", "lin_ft", "each"} and own != unit:
                raise ConfigError(
                    f"{where} compares {key!r}, which is counted in {own}, with {name}, which is "
                    f"in {unit}; give the threshold or the type the other unit"
                )


def _list_units(rule: Rule, taxonomy: Taxonomy) -> Iterator[tuple[str, Unit]]:
    for kind in taxonomy.types:
        if kind.key in rule.when.types or kind.group in rule.when.groups:
            yield kind.key, kind.unit
