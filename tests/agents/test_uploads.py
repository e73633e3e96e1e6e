"""Uploads whose `read` is awaited, through the agents' async methods."""

import io
from typing import Any

import pytest

from inspectiq import ConfigError, DiagnosisAgent, InspectionAgent
from inspectiq.testing import FunctionTransport, make_answer
from tests.conftest import render_jpeg

ENGINE = FunctionTransport(lambda request: make_answer(request))


class Upload:
    def __init__(self, number: int) -> None:
        self.filename, self._content = f"{number}.jpg", render_jpeg(number)

    async def read(self, size: int = -1) -> bytes:
        return self._content


def statuses(result: Any) -> list[tuple[str, str]]:
    return [(outcome.photo.name, outcome.status) for outcome in result.photos]


async def test_an_upload_is_inspected_and_diagnosed_where_it_is_awaited() -> None:
    inspector, diagnoser = InspectionAgent(ENGINE), DiagnosisAgent(ENGINE)
    inspection = await inspector.ainspect([Upload(1), render_jpeg(2)], room="hall")
    assert statuses(inspection) == [("1.jpg", "assessed"), ("photo", "assessed")]
    assert [outcome.photo.room for outcome in inspection.photos] == ["hall", "hall"]
    diagnosis = await diagnoser.adiagnose(Upload(3), "It drips.")
    assert statuses(diagnosis) == [("3.jpg", "assessed")]
    assert "1 of 1 photos" in str(await inspector.apreview(Upload(4)))


def test_the_sync_twins_refuse_it_and_name_the_async_ones() -> None:
    inspector, diagnoser = InspectionAgent(ENGINE), DiagnosisAgent(ENGINE)
    for call in (inspector.inspect, inspector.preview, diagnoser.diagnose):
        with pytest.raises(ConfigError, match=r"call the async twin, such as `await agent\.ainsp"):
            call(Upload(1))


class Seekable(Upload):
    """As Starlette's: it stands where it was read to."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.file = io.BytesIO(self._content)

    async def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    async def seek(self, offset: int) -> None:
        self.file.seek(offset)


async def test_an_upload_can_be_stored_after_it_was_inspected() -> None:
    upload = Seekable(1)
    await InspectionAgent(ENGINE).ainspect(upload)
    assert await upload.read() == render_jpeg(1)


def test_a_file_object_is_left_where_it_stood() -> None:
    file = io.BytesIO(render_jpeg(1))
    file.read(4)
    inspection = InspectionAgent(ENGINE).inspect([file])
    assert (inspection.photos[0].status, file.tell()) == ("assessed", 4)
