"""Results for tests of evaluations, written by hand: only what an evaluation reads of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from inspectiq import Taxonomy

TYPES = ("clog", "supply_leak", "wall_hole", "water_stain")
TAXONOMY = Taxonomy.default()
LEVELS = ("low", "medium", "high", "critical")


def make_finding(
    type: str,
    *photos: str,
    id: str = "",
    box: Sequence[float] | None = None,
    level: str | None = "medium",
    cost: Sequence[int] | None = None,
    confidence: float = 0.9,
    **more: Any,
) -> dict[str, Any]:
    place = None if box is None else dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
    return {
        "id": id or f"f-{type}-{'-'.join(photos)}",
        "type": type,
        "group": TAXONOMY[type].group,
        "label": TAXONOMY[type].label,
        "severity": {"level": level, "rank": level and LEVELS.index(level) + 1},
        "evidence": [
            {"photo_id": photo, "box": place, "confidence": confidence} for photo in photos
        ],
        "cost": cost and {"low": cost[0], "expected": cost[1], "high": cost[2], "currency": "USD"},
        **more,
    }


def make_result(
    case_id: str = "c1",
    findings: Sequence[Mapping[str, Any]] = (),
    *,
    photos: Sequence[str] = ("p1",),
    statuses: Mapping[str, str] | None = None,
    rooms: Mapping[str, str] | None = None,
    groups: Sequence[str] | None = None,
    model: str = "scripted",
    usd: str | None = "0.02",
    **more: Any,
) -> dict[str, Any]:
    return {
        "schema_version": "1",
        "case": {"id": case_id},
        "photos": [
            {
                "photo": {
                    "id": photo,
                    "name": f"{photo}.jpg",
                    "room": (rooms or {}).get(photo),
                    "original": {"width": 400, "height": 300},
                },
                "status": (statuses or {}).get(photo, "triaged" if groups else "assessed"),
                "groups": groups,
            }
            for photo in photos
        ],
        "usage": {"usd": usd},
        "provenance": {
            "agent": "inspectiq.InspectionAgent",
            "prompt": "inspection-1",
            "taxonomy": "inspectiq 1",
            "severity": "house 2026-11-23",
            "engines": [{"provider": "scripted", "model": model}],
        },
        "issues": list(findings),
        **more,
    }
