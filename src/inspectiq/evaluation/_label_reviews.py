"""Makes labels of what people decided about findings."""

from __future__ import annotations

from inspectiq.errors import ConfigError
from inspectiq.evaluation._labels import Label, LabelledPhoto
from inspectiq.evaluation._reading import GivenResults, read_results
from inspectiq.evaluation._reads import ReadFinding

__all__ = ["read_reviews"]


def read_reviews(results: GivenResults) -> list[LabelledPhoto]:
    """Reads the decisions; of several results of a case, that with most of them counts.

    Raises:
        ConfigError: Nothing was reviewed.
    """
    decided: dict[tuple[str, str], ReadFinding] = {}
    for result in read_results(results):
        for found in result.found:
            key = result.case.id, found.id
            before = decided.get(key)
            if found.reviews and (before is None or len(found.reviews) > len(before.reviews)):
                decided[key] = found
    if not decided:
        raise ConfigError(
            "no finding in these results was reviewed; decide by `result.with_review`, or give "
            "labels"
        )
    photos: dict[tuple[str, str], list[Label]] = {}
    for (case_id, _), found in decided.items():
        for photo_id in dict.fromkeys(item.photo_id for item in found.evidence) or ("",):
            photos.setdefault((case_id, photo_id), []).append(_make_label(found))
    return [LabelledPhoto(*key, tuple(labels), whole=False) for key, labels in photos.items()]


def _make_label(found: ReadFinding) -> Label:
    rejected = found.reviews[-1].decision == "rejected"
    kind = found.original.type if rejected else found.type
    severity = None if rejected else found.severity.level
    return Label(kind, present=not rejected, severity=severity, finding_id=found.id)
