"""Reads a screen from its file, laid over another one: lists grow, single values are replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from inspectiq._files import parse_table, read_text
from inspectiq._refusals import validate_raw
from inspectiq._validate import Faults
from inspectiq._values import Value
from inspectiq.screening._rules import EmergencyKind, EmergencyNumber, EmergencyWords, Language

__all__ = ["merge_tables"]

SCREEN_FIELDS = ("name", "version", "acts", "kinds", "numbers", "languages")
LISTS = ("common_words", "foreign_words", "denials", "harmless")

ValueT = TypeVar("ValueT", bound=Value)


def merge_tables(path: Path, under: Mapping[str, Any]) -> dict[str, Any]:
    """Reads the fields of a screen from a file, laid over those of another screen.

    Args:
        path: The file.
        under: The fields of the other screen; empty for none.

    Raises:
        ConfigError: The file cannot be read, or is wrong; with the first place that is.
    """
    raw, faults = parse_table(read_text(path, "screen"), path, form="TOML"), Faults()
    for name in raw.keys() - set(SCREEN_FIELDS):
        faults[name,] = f"there is no such name; use one of {', '.join(SCREEN_FIELDS)}"
    fields: dict[str, Any] = {name: {} for name in SCREEN_FIELDS[2:]} | dict(under)
    for name in ("name", "version"):
        fields[name] = _read_text_field(name, raw.get(name, fields.get(name)), faults)
    new = {name: faults.take_table(raw.get(name, {}), name) for name in SCREEN_FIELDS[2:]}
    fields["acts"] = {**fields["acts"], **_read_acts(new["acts"], faults)}
    fields["kinds"] = {**fields["kinds"], **_read_kinds(new["kinds"], fields["acts"], faults)}
    fields["numbers"] = {**fields["numbers"], **_read_numbers(new["numbers"], faults)}
    read = _read_languages(new["languages"], fields, faults)
    fields["languages"] = {**fields["languages"], **read}
    faults.raise_if_any(path)
    return fields


def _read_text_field(name: str, value: Any, faults: Faults) -> Any:
    if not isinstance(value, str) or not value:
        faults[name,] = f'this is missing or no text; write {name} = "ours"'
    return value


def _read_acts(entries: Mapping[str, Any], faults: Faults) -> dict[str, str]:
    for act, told in entries.items():
        if not isinstance(told, str) or not told:
            faults["acts", act] = "this is no text; write what the act is"
    return dict(entries)


def _read_kinds(
    entries: Mapping[str, Any], acts: Mapping[str, str], faults: Faults
) -> dict[str, EmergencyKind]:
    def make_kind(key: str, entry: Any) -> EmergencyKind:
        if not key.isidentifier() or key != key.lower():
            faults["kinds", key] = "a kind is small letters and underscores; write it so"
        found = validate_raw(EmergencyKind, entry)
        _check_acts(found.forbids, acts, faults, "kinds", key, "forbids")
        return found

    return _make_each(entries, make_kind, faults, "kinds", fields=EmergencyKind)


def _read_numbers(entries: Mapping[str, Any], faults: Faults) -> dict[str, EmergencyNumber]:
    def make_number(country: str, entry: Any) -> EmergencyNumber:
        if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):
            faults["numbers", country] = "a country is two capital letters; write US"
        return validate_raw(EmergencyNumber, entry)

    return _make_each(entries, make_number, faults, "numbers", fields=EmergencyNumber)


def _read_languages(
    entries: Mapping[str, Any], screen: Mapping[str, Any], faults: Faults
) -> dict[str, Language]:
    """Reads languages, each laid over what a screen's fields know of it."""
    read: dict[str, Language] = {}
    for key, entry in entries.items():
        if not (key.isascii() and key.isalpha() and key.islower() and 2 <= len(key) <= 3):
            faults["languages", key] = "a language is its code in small letters; write fr"
        elif table := faults.take_table(entry, "languages", key):
            language = _read_language(key, table, screen, faults)
            read |= {key: language} if language else {}
    return read


def _read_language(
    key: str, table: dict[str, Any], screen: Mapping[str, Any], faults: Faults
) -> Language | None:
    under: Language | None = screen["languages"].get(key)
    known = under.model_dump() if under else {}
    before = dict(known.get("kinds", {}))
    at = ("languages", key, "kinds")

    def make_words(kind: str, entry: Any) -> EmergencyWords:
        if kind not in screen["kinds"]:
            faults[(*at, kind)] = f"it has no rank; write {kind} = {{ rank = 40 }} under [kinds]"
        found = _lay_over(EmergencyWords, before.get(kind, {}), entry, ("phrases", "cries"))
        for number, instruction in enumerate(found.instructions):
            asks = instruction.asks
            _check_acts(asks, screen["acts"], faults, *at, kind, "instructions", number)
        return found

    told = faults.take_table(table.pop("kinds", {}), *at)
    kinds = {**before, **_make_each(told, make_words, faults, *at, fields=EmergencyWords)}
    try:
        return _lay_over(Language, known, {**table, "kinds": kinds}, LISTS)
    except ValidationError as error:
        faults.note(error, "languages", key, fields=", ".join(Language.model_fields))
    return None


def _make_each(
    entries: Mapping[str, Any],
    make: Callable[[str, Any], ValueT],
    faults: Faults,
    *place: str,
    fields: type[ValueT],
) -> dict[str, ValueT]:
    """Makes a value of each entry of a table, and notes a fault for each that is wrong."""
    made: dict[str, ValueT] = {}
    for key, entry in entries.items():
        try:
            made[key] = make(key, faults.take_table(entry, *place, key))
        except ValidationError as error:
            faults.note(error, *place, key, fields=", ".join(fields.model_fields))
    return made


def _lay_over(
    form: type[ValueT], under: Mapping[str, Any], entry: Mapping[str, Any], lists: tuple[str, ...]
) -> ValueT:
    """Makes a value from an entry laid over an earlier one: fields replace, lists are added to."""
    said = validate_raw(form, {**under, **entry})
    more = {
        name: (*dict.fromkeys((*under[name], *getattr(said, name))),)
        for name in lists
        if name in entry and name in under
    }
    return said.model_copy(update=more)


def _check_acts(
    named: tuple[str, ...], acts: Mapping[str, str], faults: Faults, *place: str | int
) -> None:
    for act in named:
        if act not in acts:
            faults[place] = f"there is no act {act!r}; use one of {', '.join(acts)}"
