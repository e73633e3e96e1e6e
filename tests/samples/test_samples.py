"""The samples that ship: what they say of themselves, and how they are read and written."""

from pathlib import Path

import pytest
from PIL import Image

from inspectiq import Photo, Taxonomy
from inspectiq._samples import LABEL, list_samples, read_sample, write_samples


def test_every_sample_says_that_it_is_rendered_and_names_known_defects(samples: Path) -> None:
    taxonomy = Taxonomy.default()
    for sample in list_samples():
        (path,) = samples.rglob(sample.name)
        with Image.open(path) as picture:
            assert picture.getexif()[0x010E] == LABEL
            assert LABEL.encode() in picture.info["comment"]
        assert sample.shows
        for defect in sample.defects:
            x0, y0, x1, y1 = defect.box
            assert defect.type in taxonomy
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1


def test_a_sample_that_does_not_exist_is_a_key_error() -> None:
    for name in ("attic.jpg", "samples.json"):
        with pytest.raises(KeyError, match=name):
            read_sample(name)


def test_one_sample_is_stored_sideways_and_comes_out_upright(samples: Path) -> None:
    prepared = Photo.from_path(samples / "bedroom" / "bedroom-door-corner.jpg").prepare_for()
    assert prepared.orientation == 6
    assert prepared.sent.height > prepared.sent.width


def test_samples_are_written_into_a_folder_for_each_room(tmp_path: Path) -> None:
    written = write_samples(tmp_path)
    assert tuple(sample for _, sample in written) == list_samples()
    for path, sample in written:
        assert path == tmp_path / sample.room / sample.name
        assert path.read_bytes() == read_sample(sample.name)


def test_all_samples_together_are_small() -> None:
    assert sum(len(read_sample(sample.name)) for sample in list_samples()) < 1_200_000
