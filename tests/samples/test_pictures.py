"""What `tools/pictures` renders, and that the samples that ship are what it renders."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inspectiq._samples import LABEL, list_samples, read_sample
from tools.pictures import FLAT_SCENES, SCENES, render_picture, write_pictures
from tools.pictures.__main__ import SHIPPED, main
from tools.pictures.rendering import LIST
from tools.pictures.scenes import Scene

MEAN, FAR, FAR_SHARE = 0.5, 8, 0.001  # grey levels, and of how many pixels, that codecs may differ


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that ships, rendered again."""
    folder = tmp_path_factory.mktemp("rendered")
    write_pictures(folder)
    write_pictures(folder / "flat", FLAT_SCENES)
    return folder


def _read_pixels(jpeg: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.int16)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("", scene.name) for scene in SCENES] + [("flat", scene.name) for scene in FLAT_SCENES],
)
def test_a_sample_that_ships_is_the_picture_that_is_rendered(
    rendered: Path, folder: str, name: str
) -> None:
    shipped, fresh = read_sample(name, folder), (rendered / folder / name).read_bytes()
    apart = np.abs(_read_pixels(shipped) - _read_pixels(fresh))
    assert apart.mean() < MEAN
    assert (apart > FAR).mean() < FAR_SHARE
    with Image.open(io.BytesIO(shipped)) as one, Image.open(io.BytesIO(fresh)) as other:
        assert dict(one.getexif()) == dict(other.getexif())
        assert one.getexif().get_ifd(0x8769) == other.getexif().get_ifd(0x8769)


@pytest.mark.parametrize(("folder", "scenes"), [("", SCENES), ("flat", FLAT_SCENES)])
def test_what_the_samples_show_is_what_is_drawn_and_nothing_else_ships(
    rendered: Path, folder: str, scenes: tuple[Scene, ...]
) -> None:
    assert json.loads((rendered / folder / LIST).read_text("utf-8")) == json.loads(
        (SHIPPED / folder / LIST).read_text("utf-8")
    )
    assert [sample.name for sample in list_samples(folder)] == [scene.name for scene in scenes]
    shipped = {path.name for path in (SHIPPED / folder).glob("*.jp*g")}
    assert shipped == {scene.name for scene in scenes}


def test_a_seed_is_the_same_picture_every_time_and_another_seed_another() -> None:
    first, again, other = (render_picture("living-room-wall.jpg", seed=seed) for seed in (1, 1, 2))
    assert first[0].tobytes() == again[0].tobytes() != other[0].tobytes()
    assert first[1] == again[1] != other[1]
    (crack,) = other[1].defects
    assert 0 <= crack.box[0] < crack.box[2] <= 1
    assert 0 <= crack.box[1] < crack.box[3] <= 1


def test_a_scene_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        render_picture("attic.jpg")


def test_the_command_renders_into_a_folder_and_names_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["pictures", "--out", str(tmp_path), "--seed", "8"])
    monkeypatch.setattr("tools.pictures.__main__.FLAT_SCENES", FLAT_SCENES[:1])
    main()
    said = capsys.readouterr().out
    written = [tmp_path / scene.name for scene in SCENES]
    for path in (*written, tmp_path / "flat" / FLAT_SCENES[0].name):
        assert str(path) in said
        with Image.open(path) as picture:
            assert picture.getexif()[0x010E] == LABEL
