"""Puts doubtful findings into a queue, and takes a person's decisions back into the result.

The queue is a small SQLite file of the host's own; any queue will do. The engine and the person are
scripted, so that the example runs anywhere: they say nothing about real photos.

    python examples/human_queue.py photos/ out/
"""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inspectiq import (
    CostBook,
    Finding,
    Inspection,
    InspectionAgent,
    Property,
    SeverityPolicy,
    VisionRequest,
    write_report,
)
from inspectiq.domain import Decision, Quantity
from inspectiq.testing import FunctionTransport, make_answer, make_issue

POLICY, BOOK = SeverityPolicy.default(), CostBook.default()
SURE = 0.8  # the stated confidence below which somebody looks; our own choice

TABLES = """
CREATE TABLE IF NOT EXISTS results (id TEXT PRIMARY KEY, json TEXT);
CREATE TABLE IF NOT EXISTS waiting (
    result TEXT, finding TEXT, why TEXT, PRIMARY KEY (result, finding)
);
"""


def doubt(finding: Finding) -> str:
    """Why a person should look; empty where nobody need to, or somebody has."""
    if finding.reviews:
        return ""
    reasons = [*finding.review, finding.severity.review]
    confidence = finding.observed.confidence
    if confidence is not None and confidence < SURE:
        reasons.append(f"the engine states a confidence of {confidence:g}")
    return "; ".join(dict.fromkeys(filter(None, reasons)))


class ReviewQueue:
    """Results, and which of their findings wait for a person. Its `accept` makes it a sink."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        with self.opened() as database:
            database.executescript(TABLES)

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path)) as database, database:
            yield database

    async def accept(self, result: Inspection, /) -> None:
        await asyncio.to_thread(self.put, result)  # SQLite would hold up the event loop

    def put(self, result: Inspection) -> None:
        """Keyed by ids, so that a task that runs twice asks nobody twice."""
        doubts = [(result.id, item.id, why) for item in result.issues if (why := doubt(item))]
        with self.opened() as database:
            database.execute("REPLACE INTO results VALUES (?, ?)", (result.id, result.to_json()))
            database.executemany("REPLACE INTO waiting VALUES (?, ?, ?)", doubts)

    def waiting(self, result_id: str) -> dict[str, str]:
        """Why a person should look, by the id of the finding."""
        with self.opened() as database:
            query = "SELECT finding, why FROM waiting WHERE result = ?"
            return dict(database.execute(query, (result_id,)).fetchall())

    def result(self, result_id: str) -> Inspection:
        with self.opened() as database:
            found = database.execute("SELECT json FROM results WHERE id = ?", (result_id,))
            return Inspection.model_validate_json(found.fetchone()[0])

    def done(self, result_id: str) -> None:
        with self.opened() as database:
            database.execute("DELETE FROM waiting WHERE result = ?", (result_id,))


def decided(finding: Finding) -> tuple[Decision, str, dict[str, Any]]:
    """Plays the person at the queue: a decision, why, and what changes of an edited finding."""
    if finding.type == "water_stain":
        return "rejected", "the shadow of a curtain rail", {}
    if finding.type == "wall_hole":
        return "edited", "measured on site", {"quantity": Quantity(amount=9, unit="sq_ft")}
    return "accepted", "", {}


def review(queue: ReviewQueue, result_id: str) -> Inspection:
    """The result with a decision about each finding of it that waits."""
    inspection = queue.result(result_id)
    waiting = queue.waiting(result_id)
    for finding in inspection.issues:
        if finding.id not in waiting:
            continue
        decision, because, changes = decided(finding)
        inspection = inspection.with_review(
            finding.id,
            decision,
            by="Ana (scripted)",
            at=datetime.now(UTC),
            because=because,
            severity_policy=POLICY,  # somebody has looked, so a doubt keeps no level back
            cost_book=BOOK,  # what is rejected shares no visit any more
            **changes,
        )
    queue.put(inspection)  # under an id of its own; the first result stays as it was
    queue.done(result_id)
    return inspection


def scripted(request: VisionRequest) -> str:
    """Plays an engine that is sure of one finding in each room and doubts three in the kitchen."""
    found = [make_issue("caulk_grout_failure", 1, severity="low", confidence=0.95, extent=2)]
    if any("kitchen" in part.label for part in request.photos):
        found += [
            make_issue("water_stain", 1, severity="medium", confidence=0.3, extent=4),
            make_issue("wall_hole", 1, severity="medium", confidence=0.7, extent=1),
            make_issue("mold_suspect", 1, severity="medium", confidence=0.4, extent=12),
        ]
    return make_answer(request, found)


def said(inspection: Inspection) -> str:
    cost = inspection.cost
    levels = ", ".join(f"{count} {level}" for level, count in inspection.summary.by_level.items())
    price = f"{cost.expected} {cost.currency}" if cost else "no price"
    return f"{levels}; {inspection.summary.rejected} rejected; {price}"


def main(photos: Path, out: Path) -> None:
    queue = ReviewQueue(out / "queue.sqlite")
    with InspectionAgent(FunctionTransport(scripted), sinks=[queue]) as agent:
        place = Property(country="US", state="CA")
        first = agent.inspect(photos, id="unit-4b", property=place)
    print(f"before: {said(first)}")
    for finding_id, why in queue.waiting(first.id).items():
        print(f"  {finding_id} waits: {why}")

    # Later, and in another process: all that is needed is in the queue.
    last = review(queue, first.id)
    print(f"after: {said(last)}")
    for finding in last.issues:
        for decision in finding.reviews:
            was = finding.original.severity.label
            print(f"  {finding.label}: {decision.decision} by {decision.by}, was {was}")
    for path in write_report(last, out, photos=photos):
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
