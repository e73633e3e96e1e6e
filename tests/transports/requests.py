"""Requests for tests."""

from inspectiq import Case, InspectionAgent, Photo, VisionRequest
from inspectiq.testing import FunctionTransport, make_answer
from tests.conftest import render_jpeg


def request_of(n: int) -> VisionRequest:
    """An inspection's request about n photos."""
    agent = InspectionAgent(FunctionTransport(make_answer), photos_per_request=n)
    photos = tuple(
        Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}") for i in range(1, n + 1)
    )
    (request,) = agent.plan(agent.examine(Case(id="c", photos=photos)))
    return request
