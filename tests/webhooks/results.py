"""Results to tell of. What their engine says is scripted."""

from functools import cache

from inspectiq import (
    Case,
    Diagnosis,
    DiagnosisAgent,
    Inspection,
    InspectionAgent,
    Photo,
    Property,
    VisionRequest,
)
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tests.conftest import render_jpeg

TAGS = {"tenant": "acme", "portfolio": "north"}


@cache
def an_inspection() -> Inspection:
    def answer(request: VisionRequest) -> str:
        return make_answer(request, [make_issue("wall_hole", 1, severity="high")])

    case = Case(
        id="case-1",
        photos=(Photo.from_bytes(render_jpeg(1), name="küche.jpg"),),
        property=Property(address="Plantedstrasse 1", country="US"),
        tags=TAGS,
    )
    return InspectionAgent(FunctionTransport(answer)).run(case)


@cache
def an_emergency() -> Diagnosis:
    def answer(request: VisionRequest) -> str:
        return make_answer(request, [make_problem("gas_leak_reported")])

    return DiagnosisAgent(FunctionTransport(answer)).diagnose(
        description="I smell gas in the kitchen!", id="case-2", tags=TAGS
    )


def numbered(number: int | str, **changes: object) -> Inspection:
    """An inspection with an id of its own."""
    return an_inspection().model_copy(update={"id": f"result-{number}", **changes})
