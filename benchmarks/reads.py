"""What several reads and a second look find, and what they cost, with simulated engines.

    python benchmarks/reads.py [--cases 40]

No model is asked. The engines miss and invent at rates that are set below, which are assumptions
and were measured of no model; what is real is how the agent joins, keeps, asks again and pays.
Dollars are what the answers would cost at the prices of two models in the table that ships, without
what models reason, which nobody measured.
"""

import argparse
import io
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image

from inspectiq import (
    Case,
    EngineProfile,
    Inspection,
    InspectionAgent,
    OpenAITransport,
    Photo,
    Usage,
    VisionRequest,
    VisionResponse,
)
from inspectiq.agents import SecondLook
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from inspectiq.transports._estimates import estimate_tokens

PHOTOS = 20  # of a case
DAMAGED = 0.3  # share of photos that show something
TYPES = ("supply_leak", "mold_suspect", "wall_hole", "tile_crack_missing", "water_stain")
INVENTED = ("paint_peel", "scuff_scratch", "dirty_surface")  # what false alarms are
JITTER = 0.06  # standard deviation of a box's edges from read to read, of its side
VERDICT, FINDING = 10, 110  # tokens of an answer; as the package assumes in its estimates
SHARED = 0.8  # how often reads of one thing are right or wrong together, where they are correlated


@dataclass(frozen=True)
class Engine:
    """A simulated engine.

    Attributes:
        model: Whose prices it has.
        miss: Share of the defects that a read misses.
        alarms: False findings of a read for each photo.
    """

    model: str
    miss: float
    alarms: float

    def make_profile(self) -> EngineProfile:
        """Makes the profile: that of the model whose prices it has."""
        return OpenAITransport(self.model, api_key="sk-none").profile


CHEAP = Engine("gpt-6-luna", miss=0.30, alarms=0.10)
CAREFUL = Engine("gpt-6.2-sol", miss=0.12, alarms=0.05)


@dataclass(frozen=True)
class Plan:
    """How photos are read.

    Attributes:
        name: As the table says.
        engine: Of the first look.
        reads: As for an agent.
        keep: As for an agent.
        second: Engine of the second look; None for none.
        unsure_below: As for a second look.
    """

    name: str
    engine: Engine = CHEAP
    reads: int = 1
    keep: Literal["union", "majority"] = "union"
    second: Engine | None = None
    unsure_below: float = 0.0


PLANS = (
    Plan("one read"),
    Plan("3 reads, union", reads=3),
    Plan("3 reads, majority", reads=3, keep="majority"),
    Plan("5 reads, union", reads=5),
    Plan("5 reads, majority", reads=5, keep="majority"),
    Plan("second look, same engine", second=CHEAP),
    Plan("second look, careful engine", second=CAREFUL),
    Plan("the same, and below 0.6", second=CAREFUL, unsure_below=0.6),
    Plan("3 reads, majority, then careful", reads=3, keep="majority", second=CAREFUL),
    Plan("careful engine, one read", engine=CAREFUL),
)


class Simulation:
    """The truth about some photos, and what engines say of them.

    Args:
        cases: How many cases of 20 photos.
        shared: How often reads of one thing share their luck.
    """

    def __init__(self, cases: int, shared: float) -> None:
        self.shared = shared
        self.truth: dict[str, dict[str, tuple[float, ...]]] = {}
        self.cases = [
            Case(
                id=f"c{number}",
                photos=tuple(self._make_photo(f"c{number}p{place}") for place in range(PHOTOS)),
            )
            for number in range(cases)
        ]

    def _make_photo(self, photo_id: str) -> Photo:
        luck = random.Random(photo_id)
        kinds = luck.sample(TYPES, luck.choice((1, 1, 2))) if luck.random() < DAMAGED else []
        self.truth[photo_id] = {kind: _place(luck) for kind in kinds}
        blocks = Image.frombytes("RGB", (8, 6), luck.randbytes(8 * 6 * 3))
        file = io.BytesIO()
        blocks.resize((1024, 768), Image.Resampling.NEAREST).save(file, "JPEG")
        return Photo.from_bytes(file.getvalue(), name=f"{photo_id}.jpg", id=photo_id)

    def make_transport(self, engine: Engine) -> FunctionTransport:
        """Makes a transport that answers as an engine would."""
        profile = engine.make_profile()

        def answer(request: VisionRequest) -> VisionResponse:
            issues = [
                issue
                for part in request.photos
                for issue in self._see(engine, request, part.number, part.photo.id or "")
            ]
            taken = estimate_tokens(request, profile)
            usage = Usage(
                requests=1,
                input_tokens=taken.text_tokens + taken.image_tokens,
                output_tokens=VERDICT * len(request.photos) + FINDING * len(issues),
            )
            return VisionResponse(
                text=make_answer(request, issues),
                usage=profile.price_usage(usage),
                engine=profile.to_record(),
            )

        return FunctionTransport(answer, profile=profile)

    def _see(
        self, engine: Engine, request: VisionRequest, number: int, photo_id: str
    ) -> Iterator[dict[str, Any]]:
        """Says what a read sees in a photo."""
        read = f"{engine.model} {request.look} {request.read} {photo_id}"
        for kind, box in self.truth[photo_id].items():
            if self._draw(f"{photo_id} {kind}", read) >= engine.miss:
                yield _write(kind, number, box, read, surest=(0.5, 1.0))
        if self._draw(f"{photo_id} alarm", read) < engine.alarms:
            luck = random.Random(f"{photo_id} alarm")  # what may be mistaken is the same
            kind = luck.choice(INVENTED)
            yield _write(kind, number, _place(luck), read, surest=(0.3, 0.9))

    def _draw(self, thing: str, read: str) -> float:
        """Draws the luck of a read with a thing: its own, or that of all reads of the thing."""
        own = random.Random(f"{thing} {read}")
        alike = own.random() < self.shared
        return random.Random(thing).random() if alike else own.random()


def _place(luck: random.Random) -> tuple[float, ...]:
    x, y, wide, high = (
        luck.uniform(*span) for span in ((0, 0.6), (0, 0.6), (0.1, 0.35), (0.1, 0.35))
    )
    return x, y, x + wide, y + high


def _write(
    kind: str, number: int, box: tuple[float, ...], read: str, surest: tuple[float, float]
) -> dict[str, Any]:
    """Writes a finding, with a box that is a little off."""
    luck = random.Random(f"{read} {kind} box")
    sides = (box[2] - box[0], box[3] - box[1]) * 2
    corners = [
        round(1000 * min(1.0, max(0.0, edge + luck.gauss(0, JITTER) * side)))
        for edge, side in zip(box, sides, strict=True)
    ]
    return make_issue(kind, number, box=corners, confidence=luck.uniform(*surest))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=40)
    cases = parser.parse_args().cases
    for shared in (0.0, SHARED):
        simulation = Simulation(cases, shared)
        kind = "independent" if not shared else f"correlated ({shared:.0%} of the luck is shared)"
        print(f"\n{cases * PHOTOS} photos, simulated; reads are {kind}\n")
        print("| plan | recall | precision | left to a person, 100 photos | $, 1,000 photos |")
        print("| --- | --- | --- | --- | --- |")
        for plan in PLANS:
            print(_measure(simulation, plan))


def _measure(simulation: Simulation, plan: Plan) -> str:
    look = None
    if plan.second is not None:
        engine = None if plan.second is plan.engine else simulation.make_transport(plan.second)
        look = SecondLook(engine=engine, unsure_below=plan.unsure_below)
    agent = InspectionAgent(
        simulation.make_transport(plan.engine), reads=plan.reads, keep=plan.keep, second_look=look
    )
    counts: Counter[str] = Counter()
    usage = Usage()
    for case in simulation.cases:
        inspection = agent.run(case)
        counts += _compare(inspection, simulation.truth)
        usage += inspection.usage
    photos = len(simulation.truth)
    defects = sum(map(len, simulation.truth.values()))
    return (
        f"| {plan.name} | {counts['right'] / defects:.2f} | "
        f"{counts['right'] / counts['found']:.2f} | {100 * counts['left'] / photos:.0f} | "
        f"{1000 * (usage.usd or 0) / photos:.2f} |"
    )


def _compare(
    inspection: Inspection, truth: dict[str, dict[str, tuple[float, ...]]]
) -> Counter[str]:
    """Counts findings, those that are right (each defect once), and those left to a person."""
    right = {
        (shown.photo_id, issue.type)
        for issue in inspection.issues
        for shown in issue.evidence
        if issue.type in truth[shown.photo_id]
    }
    return Counter(
        found=len(inspection.issues),
        right=len(right),
        left=sum(bool(issue.review) for issue in inspection.issues),
    )


if __name__ == "__main__":
    main()
