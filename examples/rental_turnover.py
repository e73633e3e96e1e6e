"""Says whether a flat is ready for its next guest, by a house's own levels and prices.

Types, severity and costs come from the folder `turnover_config` beside this file; check them with

    python -m inspectiq validate examples/turnover_config

The engine is scripted, so that the example runs anywhere: it says nothing about real photos.

    python examples/rental_turnover.py photos/ out/
"""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from inspectiq import (
    Inspection,
    InspectionAgent,
    Issue,
    Property,
    VisionRequest,
    load_config,
    write_report,
)
from inspectiq.testing import FunctionTransport, make_answer, make_issue

CONFIG = Path(__file__).parent / "turnover_config"
LINEN = ("missing_linen", "stained_linen")


def turnover(inspection: Inspection) -> list[str]:
    """The section for whoever hands over the keys: plain lines, which the report escapes."""
    standing = [finding for finding in inspection.issues if not finding.is_rejected]
    hide = [finding for finding in standing if must_go(finding)]
    lines = [
        f"{'NOT READY' if hide or inspection.status != 'complete' else 'Ready'} for the next guest"
    ]
    lines += named("Missing", (item for item in standing if item.type == "missing_item"))
    lines += named("Linen", (item for item in standing if item.type in LINEN))
    lines += named("The next guest must not see", hide)
    unread = [outcome.photo.name for outcome in inspection.photos if outcome.fault is not None]
    if unread:
        lines.append(f"Go and look, since no photo tells: {', '.join(unread)}")
    return lines


def must_go(finding: Issue) -> bool:
    """Whether it cannot stay until after the next guest; what nobody has judged cannot."""
    severity = finding.severity
    return severity.is_review or severity.level in ("before_check_in", "do_not_let")


def named(title: str, findings: Iterable[Issue]) -> list[str]:
    return [
        f"{title}: {finding.label.lower()}, {finding.location.room or 'room not stated'}"
        f" ({finding.observed.description})"
        for finding in findings
    ]


def scripted() -> FunctionTransport:
    """Plays an engine that finds something different in each request."""
    answers = iter(
        [
            [
                make_issue("stained_linen", 1, severity="low", description="stain on a pillowcase"),
                make_issue(
                    "missing_linen", 1, severity="low", description="one towel for two guests"
                ),
            ],
            [make_issue("missing_item", 1, severity="low", description="no remote control")],
            [make_issue("scuff_scratch", 1, severity="high", description="scuffs behind a chair")],
            [make_issue("left_by_guest", 1, severity="low", description="a charger in a socket")],
        ]
    )

    def answer(request: VisionRequest) -> str:
        return make_answer(request, next(answers, []))

    return FunctionTransport(answer)


def main(photos: Path, out: Path) -> None:
    config = load_config(CONFIG)
    with InspectionAgent(scripted(), **config.to_agent_options()) as agent:
        inspection = agent.inspect(
            photos,
            property=Property(country="US", state="CO", time_zone="America/Denver"),
            inspected_at=datetime.now(UTC),  # check-out; deadlines count from here
        )
    section = turnover(inspection)
    print("\n".join(section))
    if inspection.cost is not None:
        print(f"{inspection.cost.expected} {inspection.cost.currency}, {inspection.cost.book}")
    for path in write_report(inspection, out, more={"Turnover": section}):
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
