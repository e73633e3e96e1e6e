import dataclasses
import pickle
from pathlib import Path

import pytest

from inspectiq import (
    ConfigError,
    EngineProfile,
    Photo,
    SeverityPolicy,
    Taxonomy,
    VisionRequest,
    VisionResponse,
    WrapperTransport,
)
from inspectiq.domain import FrozenMap
from inspectiq.testing import FunctionTransport, make_answer
from inspectiq.transports._base import aclose, get_profile
from inspectiq.transports._wire import make_photo_key
from tests.conftest import render_jpeg
from tests.transports.requests import request_of


def test_a_request_pickles_and_carries_no_bytes_of_a_photo_from_a_path(tmp_path: Path) -> None:
    request = request_of(1)
    path = tmp_path / "a.jpg"
    path.write_bytes(render_jpeg(1, size=(640, 480)))
    part = dataclasses.replace(request.photos[0], photo=Photo.from_path(path, id="p1"))
    request = dataclasses.replace(request, photos=(part,))
    packed = pickle.dumps(request)
    assert pickle.loads(packed) == request
    assert path.read_bytes()[100:200] not in packed


def test_the_content_key_follows_what_is_asked_and_who_is_asked() -> None:
    request = request_of(2)
    key = request.make_content_key("engine")
    assert key == request_of(2).make_content_key("engine")
    others = [
        request.make_content_key("another engine"),
        dataclasses.replace(request, instructions="x").make_content_key("engine"),
        dataclasses.replace(request, text="x").make_content_key("engine"),
        dataclasses.replace(request, ask=2).make_content_key("engine"),
        dataclasses.replace(request, photos=request.photos[:1]).make_content_key("engine"),
        dataclasses.replace(request, schema=FrozenMap(a=1)).make_content_key("engine"),
    ]
    assert len({key, *others}) == 7
    assert dataclasses.replace(request, metadata=FrozenMap(a="b")).make_content_key("engine") == key


def test_the_identity_of_an_engine_follows_all_that_decides_its_answers() -> None:
    one = EngineProfile(provider="a", model="b")
    assert one.identity == EngineProfile(provider="a", model="b", photos_per_request=9).identity
    assert one.identity != EngineProfile(provider="a", model="c").identity
    assert one.identity != EngineProfile(provider="a", model="b", settings=FrozenMap(t=1)).identity


def test_a_transport_without_a_profile_is_named_after_its_class() -> None:
    class Plain:
        async def send(self, request: VisionRequest, /) -> VisionResponse:
            raise NotImplementedError

    assert get_profile(Plain()).model == "Plain"


async def test_a_wrapper_passes_everything_on_and_closes_what_it_wraps() -> None:
    closed = []

    class Closing(FunctionTransport):
        async def aclose(self) -> None:
            closed.append(True)

    inner = Closing(make_answer)
    wrapper = WrapperTransport(inner)
    assert wrapper.profile is inner.profile
    assert (await wrapper.send(request_of(1))).text
    await wrapper.aclose()
    await aclose(FunctionTransport(make_answer))  # has nothing to close
    assert closed == [True]


def test_a_response_keeps_its_raw_form_out_of_json_pickle_and_equality() -> None:
    engine = EngineProfile().to_record()
    one = VisionResponse(text="{}", engine=engine, raw=lambda: None)
    two = VisionResponse(text="{}", engine=engine)
    assert one == two
    assert hash(one) == hash(two)
    assert pickle.loads(pickle.dumps(one)).raw is None
    assert VisionResponse.model_validate_json(one.model_dump_json()) == two


def test_photos_are_properties_of_the_answer_so_that_none_can_be_left_out() -> None:
    schema = request_of(3).schema.to_dict()
    assert schema["properties"]["photos"]["required"] == [make_photo_key(n) for n in (1, 2, 3)]


def test_a_copy_of_a_profile_or_policy_has_a_hash_of_its_own() -> None:
    one = EngineProfile(provider="a", model="b")
    assert one.identity != one.model_copy(update={"model": "c"}).identity
    policy = SeverityPolicy.default()
    assert policy.sha256 != policy.model_copy(update={"name": "other"}).sha256
    taxonomy = Taxonomy.default()
    assert "clog" in taxonomy
    fewer = taxonomy.model_copy(update={"types": taxonomy.types[:3]})
    assert "clog" not in fewer
    assert fewer.sha256 != taxonomy.sha256


def test_a_photo_that_was_not_examined_has_no_key_to_be_confused_by() -> None:
    request = request_of(1)
    unread = dataclasses.replace(request.photos[0], photo=Photo.from_path("a.jpg", id="p1"))
    with pytest.raises(ConfigError, match="was not examined"):
        dataclasses.replace(request, photos=(unread,)).make_content_key("engine")
