"""Pillow's switch is ours while we decode, and the process's own before and after."""

import threading

import pytest
from PIL import ImageFile

from inspectiq.photos._strictly import decode_strictly


@pytest.mark.parametrize("told", [True, False])
def test_the_switch_is_off_until_the_last_has_decoded(
    told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", told)
    inside, leave = threading.Event(), threading.Event()

    def decode() -> None:
        with decode_strictly():
            inside.set()
            leave.wait(10)

    other = threading.Thread(target=decode)
    with decode_strictly():
        other.start()
        assert inside.wait(10)
        with decode_strictly():
            assert not ImageFile.LOAD_TRUNCATED_IMAGES
    assert not ImageFile.LOAD_TRUNCATED_IMAGES  # the other has not ended
    leave.set()
    other.join()
    assert ImageFile.LOAD_TRUNCATED_IMAGES is told


def test_an_error_leaves_it_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(KeyError), decode_strictly():
        raise KeyError
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
