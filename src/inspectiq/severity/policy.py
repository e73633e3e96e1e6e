"""The policy that turns what was observed into a severity."""

from __future__ import annotations

import tomllib
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated

from pydantic import Field, model_validator

from inspectiq.domain.base import Value, content_hash
from inspectiq.domain.findings import Finding, Severity
from inspectiq.errors import ConfigError

__all__ = ["Level", "SeverityPolicy"]


class Level(Value):
    """A level of severity: key, plain label, rank (1 the mildest), colour as `#rrggbb`."""

    key: str
    label: str
    rank: Annotated[int, Field(ge=1)]
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class SeverityPolicy(Value):
    """Decides how bad a finding is.

    The policy that ships keeps the level that the engine proposed and says so in the rule; what
    has a reason for review, no proposal, or an unknown level is left to a person.
    """

    name: str
    version: str
    source: str
    levels: tuple[Level, ...]

    @model_validator(mode="after")
    def _distinct(self) -> SeverityPolicy:
        for field in ("key", "rank"):
            values = [getattr(level, field) for level in self.levels]
            if len(set(values)) != len(values):
                raise ValueError(f"two levels share a {field}")
        return self

    @classmethod
    def default(cls) -> SeverityPolicy:
        """The policy that ships with inspectiq."""
        return _default()

    @cached_property
    def sha256(self) -> str:
        """Content hash; results record it."""
        return content_hash(self)

    def grade(self, finding: Finding) -> Severity:
        """The severity of a finding."""
        proposed = finding.observed.proposed_level
        if finding.review:
            return Severity.needs_review(because=finding.review[0], proposed=proposed)
        if proposed is None:
            return Severity.needs_review(because="the engine proposed no level")
        if proposed not in {level.key for level in self.levels}:
            return Severity.needs_review(
                because=f"{self.name} has no such level as was proposed", proposed=proposed
            )
        return self.level(proposed, because="proposed by the engine", proposed=proposed)

    def level(self, key: str, *, because: str, proposed: str | None = None) -> Severity:
        """A level by its key.

        Raises:
            ConfigError: The policy has no such level.
        """
        for level in self.levels:
            if level.key == key:
                return Severity(
                    level=level.key,
                    rank=level.rank,
                    label=level.label,
                    colour=level.colour,
                    proposed=proposed,
                    rule=because,
                    source=self.source,
                )
        choices = ", ".join(level.key for level in self.levels)
        raise ConfigError(f"{self.name} has no level {key!r}; it has {choices}")


@cache
def _default() -> SeverityPolicy:
    text = files("inspectiq.severity").joinpath("as_proposed.toml").read_text(encoding="utf-8")
    return SeverityPolicy.model_validate(tomllib.loads(text))
