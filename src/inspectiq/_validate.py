"""Collects the faults of a configuration file: each with its place and how to mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from inspectiq._refusals import word_pattern
from inspectiq.errors import ConfigError

__all__ = ["ConfigFault", "Faults", "list_faults"]

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One fault in a configuration. As text it is one line.

    Attributes:
        file: Name of the file, without its folder, or of the folder itself.
        line: Where in the file, from 1; None where that is not known.
        what: What is wrong, with its place in the file, such as `groups.pool.types.pump.unit`.
        mend: How to mend it.
    """

    file: str
    line: int | None
    what: str
    mend: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        told = f"{place}: {self.what}" if place else self.what
        return f"{told}; {self.mend}" if self.mend else told


class Faults(dict[Place, str]):
    """Faults by their place in a file, collected so that reading goes on after the first.

    Each says what is wrong, a semicolon, and how to mend it.
    """

    def take_table(self, value: object, *place: str) -> dict[str, Any]:
        """Copies a table; for any other value notes a fault and returns an empty one."""
        if isinstance(value, dict):
            return dict(value)
        self[place] = "this is no table; write it as key = value"
        return {}

    def note(
        self,
        error: ValidationError,
        *place: str,
        fields: str = "",
        inherited: Mapping[str, Place] = MappingProxyType({}),
    ) -> None:
        """Notes the faults that pydantic found.

        Args:
            error: The error that pydantic raised.
            place: The place in the file of the value that was validated.
            fields: The names that the value may have.
            inherited: The places of fields that stand elsewhere in the file, by name.
        """
        for found in error.errors(include_input=False, include_url=False):
            loc = found["loc"]
            within = inherited.get(str(loc[0]), place) if loc else place
            message = word_pattern(found) or found["msg"]
            self.setdefault((*within, *loc), _word_fault(found["type"], message, fields))

    def raise_if_any(self, path: Path) -> None:
        """Raises the faults that were found, as one error.

        Raises:
            ConfigError: It names the first fault; its `__cause__`, a `ValidationError`, has all.
        """
        if not self:
            return
        (place, message), *more = self.items()
        line = _find_line(path, place)
        at = f"{path}, line {line}" if line else f"{path}"
        rest = f" ({len(more)} more places are wrong)" if more else ""
        raise ConfigError(f"{at}: {_join_place(place)}{message}{rest}") from (
            ValidationError.from_exception_data(
                path.name,
                [
                    {
                        "type": "value_error",
                        "loc": place,
                        "input": None,
                        "ctx": {"error": ValueError(message)},
                    }
                    for place, message in self.items()
                ],
            )
        )


def list_faults(path: Path, error: ConfigError) -> tuple[ConfigFault, ...]:
    """Lists every fault behind the error that reading a file raised, in the order of its lines.

    Args:
        path: The file.
        error: What was raised; where a `ValidationError` is behind it, that has them all.
    """
    behind = error.__cause__ or error.__context__
    if isinstance(behind, ValidationError) and path.suffix not in (
        ".csv",
        ".xlsx",
    ):  # rows know more than it
        faults = Faults()
        faults.note(behind)
        found = [
            _make_fault(path, f"{_join_place(place)}{message}", _find_line(path, place))
            for place, message in faults.items()
        ]
        return tuple(sorted(found, key=lambda fault: fault.line or 0))
    told = str(error).removeprefix(f"{path}").lstrip(":, ")
    line = re.search(r"\b(?:line|row) (\d+)", told)
    return (_make_fault(path, told, int(line[1]) if line else None),)


def _word_fault(type: str, message: str, fields: str) -> str:
    """Words what pydantic found, with how to mend it."""
    if type == "missing":
        return "this is missing; write it"
    if type == "extra_forbidden":
        choices = f"use one of {fields}" if fields else "leave it away"
        return f"there is no such name; {choices}"
    message = message.removeprefix("Value error, ")
    if "; " in message:
        return message
    return f"{message}; {'write one of these' if type == 'literal_error' else 'mend it there'}"


def _make_fault(path: Path, told: str, line: int | None) -> ConfigFault:
    what, _, mend = told.rpartition("; ")
    return ConfigFault(path.name, line, what or told, mend if what else "mend it there")


def _join_place(place: Place) -> str:
    return f"{'.'.join(map(str, place))}: " if place else ""


def _find_line(path: Path, place: Place) -> int | None:
    """Finds the line of a TOML file that matches most of a place; None where none does."""
    if path.suffix != ".toml":
        return None
    table: Place = ()
    entries: Counter[Place] = Counter()
    line, most = None, 0
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)([^\]]+)\]", text):
            table = given = _split_names(header[2])
            if header[1] == "[[":
                given = (*table, entries[table])
                entries[table] += 1
                table = given
        elif pair := re.match(r"\s*([\w.\"' -]+?)\s*=", text):
            given = (*table, *_split_names(pair[1]))
        else:
            continue
        pairs = zip(given, place, strict=False)
        shared = sum(1 for _ in takewhile(lambda names: names[0] == names[1], pairs))
        if shared > most:
            line, most = number, shared
    return line


def _split_names(dotted: str) -> Place:
    return tuple(name.strip(" \"'") for name in dotted.split("."))
