"""Photos by URL: asked for, guarded, and each fault its own photo's."""

import asyncio
import json
import logging
import pickle
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest
import respx

from inspectiq import ConfigError, InspectionAgent, OpenAITransport, Photo, PhotoError
from inspectiq.net import NetPolicy
from inspectiq.photos import _size_limits as size_limits
from inspectiq.photos._collect import collect_photos
from tests.net.servers import opened, says, serving
from tests.transports.openai.stand_in import StandIn, responses, seen

SIGNED = "https://store.example/leases/4b/kitchen%20wall.jpg?signature=sesame"


async def reason(photo: Photo) -> str:
    with pytest.raises(PhotoError) as caught:
        await photo.aread()
    assert caught.value.photo == photo.name
    assert str(caught.value).startswith(f"{photo.name}: ")
    assert "sesame" not in str(caught.value)
    return caught.value.reason


def test_it_is_named_for_the_last_part_of_its_path() -> None:
    assert Photo.from_url(SIGNED).name == "kitchen wall.jpg"
    assert Photo.from_url("https://store.example/a%2Fb.jpg").name == "b.jpg"
    assert Photo.from_url(SIGNED, name="wall", room="kitchen", id="k").name == "wall"
    for odd in ("https://store.example/", "https://store.example?sesame", "http://[", "", "\ud800"):
        assert Photo.from_url(odd).name == "photo"
    assert Photo.from_url("http:user:sesame@store.example").name == "photo"
    assert len(Photo.from_url("https://store.example/" + "a" * 999).name) == 100


def test_neither_the_url_nor_the_headers_are_shown() -> None:
    photo = Photo.from_url(SIGNED, headers={"Authorization": "sesame"})
    shown = f"{photo!r} {photo.source!r} {photo.ref!r}"
    assert "sesame" not in shown
    assert "store.example" not in shown


def test_photos_are_equal_where_url_policy_and_headers_are() -> None:
    photo = Photo.from_url(SIGNED)
    assert photo == Photo.from_url(SIGNED, timeout=1)
    assert hash(photo) == hash(Photo.from_url(SIGNED))
    for other in (
        Photo.from_url(SIGNED + "1"),
        Photo.from_url(SIGNED, headers={"Authorization": "mine"}),
        Photo.from_url(SIGNED, policy=NetPolicy(private=("store.example",))),
    ):
        assert other != photo


def test_it_pickles_with_its_policy_and_headers_and_is_no_json() -> None:
    policy = NetPolicy(private=("store.example",))
    photo = Photo.from_url(SIGNED, policy=policy, headers={"X-Key": "sesame"}, room="kitchen")
    twin = pickle.loads(pickle.dumps(photo))
    assert twin == photo
    assert twin.source.timeout == photo.source.timeout  # type: ignore[attr-defined]
    assert photo.path is None


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        (b"https://store.example/", {}, "as text, not as bytes"),
        (None, {}, "as text, not as NoneType"),
        (SIGNED, {"headers": {"X-Key": "a\r\nb"}}, "printable ASCII"),
        (SIGNED, {"headers": {"X-K\u00e9y": "a"}}, "printable ASCII"),
        (SIGNED, {"headers": {"X-Key": 1}}, "printable ASCII"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_the_callers_fault(
    url: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        Photo.from_url(url, **options)


def test_a_policy_that_is_not_given_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", "store.internal")
    opened_by_setting = NetPolicy(private=("store.internal",))
    assert Photo.from_url(SIGNED) == Photo.from_url(SIGNED, policy=opened_by_setting)
    assert Photo.from_url(SIGNED, policy=NetPolicy()) != Photo.from_url(SIGNED)
    monkeypatch.setenv("INSPECTIQ_PRIVATE_NETWORKS", "10.0.0.0/99")
    with pytest.raises(ConfigError, match="INSPECTIQ_PRIVATE_NETWORKS"):
        Photo.from_url(SIGNED)


def test_reading_the_environment_for_each_photo_costs_little() -> None:
    Photo.from_url(SIGNED)
    start = time.perf_counter()
    for _ in range(100):
        Photo.from_url(SIGNED)
    assert (time.perf_counter() - start) / 100 < 0.005  # with room for a busy machine


async def test_what_cannot_be_fetched_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)

    assert await reason(Photo.from_url("http://10.0.0.1/a.jpg?sesame")) == "unsafe_url"
    assert await reason(Photo.from_url("file:///etc/passwd")) == "unsafe_url"
    assert await reason(Photo.from_url("https://user:sesame@store.example/a.jpg")) == "unsafe_url"
    async with serving(says(b"", status="404 Not Found")) as port:
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        assert await reason(Photo.from_url(at)) == "unsafe_url"
        assert await reason(Photo.from_url(at, policy=opened(port))) == "not_found"
    async with serving(says(b"", status="500 Oh")) as port:
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        assert await reason(Photo.from_url(at, policy=opened(port))) == "unreadable"
    async with serving(says(b"")) as port:
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        assert await reason(Photo.from_url(at, policy=opened(port))) == "empty"
    async with serving(hangs) as port:
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        assert await reason(Photo.from_url(at, policy=opened(port), timeout=0.2)) == "timeout"
    async with serving(says(b"x" * 2_000)) as port:
        monkeypatch.setattr("inspectiq.photos._url_source.MAX_BYTES", 1_000)
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        assert await reason(Photo.from_url(at, policy=opened(port))) == "too_many_bytes"
    assert size_limits.MAX_BYTES == 25_000_000


async def test_headers_are_sent_and_the_url_reaches_no_log(
    jpeg: Callable[[int], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    heads = []

    async def listens(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        await says(jpeg(1))(head, writer)

    caplog.set_level(logging.DEBUG)
    async with serving(listens) as port:
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        photo = Photo.from_url(at, policy=opened(port), headers={"Authorization": "Bearer mine"})
        assert await photo.aread() == jpeg(1)
    assert b"Authorization: Bearer mine\r\n" in heads[0]
    assert "sesame" not in caplog.text
    assert "mine" not in caplog.text


async def test_respx_mocks_a_photo_by_url(jpeg: Callable[[int], bytes]) -> None:
    with respx.mock() as router:
        router.get("https://store.example/a.jpg").respond(200, content=jpeg(1))
        assert await Photo.from_url("https://store.example/a.jpg").aread() == jpeg(1)


def test_a_url_that_is_given_as_a_path_names_the_way_to_ask_for_it() -> None:
    with pytest.raises(ConfigError, match=r"Photo\.from_url"):
        collect_photos("https://store.example/a.jpg")


async def test_an_inspection_goes_on_without_the_photos_that_cannot_be_fetched(
    jpeg: Callable[[int], bytes],
) -> None:
    async def store(head: bytes, writer: asyncio.StreamWriter) -> None:
        there = b"/fine.jpg" in head
        answer = says(jpeg(1)) if there else says(b"", status="404 Not Found")
        await answer(head, writer)

    async with serving(store) as port, InspectionAgent("offline") as agent:
        at, policy = f"http://127.0.0.1:{port}", opened(port)
        inspection = await agent.ainspect(
            [
                Photo.from_url("http://169.254.169.254/latest/meta-data", policy=policy),
                Photo.from_url(f"{at}/gone.jpg?sesame", policy=policy),
                Photo.from_url(f"{at}/fine.jpg?sesame", policy=policy, room="kitchen"),
                Photo.from_bytes(jpeg(2)),
            ]
        )
    outcomes = inspection.photos
    assert [outcome.status for outcome in outcomes] == ["failed", "failed", "triaged", "triaged"]
    assert [outcome.fault.reason for outcome in outcomes[:2] if outcome.fault] == [
        "unsafe_url",
        "not_found",
    ]
    assert outcomes[2].photo.name == "fine.jpg"
    assert outcomes[2].photo.original is not None
    assert "sesame" not in inspection.to_json() + inspection.to_markdown()
    assert inspection.status == "partial"


async def test_an_engine_gets_the_photo_itself_and_never_its_url(
    jpeg: Callable[[int], bytes],
) -> None:
    async with serving(says(jpeg(1))) as port:
        at = f"http://127.0.0.1:{port}/a.jpg?sesame"
        photo = Photo.from_url(at, policy=opened(port), headers={"X-Key": "sesame"})
        with StandIn(lambda body: responses(seen(body))) as server:
            async with aclosing(
                OpenAITransport("gpt-4.1", base_url=server.url, api_key="none")
            ) as engine:
                inspection = await InspectionAgent(engine).ainspect(photo)
    assert inspection.status == "complete"
    body = json.dumps(server.bodies)
    assert '"image_url": "data:image/jpeg;base64,' in body
    assert "sesame" not in body
    assert "127.0.0.1" not in body
