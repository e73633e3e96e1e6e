"""Findings go to labelling tools as COCO JSON, and what these export is read back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from inspectiq import ConfigError, Inspection
from inspectiq._cli import main
from inspectiq.evaluation import Label, Labels, evaluate, to_coco
from tests.evaluation.made import TAXONOMY, TYPES, make_finding, make_result

STORED = Path(__file__).parents[1] / "data" / "results" / "0.1.0.json"

corners = st.tuples(*[st.floats(0, 0.4)] * 2, *[st.floats(0.05, 0.5)] * 2).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
found = st.lists(st.tuples(st.sampled_from(TYPES), st.none() | corners), max_size=3)


def export(sent: dict[str, Any], path: Path, *, keep: bool = True) -> Path:
    """Writes what a tool makes of it: with other ids, and maybe without what is not COCO's."""
    images = [
        {
            **{name: value for name, value in image.items() if keep or name[-3:] != "_id"},
            "id": image["id"] + 100,
        }
        for image in sent["images"]
    ]
    notes = [
        {
            "id": note["id"] + 7,
            "image_id": note["image_id"] + 100,
            "category_id": note["category_id"] - 1,
            "bbox": note["bbox"],
        }
        for note in sent["annotations"]
    ]
    categories = [{**one, "id": one["id"] - 1} for one in sent["categories"]]
    path.write_text(json.dumps({"images": images, "annotations": notes, "categories": categories}))
    return path


@settings(max_examples=50)
@given(
    cases=st.lists(found, min_size=1, max_size=4),
    orientation=st.sampled_from([1, 6]),
    keep=st.booleans(),
)
def test_what_a_tool_exports_unchanged_agrees_with_the_findings(
    cases: list[list[tuple[str, Any]]], orientation: int, keep: bool, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("coco")
    results = []
    for number, findings in enumerate(cases):
        made = [
            make_finding(kind, "p1", id=f"f{place}", box=box)
            for place, (kind, box) in enumerate(findings)
        ]
        result = make_result(f"c{number}", made, photos=("p1", "p2"))
        result["photos"][0]["photo"]["orientation"] = orientation
        results.append(result)
    sent = folder / "sent.json"
    sent.write_text(json.dumps(to_coco(results)))
    path = export(json.loads(sent.read_text()), folder / "export.json", keep=keep)
    labels = Labels.of(path) if keep else Labels.from_coco(path, sent=sent)
    scores = evaluate(results, labels, overlap=0.99).overall
    assert (scores.false_findings, scores.missed) == (0, 0)
    assert scores.recall.n == scores.precision.n == sum(map(len, cases))
    assert len(labels) == 2 * len(cases)
    assert {photo.photo_id for photo in labels if photo.is_clean} >= {"p2"}


def test_other_programs_read_it(tmp_path: Path) -> None:
    live = Inspection.model_validate_json(STORED.read_text(encoding="utf-8"))
    path = tmp_path / "sent.json"
    path.write_text(json.dumps(to_coco(live)))
    coco = COCO(path)
    assert len(coco.getImgIds()) == len(live.photos) - 1  # one could not be read
    shown = {(issue.id, item.photo_id) for issue in live.issues for item in issue.evidence}
    assert len(coco.getAnnIds()) == len(shown)
    names = {one["name"] for one in coco.loadCats(coco.getCatIds())}
    assert names == {kind.key for kind in TAXONOMY.types}


def test_a_box_is_in_pixels_of_the_upright_photo() -> None:
    result = make_result("c1", [make_finding("clog", "p1", box=(0.5, 0.5, 1.0, 0.75))])
    result["photos"][0]["photo"]["orientation"] = 6
    sent = to_coco(result)
    assert (sent["images"][0]["width"], sent["images"][0]["height"]) == (300, 400)
    assert sent["annotations"][0]["bbox"] == [150, 200, 150, 100]


def test_a_finding_without_a_place_has_the_whole_photo_and_comes_back_without(
    tmp_path: Path,
) -> None:
    sent = to_coco(make_result("c1", [make_finding("clog", "p1")]))
    assert sent["annotations"][0]["bbox"] == [0, 0, 400, 300]
    sent["annotations"][0]["bbox"] = [0.4, 0, 399, 300]
    (photo,) = Labels.from_coco(export(sent, tmp_path / "export.json"))
    assert photo.labels == (Label("clog"),)


def test_photos_of_one_name_are_told_apart_by_their_case() -> None:
    names = [
        image["file_name"] for image in to_coco([make_result("a"), make_result("b")])["images"]
    ]
    assert names == ["a/p1-p1.jpg", "b/p1-p1.jpg"]
    assert to_coco(make_result("a"))["images"][0]["file_name"] == "p1.jpg"


def change(what: Callable[[dict[str, Any]], object]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        sent = to_coco(make_result("c1", [make_finding("clog", "p1", box=(0, 0, 0.5, 0.5))]))
        what(sent)
        (folder / "labels.json").write_text(json.dumps(sent))
        return folder / "labels.json"

    return make


def write_text(folder: Path) -> Path:
    (folder / "labels.json").write_text("no json")
    return folder / "labels.json"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (write_text, "this is not JSON"),
        (change(lambda sent: sent.pop("categories")), "it needs a list of categories"),
        (change(lambda sent: sent["images"][0].pop("file_name")), "list of images, each with id"),
        (change(lambda sent: sent["images"][0].pop("case_id")), "which photo is 'p1.jpg'"),
        (change(lambda sent: sent["annotations"][0].update(image_id=9)), "an image or a category"),
        (change(lambda sent: sent["annotations"][0].update(bbox=[1, 2])), "bbox of four numbers"),
        (change(lambda sent: sent["images"][0].pop("width")), "its image a width and a height"),
        (change(lambda sent: sent["annotations"][0].update(bbox=[9, 9, 900, 9])), "a box on"),
        (
            change(lambda sent: [one.update(name="x") for one in sent["categories"]]),
            "type 'x', which is none",
        ),
    ],
)
def test_what_is_wrong_with_an_export_is_told(
    make: Callable[[Path], Path], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        Labels.of(make(tmp_path))


def test_the_command_line_writes_it_and_reads_an_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = tmp_path / "sent.json"
    assert main(["evaluate", str(STORED), "--template", str(sent)]) == 0
    assert "labelling tool" in capsys.readouterr().out
    path = export(json.loads(sent.read_text()), tmp_path / "export.json", keep=False)
    assert main(["evaluate", str(STORED), str(path)]) == 2
    assert "Give --sent, the file that --template made" in capsys.readouterr().err
    assert main(["evaluate", str(STORED), str(path), "--sent", str(sent)]) == 0
    assert main(["evaluate", str(STORED), "--template", str(sent)]) == 2
    assert "is there already" in capsys.readouterr().err
