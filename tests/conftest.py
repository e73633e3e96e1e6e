"""Pictures for tests, all rendered by our own code, and what many tests share."""

import asyncio
import io
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from PIL import Image

from conftest import copy_samples
from inspectiq import Inspection, InspectionAgent, Photo
from inspectiq.transports import Retry

# No test asserts a time: on a busy machine an example may take long.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@cache
def render_jpeg(seed: int, size: tuple[int, int] = (96, 72)) -> bytes:
    """A small picture of coloured blocks, different for each seed."""
    rng = random.Random(seed)
    blocks = Image.frombytes("RGB", (8, 6), rng.randbytes(8 * 6 * 3))
    file = io.BytesIO()
    blocks.resize(size, Image.Resampling.NEAREST).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture
def jpeg() -> Callable[[int], bytes]:
    return render_jpeg


@pytest.fixture
def photos() -> Callable[..., tuple[Photo, ...]]:
    """Makes n different photos `p1` … `pn`, from bytes."""

    def make(n: int, room: str | None = None) -> tuple[Photo, ...]:
        return tuple(
            Photo.from_bytes(render_jpeg(i), name=f"{i}.jpg", id=f"p{i}", room=room)
            for i in range(1, n + 1)
        )

    return make


@pytest.fixture(scope="session")
def samples() -> Path:
    """A folder of the sample photos, by room; do not change it."""
    return copy_samples()


@pytest.fixture(scope="session")
def triage(samples: Path) -> Inspection:
    """What the offline engine says of all sample photos; inspected once for all tests."""
    return InspectionAgent("offline").inspect(samples)


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets retries come at once in stacks that an agent builds; how long they choose stays."""

    async def go_on(_: float) -> None:
        await asyncio.sleep(0)

    defaults = Retry.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", go_on)
