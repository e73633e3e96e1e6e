"""No request of a test may leave the machine: canaries for the two ways of seeing them."""

from __future__ import annotations

import asyncio

import pytest
import respx

from inspectiq import OpenAITransport, VisionResponse
from inspectiq.errors import ProviderUnavailable
from inspectiq.testing import block_network
from inspectiq.transports._openai.clients import import_http
from tests.transports.openai.stand_in import responses, seen
from tests.transports.requests import request_of


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)


def _send() -> VisionResponse:
    async def go() -> VisionResponse:
        engine = OpenAITransport("gpt-4.1", api_key="sk-canary-0123456789")
        try:
            return await engine.send(request_of(1))
        finally:
            await engine.aclose()

    return asyncio.run(go())


def test_a_request_to_openai_is_stopped_where_the_network_is_blocked() -> None:
    with block_network(), pytest.raises(ProviderUnavailable):
        _send()


@pytest.mark.skipif(import_http().__name__ == "httpx", reason="the SDK's 2.x stands on httpx")
def test_a_router_for_httpx2_sees_what_goes_to_openai(httpx2_mock: respx.Router) -> None:
    body = {"text": {"format": {"schema": request_of(1).schema.to_dict()}}}
    answer = responses(seen(body)).body
    route = httpx2_mock.post("https://api.openai.com/v1/responses").respond(json=answer)
    assert _send().finish == "stop"
    assert route.call_count == 1


@pytest.mark.skipif(import_http().__name__ == "httpx", reason="the SDK's 2.x stands on httpx")
def test_a_router_for_httpx_does_not_which_is_why_the_network_is_blocked_as_well() -> None:
    with respx.mock(assert_all_called=False) as router, block_network():
        route = router.post("https://api.openai.com/v1/responses")
        with pytest.raises(ProviderUnavailable):
            _send()
    assert not route.called
