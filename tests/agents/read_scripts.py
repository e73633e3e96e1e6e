"""Scripts for the tests of several reads and of second looks: engines, photos, what was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspectiq import EngineProfile, Inspection, InspectionAgent, Photo, VisionRequest
from inspectiq.domain import FrozenMap
from inspectiq.testing import FunctionTransport, make_answer
from tests.conftest import render_jpeg

Script = Callable[[VisionRequest], Any]

LEAK, MOLD = "supply_leak", "mold_suspect"
ALONE = "seen in one read only"
SAMPLED = EngineProfile(
    provider="a", model="b", settings=FrozenMap(temperature=0.7), photos_per_request=4
)


def photos_of(n: int, room: str | None = None) -> tuple[Photo, ...]:
    return tuple(
        Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}", room=room)
        for i in range(1, n + 1)
    )


def by_read(*issues: Sequence[dict[str, Any]] | Exception) -> Script:
    """Answers each read with issues of its own, or fails it."""

    def script(request: VisionRequest) -> Any:
        said = issues[request.read - 1]
        return said if isinstance(said, Exception) else make_answer(request, said)

    return script


def inspect(script: Script, reads: int, n: int = 1, **options: Any) -> Inspection:
    profile = options.pop("profile", SAMPLED)
    agent = InspectionAgent(FunctionTransport(script, profile=profile), reads=reads, **options)
    return agent.inspect(photos_of(n), id="c")


def list_agreements(result: Any) -> list[tuple[int, int, int]]:
    """How many reads saw each finding, of how many, and how many failed."""
    told = [finding.agreement for finding in result.found]
    return [(one.seen, one.reads, one.failed) for one in told if one is not None]
