"""What hosts have in hand, as other libraries really make it: pandas, Starlette, OpenCV."""

import asyncio
import io
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from inspectiq import ConfigError, Inspection, InspectionAgent, Photo

pytestmark = pytest.mark.foreign


@pytest.fixture(scope="module")
def paths(samples: Path) -> list[str]:
    return sorted(str(path) for path in samples.rglob("*.jpg"))


def seen(inspection: Inspection) -> list[tuple[str, str | None, str]]:
    return [
        (outcome.photo.name, outcome.photo.room, outcome.status) for outcome in inspection.photos
    ]


def test_a_series_is_inspected_as_its_list_is(paths: list[str]) -> None:
    import pandas as pd

    agent = InspectionAgent("offline")
    expected = seen(agent.inspect(paths))
    frame = pd.DataFrame({"path": paths, "room": [Path(path).parent.name for path in paths]})
    for given in (
        frame["path"],
        frame["path"].astype("category"),
        frame["path"].astype("object"),
        frame["path"].map(Path),
        frame["path"].to_numpy(),
        pd.Index(paths),
        frame["path"][::-1][::-1],
    ):
        assert seen(agent.inspect(given)) == expected
    rooms = agent.inspect(frame.groupby("room")["path"].apply(list).to_dict())
    assert {room for _, room, _ in seen(rooms)} == set(frame["room"])


@pytest.mark.parametrize(
    ("give", "way"),
    [
        (lambda frame: frame, r"give one column, such as frame\['path'\]"),
        (lambda frame: frame.groupby("room"), r"groups\.apply\(list\)\.to_dict\(\)"),
        (lambda frame: frame.groupby("room")["path"], r"groups\.apply\(list\)\.to_dict\(\)"),
        (lambda frame: frame.groupby("room")["path"].apply(list), r"series\.to_dict\(\)"),
        (lambda frame: frame["path"].reindex([0, 99]), r"dropna\(\)"),
        (lambda frame: frame["path"].astype("category").reindex([99]), r"dropna\(\)"),
        (lambda frame: frame["path"].str.len(), "give paths or pictures"),
    ],
)
def test_what_pandas_has_besides_is_told_the_way(give: Any, way: str) -> None:
    import pandas as pd

    frame = pd.DataFrame({"path": ["a.jpg", "b.jpg"], "room": ["hall", "bath"]})
    with pytest.raises(ConfigError, match=way):
        InspectionAgent("offline").inspect(give(frame))


def test_the_same_picture_finds_the_same_from_file_and_from_pixels(paths: list[str]) -> None:
    agent = InspectionAgent("offline")
    found = {}
    for path in paths:
        bgr = cv2.imread(path)
        assert bgr is not None
        with Image.open(path) as picture:
            inputs = [path, picture, np.asarray(picture), cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)]
            each = [agent.inspect(given) for given in inputs]
        found[path] = [[issue.type for issue in inspection.issues] for inspection in each]
    assert any(kinds[0] for kinds in found.values())
    assert all(kinds[0] == other for kinds in found.values() for other in kinds)


def test_an_upload_is_inspected_in_its_handler(paths: list[str]) -> None:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    agent = InspectionAgent("offline")
    uploads = [("photos", (Path(path).name, Path(path).read_bytes())) for path in paths]
    results: list[Inspection] = []

    async def handle(request: Any) -> Any:
        async with request.form() as form:
            files = form.getlist("photos")
            results.append(await agent.ainspect({"hall": files}))
            with pytest.raises(ConfigError, match=r"await agent\.ainspect.*its \.file"):
                agent.inspect(files)
        return JSONResponse([])

    async def post() -> None:
        app = Starlette(routes=[Route("/", handle, methods=["POST"])])
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://host"
        ) as client:
            (await client.post("/", files=uploads)).raise_for_status()

    asyncio.run(post())
    (inspection,) = results
    assert [name for name, _, _ in seen(inspection)] == [Path(path).name for path in paths]
    assert {(room, status) for _, room, status in seen(inspection)} == {("hall", "triaged")}
    # The uploads are closed by now; a report still shows their pictures.
    assert inspection.to_markdown()


def test_an_upload_s_own_file_is_taken_by_the_sync_method(paths: list[str]) -> None:
    from starlette.datastructures import UploadFile

    upload = UploadFile(io.BytesIO(Path(paths[0]).read_bytes()), filename="hall.jpg")
    photo = Photo.from_file(upload.file, name=upload.filename)
    assert seen(InspectionAgent("offline").inspect(photo)) == [("hall.jpg", None, "triaged")]
