"""inspectiq as its user would call it, for a benchmark that compares candidates side by side.

    async def inspect(photos: list[str], cfg: dict) -> dict

`cfg` holds `base_url`, `api_key`, `model`, `detail`, `inspection_id`, and may hold
`photos_per_request`, `rpm`, `tpm`, `burst_seconds`, `concurrency`, `api`, `timeout`.
"""

from functools import cache
from typing import Any

from inspectiq import InspectionAgent, Limits, OpenAITransport

OPTIONS = ("model", "base_url", "api_key", "detail", "api", "timeout", "reasoning")
LIMITS = ("rpm", "tpm", "burst_seconds", "concurrency")


async def inspect(photos: list[str], cfg: dict[str, Any]) -> dict[str, Any]:
    known = {name: cfg[name] for name in (*OPTIONS, *LIMITS, "photos_per_request") if name in cfg}
    inspection = await make_agent(**known).ainspect(photos, id=cfg["inspection_id"])
    return {
        "issues": [
            {
                "issue_type": issue.type,
                "description": issue.observed.description,
                "severity": issue.severity.level,
                "photos": [item.photo_id for item in issue.evidence],
            }
            for issue in inspection.issues
        ],
        "summary": inspection.summary.model_dump(mode="json"),
        "report_markdown": inspection.to_markdown(),
        "errors": [
            f"{outcome.photo.name}: {outcome.fault.error}"
            for outcome in inspection.photos
            if outcome.fault
        ],
    }


@cache
def make_agent(*, photos_per_request: int | None = None, **options: Any) -> InspectionAgent:
    """Makes one agent for all inspections, so that they share its connections and its limits."""
    engine = {name: value for name, value in options.items() if name in OPTIONS}
    return InspectionAgent(
        OpenAITransport(engine.pop("model"), **engine),
        photos_per_request=photos_per_request,
        limits=Limits(**{name: options[name] for name in LIMITS if name in options}),
    )
