"""The types of issue, in groups, each with its usual trade, unit, condition and repair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from types import NoneType
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from inspectiq._files import to_path
from inspectiq._taking import require
from inspectiq._values import FrozenMap, Value, hash_content
from inspectiq.errors import ConfigError

__all__ = [
    "OPEN_TRADE",
    "CodeCategory",
    "Condition",
    "IssueType",
    "System",
    "Taxonomy",
    "Unit",
    "UsualLevel",
]

OPEN_TRADE = "open"
"""The trade of a type of which nobody can tell who repairs it before somebody knows more."""

Unit = Literal["each", "sq_ft", "lin_ft"]
Condition = Literal["wear", "damage", "unclear"]
CodeCategory = Literal[
    "electrical", "plumbing", "safety", "structural", "fire_safety", "ventilation", "none"
]
System = Literal["plumbing", "roof", "hvac", "electrical", "structure", "appliance", "other"]
UsualLevel = Literal["low", "medium", "high", "critical"]


class IssueType(Value):
    """One type of issue. Engines get its key only; the other fields complete a finding.

    Attributes:
        key: The code that results, configurations and the engine use.
        group: Key of its group.
        label: Plain words for reports.
        trade: Who usually repairs it; `open` where that cannot be told yet.
        unit: What a quantity counts.
        seen_by: `photo` if a photo can show it, else a `test` or somebody's `word` is needed.
        condition: What it usually is, before anyone has looked.
        code: Which kind of building code may matter.
        diy_veto: Never proposed as a do-it-yourself repair, whatever an engine says.
        diy_veto_over: Not proposed as one above this extent, in `unit`; None for no such bound.
        action: What is usually done, in one sentence.
        safety: What must be heeded until then; "" where nothing must.
        symptoms: How somebody who lives there would put it.
        system: Which system of the building it belongs to.
        usual_level: How bad it usually is where it is only told in words, which an offline triage
            proposes; None where that is not known.
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
    diy_veto_over: Annotated[float | None, Field(ge=0)] = None
    action: str = ""
    safety: str = ""
    symptoms: tuple[str, ...] = ()
    system: System = "other"
    usual_level: UsualLevel | None = None

    @field_validator("key", "group")
    @classmethod
    def _check_key(cls, value: str) -> str:
        if not value.isidentifier() or value != value.lower() or not value.isascii():
            raise ValueError(f"{value!r}: a key is lower-case letters, digits and underscores")
        return value

    def decide_diy(self, extent: float | None = None) -> bool | None:
        """Returns False if the type or the extent rules out a do-it-yourself repair, else None.

        Args:
            extent: How much of it, in the type's unit. Where the veto depends on that, an extent
                that nobody knows counts as too much.
        """
        require(extent, (int, float, NoneType), "extent", "give a number, or None")
        if self.diy_veto:
            return False
        over = self.diy_veto_over
        within = over is None or (extent is not None and extent <= over)
        return None if within else False


class Taxonomy(Value):
    """All types of issue that an agent knows. Replaceable; results record its `sha256`.

        taxonomy = Taxonomy.default()
        taxonomy["clog"].trade, taxonomy["mold_suspect"].decide_diy(extent=12), "clog" in taxonomy

    Attributes:
        groups: Label of each group, by key.
        types: The types, in the order of reports and prompts.
        facts: What an engine may state about a finding, by key, in plain words.
        aliases: Keys of types by their other names, which engines do not get.
    """

    name: str
    version: str
    groups: FrozenMap[str]
    types: tuple[IssueType, ...]
    facts: FrozenMap[str] = FrozenMap()
    aliases: FrozenMap[str] = FrozenMap()

    @model_validator(mode="after")
    def _check_types(self) -> Taxonomy:
        seen: set[str] = set()
        for kind in self.types:
            if kind.key in seen:
                raise ValueError(f"type {kind.key!r} is defined twice")
            if kind.group not in self.groups:
                raise ValueError(f"type {kind.key!r} names an unknown group {kind.group!r}")
            seen.add(kind.key)
        if not self.types:
            raise ValueError("a taxonomy needs at least one type")
        for alias, key in self.aliases.items():
            if alias in seen:
                raise ValueError(f"{alias!r} is a type and cannot be an alias as well")
            if key not in seen:
                raise ValueError(f"the alias {alias!r} stands for {key!r}, which is no type")
        return self

    @classmethod
    def default(cls) -> Taxonomy:
        """Returns the taxonomy that ships with inspectiq."""
        return _load_default()

    @classmethod
    def from_file(cls, path: str | Path, *, over: Taxonomy | Path | str | None = None) -> Taxonomy:
        """Reads a taxonomy from a TOML file, written as `inspectiq/domain/taxonomy.toml` is.

        The file is laid over another taxonomy. A type or group that is new is added; of one that
        exists, the fields that the file gives are changed. `without = ["graffiti"]` leaves types
        out, and `standalone = true` lays the file over nothing.

        Args:
            path: The file.
            over: The taxonomy that it changes; if not given, the shipped one.

        Raises:
            ConfigError: The file cannot be read or is wrong. It names the first place that is; its
                `__cause__`, a `ValidationError`, has them all.
        """
        from inspectiq.domain._given_taxonomy import take_taxonomy
        from inspectiq.domain._taxonomy_files import read_taxonomy

        under = _load_default() if over is None else take_taxonomy(over, "over")
        return read_taxonomy(to_path(path, "taxonomy"), under)

    def with_types(
        self,
        *types: IssueType,
        groups: Mapping[str, str] | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> Taxonomy:
        """Copies the taxonomy with more types; one whose key exists already replaces that.

        Args:
            types: The types to add.
            groups: Labels of groups that are new, by key.
            facts: Facts that are new, by key, in plain words.

        Raises:
            ConfigError: A type names a group that does not exist.
        """
        for kind in types:
            require(kind, IssueType, "types", "give each as an IssueType")
        for name, more in (("groups", groups), ("facts", facts)):
            require(more or {}, Mapping, name, "give a mapping of keys to plain words")
        merged = {kind.key: kind for kind in (*self.types, *types)}
        return self._rebuild(merged, {**self.groups, **(groups or {})}, facts)

    def without_types(self, *keys: str) -> Taxonomy:
        """Copies the taxonomy without these types, and without groups that are left empty.

        Raises:
            ConfigError: There is no such type, or none would be left.
        """
        gone = {self[key].key for key in keys}
        emptied = {self[key].group for key in keys}
        kept = {kind.key: kind for kind in self.types if kind.key not in gone}
        emptied -= {kind.group for kind in kept.values()}
        groups = {key: label for key, label in self.groups.items() if key not in emptied}
        return self._rebuild(kept, groups)

    def _rebuild(
        self,
        types: Mapping[str, IssueType],
        groups: Mapping[str, str],
        facts: Mapping[str, str] | None = None,
    ) -> Taxonomy:
        return Taxonomy(
            name=self.name,
            version=self.version,
            groups=FrozenMap(groups),
            types=tuple(types.values()),
            facts=FrozenMap({**self.facts, **(facts or {})}),
            aliases=FrozenMap(
                {
                    alias: key
                    for alias, key in self.aliases.items()
                    if key in types and alias not in types
                }
            ),
        )

    @cached_property
    def _by_key(self) -> dict[str, IssueType]:
        own = {kind.key: kind for kind in self.types}
        return own | {alias: own[key] for alias, key in self.aliases.items() if key in own}

    @cached_property
    def sha256(self) -> str:
        """Content hash; two taxonomies with the same content have the same one."""
        return hash_content(self)

    def __getitem__(self, key: str) -> IssueType:
        require(key, str, "key", "give the key of a type, such as 'clog'")
        try:
            return self._by_key[key]
        except KeyError:
            raise ConfigError(
                f"the taxonomy {self.name} {self.version} has no type {key!r}; "
                "add it with taxonomy.with_types(...)"
            ) from None

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._by_key

    def list_groups(self) -> Iterator[tuple[str, tuple[IssueType, ...]]]:
        """Lists groups in order, each with its types."""
        for group in self.groups:
            yield group, tuple(kind for kind in self.types if kind.group == group)


@cache
def _load_default() -> Taxonomy:
    from inspectiq.domain._taxonomy_files import read_taxonomy

    with as_file(files("inspectiq.domain").joinpath("taxonomy.toml")) as path:
        return read_taxonomy(path, None)
