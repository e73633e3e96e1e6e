"""The parts of a stored result that an evaluation looks at; all else is not even read.

A whole result takes many times the memory and the time to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from inspectiq._values import thaw
from inspectiq.domain._results import PhotoStatus
from inspectiq.domain._reviews import Decision
from inspectiq.errors import ConfigError

__all__ = ["ReadFinding", "ReadPhoto", "ReadResult"]

SCHEMA = "1"  # the major version of results that is read


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="ignore", from_attributes=True, defer_build=True, allow_inf_nan=False
    )


class ReadBox(_Part):
    """A box, as `Box` has it."""

    x0: float
    y0: float
    x1: float
    y1: float

    def to_tuple(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.x1, self.y1


class ReadEvidence(_Part):
    """A photo that shows a finding."""

    photo_id: str
    box: ReadBox | None = None
    engine: str = ""
    confidence: float | None = None


class ReadObserved(_Part):
    """How sure an engine is of a finding, as it said."""

    confidence: float | None = None


class ReadSeverity(_Part):
    """The level of a finding, and its rank."""

    level: str | None
    rank: int | None = None


class ReadCost(_Part):
    """What a finding is estimated to cost."""

    low: Decimal
    expected: Decimal
    high: Decimal
    currency: str


class ReadPrior(_Part):
    """A finding without its reviews."""

    id: str
    type: str
    group: str
    label: str
    observed: ReadObserved = Field(default_factory=ReadObserved)
    severity: ReadSeverity
    evidence: tuple[ReadEvidence, ...] = ()
    cost: ReadCost | None = None

    def list_boxes(self, photo_id: str) -> list[tuple[float, float, float, float]]:
        """Lists its boxes on a photo."""
        return [
            item.box.to_tuple()
            for item in self.evidence
            if item.photo_id == photo_id and item.box is not None
        ]


class ReadReview(_Part):
    """A person's decision, and the finding as it was before."""

    decision: Decision
    because: str = ""
    changed: tuple[str, ...] = ()
    before: Annotated[
        ReadPrior, BeforeValidator(lambda one: thaw(one) if isinstance(one, Mapping) else one)
    ]


class ReadFinding(ReadPrior):
    """A finding with its reviews."""

    reviews: tuple[ReadReview, ...] = ()

    @property
    def original(self) -> ReadPrior:
        """The finding as the engine and the rules made it, before any review."""
        return self.reviews[0].before if self.reviews else self


class ReadPicture(_Part):
    """The pixels of a file as it is stored."""

    width: int
    height: int
    sha256: str = ""
    format: str = ""
    bytes: int = 0


class ReadPhotoRef(_Part):
    """A photo."""

    id: str
    name: str
    room: str | None = None
    original: ReadPicture | None = None
    orientation: int = 1
    crop: ReadBox | None = None
    host_prepared: bool = False


class ReadPhoto(_Part):
    """The outcome of a photo."""

    photo: ReadPhotoRef
    status: PhotoStatus
    groups: tuple[str, ...] | None = None


class ReadUsage(_Part):
    """What was paid."""

    usd: Decimal | None = None


class ReadEngine(_Part):
    """An engine that answered."""

    provider: str
    model: str
    identity: str = ""


class ReadProvenance(_Part):
    """What made a result."""

    agent: str
    prompt: str
    taxonomy: str
    severity: str
    cost_book: str | None = None
    engines: tuple[ReadEngine, ...] = ()


class ReadProperty(_Part):
    """The property, as far as it is told from others."""

    address: str | None = None


class ReadCase(_Part):
    """The case of a result."""

    id: str
    property: ReadProperty = Field(default_factory=ReadProperty)


class ReadResult(_Part):
    """An inspection or a diagnosis, as far as an evaluation needs it."""

    schema_version: str = SCHEMA
    parent: str | None = None
    created_at: datetime | None = None
    case: ReadCase
    photos: tuple[ReadPhoto, ...]
    usage: ReadUsage
    provenance: ReadProvenance
    issues: tuple[ReadFinding, ...] | None = None
    findings: tuple[ReadFinding, ...] | None = None

    @field_validator("schema_version")
    @classmethod
    def _check_version(cls, version: str) -> str:
        if version.partition(".")[0] != SCHEMA:
            raise ConfigError(
                f"a result was written with schema version {version}, and this inspectiq reads "
                f"{SCHEMA} and {SCHEMA}.x; read it with the inspectiq that wrote it"
            )
        return version

    @property
    def found(self) -> tuple[ReadFinding, ...]:
        """The findings of either kind."""
        return self.issues if self.issues is not None else self.findings or ()

    @property
    def configuration(self) -> str:
        """Names what decided its findings: agent, prompt, rules and engines."""
        made = self.provenance
        engines = " + ".join(sorted({f"{one.provider}:{one.model}" for one in made.engines}))
        kind = made.agent.rpartition(".")[2]
        return ", ".join((kind, engines or "no engine", made.prompt, made.taxonomy, made.severity))

    @classmethod
    def take(cls, given: Any) -> ReadResult:
        """Takes a live result, or what JSON made of one.

        Raises:
            pydantic.ValidationError: It is neither.
        """
        return cls.model_validate(given)
