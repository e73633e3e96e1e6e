import asyncio
import pickle
import socket
import threading
from collections.abc import Callable

import pytest

from inspectiq import (
    DiagnosisAgent,
    EngineProfile,
    InspectionAgent,
    Photo,
    Transport,
    VisionResponse,
    testing,
)
from inspectiq.testing import (
    FunctionTransport,
    NetworkBlocked,
    ScriptedTransport,
    TransportContract,
    block_network,
    make_answer,
    make_issue,
)
from inspectiq.transports._offline import OfflineTransport
from tests.transports.requests import request_of

Photos = Callable[..., tuple[Photo, ...]]


class TestFunctionTransport(TransportContract):
    def make_transport(self) -> Transport:
        return FunctionTransport(lambda request: make_answer(request, [make_issue("clog", 1)]))


class TestFunctionTransportThatPrepares(TransportContract):
    def make_transport(self) -> Transport:
        return FunctionTransport(make_answer, prepare_photos=True)


class TestOfflineTransport(TransportContract):
    def make_transport(self) -> Transport:
        return OfflineTransport()


def test_a_call_beyond_the_script_raises_through_the_agent(photos: Photos) -> None:
    with pytest.raises(AssertionError, match=r"unexpected call 1.*p1"):
        InspectionAgent(ScriptedTransport([])).inspect(photos(1))


def test_steps_that_were_not_used_raise_when_the_block_ends() -> None:
    with pytest.raises(AssertionError, match="2 steps"), ScriptedTransport(["a", "b"]):
        pass


def test_an_error_in_the_block_is_not_hidden_by_unused_steps() -> None:
    with pytest.raises(KeyError), ScriptedTransport(["a"]):
        raise KeyError


async def test_a_step_is_text_a_response_an_error_or_a_function() -> None:
    request = request_of(1)
    response = VisionResponse(text="{}", engine=EngineProfile().to_record())

    async def later(asked: object) -> str:
        await asyncio.sleep(0)
        return "later"

    engine = ScriptedTransport(["text", response, KeyError("x"), later])
    assert (await engine.send(request)).text == "text"
    assert await engine.send(request) is response
    with pytest.raises(KeyError):
        await engine.send(request)
    assert (await engine.send(request)).text == "later"
    assert engine.requests == [request] * 4
    engine.assert_consumed()


async def test_it_can_prepare_photos_as_an_engine_would() -> None:
    engine = FunctionTransport(make_answer, prepare_photos=True)
    response = await engine.send(request_of(2))
    assert {number: sent.format for number, sent in response.sent.items()} == {
        "1": "jpeg",
        "2": "jpeg",
    }
    assert pickle.loads(pickle.dumps(response)) == response


def test_a_reply_says_which_field_it_will_not_invent() -> None:
    with pytest.raises(AssertionError, match="confidence may be neither null nor empty"):
        make_answer(request_of(1), [{"issue_type": "clog", "description": "x", "area": "unit"}])


def test_an_unknown_field_of_a_script_fails_the_test_and_says_how_to_mend_it(
    photos: Photos,
) -> None:
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("clog", 1, watr="green")])
    )
    with pytest.raises(AssertionError, match=r"watr is no field .*with an `observation_model`"):
        InspectionAgent(engine).inspect(photos(1))


def test_an_unknown_field_of_the_whole_is_told_as_well(photos: Photos) -> None:
    engine = FunctionTransport(lambda request: make_answer(request, overall={"acount": "x"}))
    with pytest.raises(AssertionError, match="acount is no field"):
        DiagnosisAgent(engine).diagnose(photos(1))


def test_the_network_is_blocked_in_every_thread_and_opens_again() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    address = server.getsockname()
    caught: list[Exception] = []

    def reach() -> None:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            for attempt in (
                lambda: socket.create_connection(address, timeout=1),
                lambda: socket.getaddrinfo("example.org", 443),
                lambda: udp.sendto(b"x", address),
                lambda: tcp.connect_ex(address),
            ):
                try:
                    attempt()
                except Exception as error:
                    caught.append(error)

    with server:
        with block_network():
            thread = threading.Thread(target=reach)
            thread.start()
            thread.join()
        assert [type(error) for error in caught] == [NetworkBlocked] * 4
        with block_network(allow_loopback=True):
            socket.create_connection(address, timeout=5).close()
        socket.create_connection(address, timeout=5).close()


def test_an_inspection_with_the_offline_engine_needs_no_network(photos: Photos) -> None:
    with block_network():
        inspection = InspectionAgent("offline").inspect(photos(2))
    assert [outcome.status for outcome in inspection.photos] == ["triaged", "triaged"]


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = testing.Nothing  # type: ignore[attr-defined]
