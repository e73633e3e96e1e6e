"""Makes stable ids of results and findings: the same case and evidence give the same ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

from inspectiq._values import hash_content
from inspectiq.agents._case import Case
from inspectiq.domain._findings import Finding
from inspectiq.domain._provenance import Provenance

__all__ = ["add_finding_ids", "make_result_id"]

FindingT = TypeVar("FindingT", bound=Finding)


def make_result_id(case: Case, provenance: Provenance, engine: str) -> str:
    """Makes the id of a result: the same case, photos and configuration give the same one.

    A task that runs twice thus makes one result, where the host gave the case its id.
    """
    made = provenance.model_dump(mode="json", exclude={"engines", "inspectiq"})
    photos = [[photo.id, photo.name, photo.room, photo.content_sha256] for photo in case.photos]
    facts = case.facts.model_dump(mode="json")
    return "r-" + hash_content([facts, case.revision, photos, made, engine])[:32]


def add_finding_ids(case_id: str, findings: Iterable[FindingT]) -> tuple[FindingT, ...]:
    """Gives each finding a stable id, made of the case's id, its type, description and places.

    A finding of an earlier round keeps its id.
    """
    seen = Counter[str]()
    named: list[FindingT] = []
    for finding in findings:
        if finding.id:
            named.append(finding)
            continue
        key = _hash_finding(case_id, finding)
        seen[key] += 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        named.append(finding.model_copy(update={"id": f"f-{key}{suffix}"}))
    return tuple(named)


def _hash_finding(case_id: str, finding: Finding) -> str:
    shown = [item.model_dump(mode="json", include={"photo_id", "box"}) for item in finding.evidence]
    return hash_content([case_id, finding.type, finding.observed.description, shown])[:16]
