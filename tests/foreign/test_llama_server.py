"""llama.cpp's server with a tiny model that gives the shortest answer there is."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from inspectiq import Inspection, InspectionAgent, OpenAITransport, Photo
from inspectiq.errors import BadRequest
from tests.foreign.servers import llama_server

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.filterwarnings("ignore:the model 'tiny' is not in the model table"),
]

Photos = Callable[..., tuple[Photo, ...]]


def inspect(url: str, photos: tuple[Photo, ...], **options: Any) -> Inspection:
    with closing(OpenAITransport("tiny", base_url=url, api_key="none", **options)) as engine:
        return InspectionAgent(engine, photos_per_request=4).inspect(photos)


def statuses(inspection: Inspection) -> Counter[tuple[str, str | None]]:
    return Counter(
        (outcome.status, outcome.fault.error if outcome.fault else None)
        for outcome in inspection.photos
    )


def test_photos_are_assessed_and_their_tokens_counted(photos: Photos) -> None:
    with llama_server() as url:
        inspection = inspect(url, photos(5), api="chat")
    assert statuses(inspection) == {("assessed", None): 5}
    assert inspection.usage.requests == 2
    assert inspection.usage.input_tokens > 5 * 256


def test_a_model_for_words_alone_is_no_outage_and_asked_once(photos: Photos) -> None:
    with llama_server(pictures=False) as url:
        with pytest.raises(BadRequest, match="takes no pictures") as caught:
            inspect(url, photos(2), api="chat")
        assert (caught.value.reason, caught.value.attempts) == ("no_vision", 1)
        with closing(OpenAITransport("tiny", api="chat", base_url=url, api_key="n")) as engine:
            assert InspectionAgent(engine).check().error == "BadRequest"


def words_of(url: str, photos: tuple[Photo, ...]) -> int:
    """Tokens of a request about one photo."""
    return inspect(url, photos, api="chat").usage.input_tokens


@pytest.mark.parametrize(("room", "requests"), [(0, 8), (1, 12), (2, 6)])
def test_photos_that_do_not_fit_the_context_together_are_asked_about_apart(
    photos: Photos, room: int, requests: int
) -> None:
    with llama_server() as url:
        one = words_of(url, photos(1))
    # The server rounds its context up to a multiple of 256, which is what a picture takes here.
    fits = (one + 100 + 255) // 256 * 256 + 256 * (room - 1)
    with llama_server(context=fits) as url:
        inspection = inspect(url, photos(8), api="chat")
    if room:
        assert statuses(inspection) == {("assessed", None): 8}
    else:
        assert statuses(inspection) == {("failed", "BadRequest"): 8}
        assert inspection.photos[0].fault is not None
        assert "image=ImageRule" in inspection.photos[0].fault.message
    assert inspection.usage.requests == requests


def test_the_responses_api_which_ignores_the_schema_never_makes_a_photo_clean(
    photos: Photos,
) -> None:
    with llama_server() as url:
        inspection = inspect(url, photos(2), api="responses")
        assert statuses(inspection) == {("failed", "OutputInvalid"): 2}
        assert inspection.usage.input_tokens > 0
        with closing(OpenAITransport("tiny", base_url=url, api_key="none")) as engine:
            found = InspectionAgent(engine).check()
    assert any("strict_schemas=False" in problem for problem in found.problems)
    assert found.usage is not None
    assert found.usage.input_tokens > 0
    assert json.loads(found.model_dump_json())["ok"] is False
