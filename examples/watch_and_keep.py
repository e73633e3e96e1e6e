"""Watches a run with an observer and keeps each result with a sink.

The engine is scripted, so that the example runs anywhere: it says nothing about real photos.

    python examples/watch_and_keep.py photos/ results/
"""

import asyncio
import sys
from pathlib import Path

from inspectiq import Inspection, InspectionAgent, VisionRequest
from inspectiq.events import Event, RequestAnswered, RunCompleted
from inspectiq.testing import FunctionTransport, make_answer, make_issue


class Meter:
    """Counts what a run costs."""

    def __init__(self) -> None:
        self.tokens = 0

    def on_event(self, event: Event, /) -> None:
        if isinstance(event, RequestAnswered):
            self.tokens += event.usage.input_tokens + event.usage.output_tokens
        elif isinstance(event, RunCompleted):
            print(f"{event.case_id}: {event.status} after {event.seconds:.1f} s")


class JsonFolder:
    """Keeps every result as a file, under its own id, so that a repeated run replaces it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def accept(self, result: Inspection, /) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{result.id}.json"
        await asyncio.to_thread(path.write_text, result.to_json(), encoding="utf-8")


def scripted(request: VisionRequest) -> str:
    return make_answer(request, [make_issue("scuff_scratch", 1, severity="low", condition="wear")])


async def main(photos: Path, out: Path) -> None:
    meter = Meter()
    engine = FunctionTransport(scripted)
    async with InspectionAgent(engine, observers=[meter], sinks=[JsonFolder(out)]) as agent:
        inspection = await agent.ainspect(photos, id="example")
    print(f"{len(inspection.issues)} issues, {meter.tokens} tokens")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
