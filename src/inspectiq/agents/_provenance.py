"""Provenance: which engines, instructions, schema and rules made a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from inspectiq.agents._photo_readings import PhotoReadings
from inspectiq.agents._prompts import hash_text
from inspectiq.agents._readings import Reading
from inspectiq.domain._agreement import Keep
from inspectiq.domain._provenance import Provenance, SecondLookRecord
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.severity._policy import SeverityPolicy

if TYPE_CHECKING:
    from inspectiq.costs._book import CostBook

__all__ = ["build_provenance", "name_class"]


def build_provenance(
    readings: Sequence[Reading[Any]],
    counted: Iterable[PhotoReadings[Any]],
    *,
    agent: type,
    prompt: str,
    instructions: str,
    schema_sha256: str,
    taxonomy: Taxonomy,
    severity: SeverityPolicy,
    cost_book: CostBook | None,
    reads: int,
    keep: Keep,
    second_look: SecondLookRecord | None,
) -> Provenance:
    """Builds the provenance of a result; its engines are those whose findings count.

    Args:
        readings: All readings.
        counted: The same, by read and photo.
        agent: The agent's class.
        prompt: Name and version.
        instructions: As they were sent.
        schema_sha256: Hash of the schemas of an answer's parts.
        taxonomy: The agent's taxonomy.
        severity: The policy that graded the findings.
        cost_book: The book that priced the findings; None if none did.
        reads: How often each photo was to be read.
        keep: What was kept of several reads.
        second_look: The second look; None where there was to be none.
    """
    from inspectiq._version import __version__  # reading it takes a while

    used = {id(photo.findings_from) for photo in counted}
    engines = dict.fromkeys(
        reading.answer.response.engine
        for reading in readings
        if id(reading) in used and reading.answer.response is not None
    )
    return Provenance(
        inspectiq=__version__,
        agent=name_class(agent),
        prompt=prompt,
        prompt_sha256=hash_text(instructions),
        schema_sha256=schema_sha256,
        taxonomy=f"{taxonomy.name} {taxonomy.version}",
        taxonomy_sha256=taxonomy.sha256,
        severity=f"{severity.name} {severity.version}",
        severity_sha256=severity.sha256,
        cost_book=cost_book.label if cost_book else None,
        cost_book_sha256=cost_book.sha256 if cost_book else None,
        groups=taxonomy.groups,
        reads=reads,
        keep=keep,
        second_look=second_look,
        engines=tuple(engines),
    )


def name_class(agent: type) -> str:
    """Returns the full name of an agent's class; of ours, by the public module and not the file."""
    package = __name__.partition(".")[0]
    ours = agent.__module__.partition(".")[0] == package
    return f"{package if ours else agent.__module__}.{agent.__qualname__}"
