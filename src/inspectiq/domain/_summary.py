"""The summary of a result: its headline, and findings and photos counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from inspectiq._values import FROZEN, FrozenMap, Value
from inspectiq.domain._findings import Finding

__all__ = ["Summary", "count_levels"]


class Summary(Value):
    """Counts of findings and photos, with a headline.

    Attributes:
        headline: The result in a sentence, with how many photos it rests on.
        worst: The worst level; None where nothing was assessed, nothing found, or all of it needs
            review.
        by_level: Findings by level, worst first; `needs_review` for those without one.
        by_photo_status: Photos by status.
        rejected: Findings that a person rejected; they count in nothing else.
        left_out: Findings that too few of several reads saw, so that `majority` left them out.
    """

    headline: str
    worst: str | None = None
    by_level: Annotated[Mapping[str, int], FROZEN] = FrozenMap()
    by_photo_status: Annotated[Mapping[str, int], FROZEN] = FrozenMap()
    rejected: int = 0
    left_out: int = 0


def count_levels(findings: Sequence[Finding]) -> dict[str, Any]:
    """Counts findings by level into a summary's `by_level`, `worst` and `rejected`."""
    standing = [finding for finding in findings if not finding.is_rejected]
    graded = [finding for finding in standing if finding.severity.level is not None]
    worst = max(graded, key=lambda finding: finding.severity.order, default=None)
    return {
        "by_level": FrozenMap(
            Counter[str](finding.severity.level or "needs_review" for finding in standing)
        ),
        "worst": worst and worst.severity.level,
        "rejected": len(findings) - len(standing),
    }
