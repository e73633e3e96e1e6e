"""Reads a screen from its file, laid over another one: lists grow, single values are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inspectiq._files import parsed, read_text
from inspectiq.screening.rules import EmergencyNumber, HazardWords, Language
from inspectiq.validate import Faults

__all__ = ["laid_over"]

OF_A_SCREEN = "name, version, hazards, numbers, languages"
OF_A_LANGUAGE = ", ".join(Language.model_fields)


def laid_over(path: Path, under: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a screen, from a file and from what it is laid over.

    Args:
        path: The file.
        under: The fields of the other screen; empty for none.

    Raises:
        ConfigError: The file cannot be read, or is wrong; with the first place that is.
    """
    raw, faults = parsed(read_text(path, "screen"), path, form="TOML"), Faults()
    for name in raw.keys() - set(OF_A_SCREEN.split(", ")):
        faults[name,] = f"there is no such name; use one of {OF_A_SCREEN}"
    fields: dict[str, Any] = {"name": "", "version": "", **under}
    for name in ("name", "version"):
        value = raw.get(name, fields[name])
        if not isinstance(value, str) or not value:
            faults[name,] = f'this is missing or no text; write {name} = "ours"'
        fields[name] = value
    hazards = {**fields.get("hazards", {}), **faults.table(raw.get("hazards", {}), "hazards")}
    for kind, rank in hazards.items():
        if not kind.isidentifier() or kind != kind.lower():
            faults["hazards", kind] = "a kind is small letters and underscores; write it so"
        elif isinstance(rank, bool) or not isinstance(rank, int):
            faults["hazards", kind] = "this is no rank; write a whole number, 1 for most pressing"
    numbers = dict(fields.get("numbers", {}))
    for country, entry in faults.table(raw.get("numbers", {}), "numbers").items():
        if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):
            faults["numbers", country] = "a country is two capital letters; write US"
        try:
            numbers[country] = EmergencyNumber.model_validate(entry)
        except ValidationError as error:
            faults.note(error, "numbers", country, fields="number, source, mark")
    languages = dict(fields.get("languages", {}))
    for key, entry in faults.table(raw.get("languages", {}), "languages").items():
        place = ("languages", key)
        if not (key.isascii() and key.isalpha() and key.islower() and 2 <= len(key) <= 3):
            faults[place] = "a language is its code in small letters; write fr"
        if table := faults.table(entry, *place):
            language = _language(table, languages.get(key), hazards, faults, key)
            if language is not None:
                languages[key] = language
    faults.raise_if_any(path)
    return fields | {"hazards": hazards, "numbers": numbers, "languages": languages}


def _language(
    table: dict[str, Any],
    under: Language | None,
    hazards: Mapping[str, int],
    faults: Faults,
    key: str,
) -> Language | None:
    place = ("languages", key)
    known = under.model_dump() if under else {}
    spoken = dict(known.get("hazards", {}))
    before = len(faults)
    for kind, entry in faults.table(table.pop("hazards", {}), *place, "hazards").items():
        at = (*place, "hazards", kind)
        if kind not in hazards:
            faults[at] = f"it has no rank; write {kind} = 40 under [hazards]"
        try:
            told = faults.table(entry, *at)
            spoken[kind] = _grown(HazardWords, spoken.get(kind, {}), told, sure=under is not None)
        except ValidationError as error:
            faults.note(error, *at, fields="label, instructions, signs")
    maps = {name: faults.table(table.pop(name, {}), *place, name) for name in ("concepts", "cues")}
    if len(faults) > before:
        return None
    try:
        own = Language.model_construct(**known) if known else None
        first = {"name": key, "emergency_number": "112"} | {name: table[name] for name in table}
        words = Language.model_validate(
            {name: value for name, value in first.items() if name not in ("concepts", "cues")}
        )
        for name in ("function_words", "vocabulary", "real_words", "foreign"):
            table[name] = (*getattr(own, name, ()), *getattr(words, name))
        for name, lists in maps.items():
            grown = {each: tuple(lines) for each, lines in known.get(name, {}).items()}
            for each, lines in lists.items():
                grown[each] = (*grown.get(each, ()), *_entries(lines))
            table[name] = grown
        return Language.model_validate({**known, **table, "hazards": spoken})
    except ValidationError as error:
        faults.note(error, *place, fields=OF_A_LANGUAGE)
    return None


def _entries(lines: Any) -> tuple[str, ...]:
    return HazardWords.model_validate({"label": "-", "instructions": ["-"], "signs": lines}).signs


def _grown(
    form: type[HazardWords], under: Mapping[str, Any], entry: dict[str, Any], *, sure: bool
) -> dict[str, Any]:
    """A hazard whose signs are added to those that are there already.

    Args:
        form: What it is.
        under: What is there.
        entry: What the file says.
        sure: Whether the new signs count for sure, as they do in a language that was there before.
    """
    own = form.model_validate({**under, **entry}).model_dump()
    if not sure or "signs" not in entry:
        return own
    signs = tuple(under.get("signs", ()))
    return {**own, "signs": signs, "sure": (*under.get("sure", ()), *own["signs"])}
