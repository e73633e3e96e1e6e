"""What an issue can be: types in groups, each with its usual trade, unit and condition."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

from pydantic import field_validator, model_validator

from inspectiq.domain.base import FrozenMap, Value, content_hash
from inspectiq.errors import ConfigError

__all__ = ["CodeCategory", "Condition", "IssueType", "Taxonomy", "Unit"]

Unit = Literal["each", "sq_ft", "lin_ft"]
Condition = Literal["wear", "damage", "unclear"]
CodeCategory = Literal[
    "electrical", "plumbing", "safety", "structural", "fire_safety", "ventilation", "none"
]


class IssueType(Value):
    """One type of issue.

    Attributes:
        key: The code that results, configurations and the engine use.
        group: Key of its group.
        label: Plain words for reports.
        trade: Who usually repairs it.
        unit: What a quantity counts.
        seen_by: `photo` if a photo can show it, else a `test` or somebody's `word` is needed.
        condition: What it usually is, before anyone has looked.
        code: Which kind of building code may matter.
        diy_veto: Never proposed as a do-it-yourself repair, whatever an engine says.
    """

    key: str
    group: str
    label: str
    trade: str
    unit: Unit = "each"
    seen_by: Literal["photo", "test", "word"] = "photo"
    condition: Condition = "unclear"
    code: CodeCategory = "none"
    diy_veto: bool = False

    @field_validator("key", "group")
    @classmethod
    def _code(cls, value: str) -> str:
        if not value.isidentifier() or value != value.lower() or not value.isascii():
            raise ValueError(f"{value!r}: a key is lower-case letters, digits and underscores")
        return value


class Taxonomy(Value):
    """All types of issue that an agent knows. Replaceable; results record its `sha256`.

    Attributes:
        groups: Label of each group, by key.
        types: The types, in the order of reports and prompts.
        facts: What an engine may state about a finding, by key, in plain words.
    """

    name: str
    version: str
    groups: FrozenMap[str]
    types: tuple[IssueType, ...]
    facts: FrozenMap[str] = FrozenMap()

    @model_validator(mode="after")
    def _consistent(self) -> Taxonomy:
        seen: set[str] = set()
        for kind in self.types:
            if kind.key in seen:
                raise ValueError(f"type {kind.key!r} is defined twice")
            if kind.group not in self.groups:
                raise ValueError(f"type {kind.key!r} names an unknown group {kind.group!r}")
            seen.add(kind.key)
        if not self.types:
            raise ValueError("a taxonomy needs at least one type")
        return self

    @classmethod
    def default(cls) -> Taxonomy:
        """The taxonomy that ships with inspectiq."""
        return _default()

    def with_types(self, *types: IssueType, groups: dict[str, str] | None = None) -> Taxonomy:
        """A taxonomy with more types; a type whose key exists already replaces it.

        Args:
            types: The types to add.
            groups: Labels of groups that are new, by key.

        Raises:
            ValueError: A type names a group that does not exist.
        """
        merged = {kind.key: kind for kind in (*self.types, *types)}
        return Taxonomy(
            name=self.name,
            version=self.version,
            groups=FrozenMap(self.groups, **(groups or {})),
            types=tuple(merged.values()),
            facts=self.facts,
        )

    @cached_property
    def _by_key(self) -> dict[str, IssueType]:
        return {kind.key: kind for kind in self.types}

    @cached_property
    def sha256(self) -> str:
        """Content hash; two taxonomies with the same content have the same one."""
        return content_hash(self)

    def __getitem__(self, key: str) -> IssueType:
        try:
            return self._by_key[key]
        except KeyError:
            raise ConfigError(
                f"the taxonomy {self.name} {self.version} has no type {key!r}; "
                "add it with taxonomy.with_types(...)"
            ) from None

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def by_group(self) -> Iterator[tuple[str, tuple[IssueType, ...]]]:
        """Groups in order, each with its types."""
        for group in self.groups:
            yield group, tuple(kind for kind in self.types if kind.group == group)


@cache
def _default() -> Taxonomy:
    text = files("inspectiq.domain").joinpath("taxonomy.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    types: list[IssueType] = []
    for group, entry in raw["groups"].items():
        own: dict[str, dict[str, Any]] = entry.pop("types")
        shared = {name: value for name, value in entry.items() if name != "label"}
        types += [
            IssueType(key=key, group=group, **{**shared, **fields}) for key, fields in own.items()
        ]
    return Taxonomy(
        name=raw["name"],
        version=raw["version"],
        groups=FrozenMap({key: entry["label"] for key, entry in raw["groups"].items()}),
        types=tuple(types),
        facts=FrozenMap(raw["facts"]),
    )
