"""Reads a taxonomy from a file that changes another one, or stands alone."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inspectiq._files import parse_table, read_text
from inspectiq._refusals import validate_raw
from inspectiq._validate import Faults
from inspectiq.domain._taxonomy import IssueType, Taxonomy

__all__ = ["read_taxonomy"]

TOP_LEVEL = "name, version, standalone, without, facts, aliases, groups"
OF_A_TYPE = (
    "label, trade, unit, seen_by, condition, code, diy_veto, diy_veto_over, action, safety, "
    "symptoms, system, usual_level"
)


def read_taxonomy(path: Path, under: Taxonomy | None) -> Taxonomy:
    """Reads a taxonomy from a file that changes another one, or stands alone."""
    raw, faults = parse_table(read_text(path, "taxonomy"), path, form="TOML"), Faults()
    if raw.pop("types", None) is not None:
        faults["types",] = "types stand in their group; write [groups.plumbing.types.clog]"
    alone = raw.pop("standalone", False)
    if not isinstance(alone, bool):
        faults["standalone",] = "this is neither true nor false; write one of them"
    under = _leave_out(raw.pop("without", []), None if alone is True else under, faults)
    groups, types = _merge_groups(faults.take_table(raw.pop("groups", {}), "groups"), under, faults)
    facts = faults.take_table(raw.pop("facts", {}), "facts")
    aliases = faults.take_table(raw.pop("aliases", {}), "aliases")
    _check_aliases(aliases, types, faults)
    if under:
        raw = {"name": under.name, "version": under.version, **raw}
        facts = {**under.facts, **facts}
        kept = {alias: key for alias, key in under.aliases.items() if alias not in types}
        aliases = {**kept, **aliases}
    kinds = tuple(kind for kind in types.values() if kind)
    parts = {"groups": groups, "types": kinds, "facts": facts, "aliases": aliases}
    try:
        taxonomy = validate_raw(Taxonomy, {**raw, **parts})
    except ValidationError as error:
        faults.note(error, fields=TOP_LEVEL)
        if len(faults) > 1:
            faults.pop((), None)  # what is wrong with the whole follows from its parts
    faults.raise_if_any(path)
    return taxonomy


def _check_aliases(aliases: dict[str, Any], types: Container[str], faults: Faults) -> None:
    for alias, key in aliases.items():
        if alias in types or not isinstance(key, str) or key not in types:
            faults["aliases", alias] = "an alias is no type itself and stands for one; mend it"


def _leave_out(keys: object, under: Taxonomy | None, faults: Faults) -> Taxonomy | None:
    if not isinstance(keys, list):
        faults["without",] = 'this is no list of types; write it as ["graffiti"]'
        return under
    for key in keys:
        if under is None or not isinstance(key, str) or key not in under:
            faults["without", str(key)] = "there is no such type; leave it away"
        elif len(under.types) == 1:
            faults["without",] = "no type would be left; write standalone = true instead"
        else:
            under = under.without_types(key)
    return under


def _merge_groups(
    tables: dict[str, Any], under: Taxonomy | None, faults: Faults
) -> tuple[dict[str, str], dict[str, IssueType | None]]:
    """Merges the groups and types that a file lists; None for a type that is wrong."""
    groups = dict(under.groups) if under else {}
    types: dict[str, IssueType | None] = {kind.key: kind for kind in under.types} if under else {}
    group_of: dict[str, str] = {}
    for group, table in tables.items():
        shared = faults.take_table(table, "groups", group)
        own = faults.take_table(shared.pop("types", {}), "groups", group, "types")
        label = shared.pop("label", groups.get(group))
        if isinstance(label, str):
            groups[group] = label
        else:
            faults["groups", group, "label"] = 'a group needs one; write label = "Plain words"'
        if shared and not own:
            faults["groups", group] = "its defaults are for types that it lists; list some"
        for key, entry in own.items():
            place = ("groups", group, "types", key)
            if group_of.setdefault(key, group) != group:
                faults[place] = f"this type stands in {group_of[key]} too; leave one away"
            fields = faults.take_table(entry, *place)
            types[key] = _merge_type(place, types.get(key), shared, fields, faults)
    return groups, types


def _merge_type(
    place: tuple[str, str, str, str],
    known: IssueType | None,
    shared: dict[str, Any],
    fields: dict[str, Any],
    faults: Faults,
) -> IssueType | None:
    """Merges a type: what is known of it, then its group's defaults, then its own fields."""
    _, group, _, key = place
    for name in {"key", "group"} & (fields.keys() | shared.keys()):
        faults[*place, name] = "the table that it stands in says this; leave it away"
    before = known.model_dump() if known else {}
    try:
        return validate_raw(IssueType, before | shared | fields | {"key": key, "group": group})
    except ValidationError as error:
        inherited = {name: place[:2] for name in shared if name not in fields}
        faults.note(error, *place, fields=OF_A_TYPE, inherited=inherited)
        return None
