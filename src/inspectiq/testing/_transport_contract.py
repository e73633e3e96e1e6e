"""Tests that every transport must pass; subclass them with your own."""

from __future__ import annotations

import asyncio
import io
import pickle
from abc import abstractmethod
from functools import cache
from typing import Any

import pytest

from inspectiq._samples import read_sample
from inspectiq.agents._agent import Agent
from inspectiq.agents._answers import Answer
from inspectiq.agents._case import Case
from inspectiq.agents._inspection import InspectionAgent
from inspectiq.agents._observations import find_added_fields
from inspectiq.domain._results import Result
from inspectiq.errors import InspectIQError
from inspectiq.photos._photo import Photo
from inspectiq.transports._base import Transport, VisionRequest, VisionResponse, get_profile
from inspectiq.transports._checking import check_response

__all__ = ["TransportContract"]


class TransportContract:
    """Tests of a transport.

        class TestMine(TransportContract):
            def make_transport(self):
                return MyTransport(base_url=local_stand_in)

    They send two rendered sample photos, to whatever `make_transport` points at. Where an agent of
    your own asks for more, with wire fields or types of its own, its requests are sent:

            def make_agent(self, transport):
                return PoolAgent(transport, taxonomy=pool_taxonomy)
    """

    @abstractmethod
    def make_transport(self) -> Transport:
        """Makes a new transport that can answer."""

    def make_agent(self, transport: Transport) -> Agent[Any, Any, Any]:
        """Makes the agent that asks; an inspection's, unless you make another."""
        return InspectionAgent(transport)

    @pytest.fixture
    def agent(self) -> Agent[Any, Any, Any]:
        """The agent that asks, about two photos at once."""
        agent = self.make_agent(self.make_transport())
        agent.photos_per_request = 2
        return agent

    @pytest.fixture
    def case(self, agent: Agent[Any, Any, Any]) -> Case:
        """A case with two photos, examined."""
        photos = (_make_photo("p1", "living-room-wall.jpg"), _make_photo("p2", "kitchen.jpg"))
        return agent.examine(Case(id="contract", photos=photos))

    @pytest.fixture
    def request_of_two(self, agent: Agent[Any, Any, Any], case: Case) -> VisionRequest:
        """A request of the agent with two photos."""
        (request,) = agent.plan(case)
        return request

    def test_it_answers_with_a_response_that_can_be_checked(
        self, request_of_two: VisionRequest
    ) -> None:
        async def go() -> VisionResponse:
            return await self.make_transport().send(request_of_two)

        response = asyncio.run(go())
        assert isinstance(response, VisionResponse)
        assert check_response(request_of_two, response).output is not None

    def test_the_agent_makes_a_result_of_its_answer(
        self, agent: Agent[Any, Any, Any], case: Case, request_of_two: VisionRequest
    ) -> None:
        async def go() -> VisionResponse:
            return await self.make_transport().send(request_of_two)

        response = check_response(request_of_two, asyncio.run(go()))
        assert response.problems == {}
        result = agent.absorb(case, [Answer(request_of_two, response=response)])
        assert isinstance(result, Result)
        assert result.status != "failed"
        own = find_added_fields(agent.observation_model)
        assert all(own <= finding.extra.keys() for finding in result.found)

    def test_it_names_its_engine_and_what_it_cost(self, request_of_two: VisionRequest) -> None:
        transport = self.make_transport()

        async def go() -> VisionResponse:
            return await transport.send(request_of_two)

        response = asyncio.run(go())
        assert response.engine.provider
        assert response.engine.model
        assert response.engine.identity == get_profile(transport).identity
        assert response.usage.requests >= 1

    def test_a_response_goes_through_json_and_pickle(self, request_of_two: VisionRequest) -> None:
        async def go() -> VisionResponse:
            return await self.make_transport().send(request_of_two)

        response = asyncio.run(go())
        assert VisionResponse.model_validate_json(response.model_dump_json()) == response
        assert pickle.loads(pickle.dumps(response)) == response  # noqa: S301 - made just above

    def test_it_leaves_the_request_as_it_was(self, request_of_two: VisionRequest) -> None:
        before = pickle.dumps(request_of_two)

        async def go() -> None:
            await self.make_transport().send(request_of_two)

        asyncio.run(go())
        assert pickle.dumps(request_of_two) == before

    def test_one_transport_serves_one_loop_after_another(
        self, request_of_two: VisionRequest
    ) -> None:
        transport = self.make_transport()

        async def go() -> VisionResponse:
            return await transport.send(request_of_two)

        assert asyncio.run(go()).engine == asyncio.run(go()).engine

    def test_it_answers_many_at_once(self, request_of_two: VisionRequest) -> None:
        transport = self.make_transport()

        async def go() -> list[Any]:
            return await asyncio.gather(*(transport.send(request_of_two) for _ in range(8)))

        assert len(asyncio.run(go())) == 8

    def test_it_answers_many_at_once_on_one_loop_after_another(
        self, request_of_two: VisionRequest
    ) -> None:
        transport = self.make_transport()

        async def go() -> int:
            calls = (transport.send(request_of_two) for _ in range(4))
            return len(await asyncio.gather(*calls))

        assert asyncio.run(go()) == 4
        # A lock or semaphore of asyncio belongs to the first loop on which somebody waited for it.
        assert asyncio.run(go()) == 4

    def test_a_cancelled_call_leaves_it_usable(self, request_of_two: VisionRequest) -> None:
        transport = self.make_transport()

        async def go() -> VisionResponse:
            task = asyncio.ensure_future(transport.send(request_of_two))
            await asyncio.sleep(0)
            if task.cancel():  # else it answered without waiting for anything
                with pytest.raises(asyncio.CancelledError):
                    await task
            return await transport.send(request_of_two)

        assert isinstance(asyncio.run(go()), VisionResponse)

    def test_what_it_raises_is_typed(self, request_of_two: VisionRequest) -> None:
        vanished = Photo.from_path("there-is-no-such-photo.jpg", id="p1")
        part = request_of_two.photos[0]
        broken = VisionRequest(
            instructions=request_of_two.instructions,
            text=request_of_two.text,
            photos=(type(part)(number=1, label=part.label, photo=vanished),),
            schema=request_of_two.schema,
        )

        async def go() -> VisionResponse:
            return await self.make_transport().send(broken)

        try:
            response = asyncio.run(go())
        except InspectIQError:
            return
        assert isinstance(response, VisionResponse)  # a double that reads no photos


@cache
def _make_photo(photo_id: str, sample: str) -> Photo:
    """Makes a photo of a sample, so small that sending it costs little."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(read_sample(sample))) as picture:
        picture.thumbnail((320, 320))
        picture.save(file, "JPEG")
    return Photo.from_bytes(file.getvalue(), name=f"{photo_id}.jpg", id=photo_id)
