import json
from pathlib import Path

import pytest
from PIL import Image

from inspectiq import Photo, Taxonomy
from inspectiq._samples import LABEL, render, sample_names, write_samples


def test_every_sample_says_that_it_is_rendered_and_names_known_defects(samples: Path) -> None:
    taxonomy = Taxonomy.default()
    for name in sample_names():
        (path,) = samples.rglob(name)
        with Image.open(path) as picture:
            assert picture.getexif()[0x010E] == LABEL
            assert LABEL.encode() in picture.info["comment"]
    for name in ("living-room-wall.jpg", "kitchen.jpg"):
        _, sample = render(name)
        for kind, box in sample.defects:
            assert kind in taxonomy
            assert 0 <= box[0] < box[2] <= 1
            assert 0 <= box[1] < box[3] <= 1


def test_a_sample_is_the_same_every_time() -> None:
    first, _ = render("kitchen.jpg")
    second, _ = render("kitchen.jpg")
    assert first.tobytes() == second.tobytes()


def test_a_sample_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        render("attic.jpg")


def test_one_sample_is_stored_sideways_and_comes_out_upright(samples: Path) -> None:
    prepared = Photo.from_path(samples / "bedroom" / "bedroom-door-corner.jpg").prepared()
    assert prepared.orientation == 6
    assert prepared.sent.height > prepared.sent.width


def test_samples_are_written_into_a_folder_for_each_room(tmp_path: Path) -> None:
    written = write_samples(tmp_path)
    assert {path.parent.name for path, _ in written} == {sample.room for _, sample in written}
    assert json.dumps([sample.shows for _, sample in written])
