import random

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from inspectiq.photos import ImageRule
from inspectiq.photos._fingerprint import Fingerprint, is_same_shot
from inspectiq.photos._prepare import prepare_picture
from tests.photos import corpus


def printed(picture: Image.Image, quality: int = 90) -> Fingerprint:
    data = corpus.encoded(picture, quality=quality)
    return prepare_picture(data, ImageRule(), name="a").fingerprint


@pytest.fixture(scope="module")
def room() -> Image.Image:
    return corpus.scene(size=(1600, 1200))


def test_the_same_shot_encoded_again_is_near(room: Image.Image) -> None:
    assert is_same_shot(printed(room), printed(room, quality=55))


@pytest.mark.parametrize("share", [0.4, 0.7, 1.5])
def test_the_same_shot_resized_is_near(room: Image.Image, share: float) -> None:
    size = round(1600 * share), round(1200 * share)
    assert is_same_shot(printed(room), printed(room.resize(size, Image.Resampling.LANCZOS)))


@pytest.mark.parametrize("gain", [0.92, 1.05])
def test_the_same_shot_a_little_darker_or_brighter_is_near(room: Image.Image, gain: float) -> None:
    assert is_same_shot(printed(room), printed(ImageEnhance.Brightness(room).enhance(gain)))


def test_a_crack_that_one_of_two_shots_has_keeps_them_apart(room: Image.Image) -> None:
    assert not is_same_shot(printed(room), printed(corpus.cracked(room)))


def test_a_stain_that_one_of_two_shots_has_keeps_them_apart(room: Image.Image) -> None:
    stained = room.copy()
    ImageDraw.Draw(stained).ellipse((700, 500, 780, 570), fill=(120, 90, 60))
    assert not is_same_shot(printed(room), printed(stained))


def test_two_blank_walls_are_never_near() -> None:
    walls = [printed(corpus.wall(seed)) for seed in range(4)]
    assert not any(is_same_shot(one, other) for one in walls for other in walls)
    assert not is_same_shot(printed(corpus.wall()), printed(corpus.cracked(corpus.wall())))
    white = printed(Image.new("RGB", (640, 480), "white"))
    assert not is_same_shot(white, white)


def test_the_same_room_from_a_step_aside_is_another_shot(room: Image.Image) -> None:
    assert not is_same_shot(printed(room), printed(room.crop((40, 20, 1600, 1200))))


def test_different_rooms_are_apart_and_the_order_makes_no_difference() -> None:
    rooms = [printed(corpus.scene(seed)) for seed in range(8)]
    for one, other in (random.Random(1).sample(rooms, 2) for _ in range(20)):
        assert is_same_shot(one, other) is is_same_shot(other, one) is False


def test_a_repr_shows_no_pixels(room: Image.Image) -> None:
    assert "thumb" not in repr(printed(room))
