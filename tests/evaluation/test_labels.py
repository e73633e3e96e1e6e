"""Labels come from a form in CSV, from reviews, and from code; what is wrong with them is told."""

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, InspectionAgent, IssueType, Taxonomy
from inspectiq.evaluation import Label, LabelledPhoto, Labels, evaluate, write_template
from inspectiq.testing import FunctionTransport, make_answer, make_issue
from tests.evaluation.made import make_finding, make_result

HEAD = "case_id,photo_id,type,truth,severity,x0,y0,x1,y1,invoice,finding_id"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows below the names of columns."""

    def make(*rows: str, head: str = HEAD) -> Path:
        path = tmp_path / "labels.csv"
        path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
        return path

    return make


def test_the_form_has_a_row_for_each_finding_on_a_photo_and_each_photo_without(
    tmp_path: Path,
) -> None:
    found = [make_finding("clog", "p1", "p2", id="f1"), make_finding("wall_hole", "p1", id="f2")]
    result = make_result("c1", found, photos=("p1", "p2", "p3", "p4"), statuses={"p4": "duplicate"})
    path = write_template([result, result], tmp_path / "labels.csv")  # a second read adds nothing
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["photo_id"], row["number"], row["finding_id"], row["type"]) for row in rows] == [
        ("p1", "1", "f1", "clog"),
        ("p1", "2", "f2", "wall_hole"),
        ("p2", "1", "f1", "clog"),
        ("p3", "", "", ""),
    ]
    assert {row["truth"] + row["severity"] + row["x0"] + row["invoice"] for row in rows} == {""}


def test_a_form_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    path = write_template(make_result(), tmp_path / "labels.csv")
    with pytest.raises(ConfigError, match="is there already"):
        write_template(make_result(), path)


def test_a_form_is_not_left_half_written_where_a_result_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no result"):
        write_template([make_result(), {"issues": []}], tmp_path / "labels.csv")
    assert not (tmp_path / "labels.csv").exists()


def test_a_form_that_was_filled_in_is_read(tmp_path: Path) -> None:
    found = [make_finding("clog", "p1", id="f1"), make_finding("wall_hole", "p1", id="f2")]
    result = make_result("=c1", [*found, make_finding("no_heat", id="f3")], photos=("p1", "p2"))
    path = write_template(result, tmp_path / "labels.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, truth in zip(rows, ("present", "Absent", "clean", "present"), strict=True):
        row["truth"] = truth
    rows[0] |= {"severity": "high", "x0": "0,1", "y0": "0.2", "x1": "0.5", "y1": "1.000"}
    rows[0]["invoice"] = "120.50"
    rows.append({**rows[2], "type": "water_stain", "truth": "present", "photo_id": "p1"})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    clog = Label("clog", True, (0.1, 0.2, 0.5, 1.0), "high", Decimal("120.50"), "f1")
    assert list(Labels.from_csv(path)) == [
        LabelledPhoto(
            "=c1",
            "p1",
            (clog, Label("wall_hole", present=False, finding_id="f2"), Label("water_stain")),
        ),
        LabelledPhoto("=c1", "p2"),
        LabelledPhoto("=c1", "", (Label("no_heat", finding_id="f3"),)),
    ]


def test_a_photo_of_which_a_row_is_not_filled_in_is_not_labelled_whole(
    write: Callable[..., Path],
) -> None:
    path = write("c1,p1,clog,present", "c1,p1,wall_hole,", "c1,p2,,")
    labels = Labels.from_csv(path)
    assert [(photo.photo_id, photo.whole) for photo in labels] == [("p1", False)]
    assert labels.unfilled == 2
    made = evaluate(make_result("c1", photos=("p1", "p2")), labels)
    assert any("2 rows of the labels are not filled in" in gap for gap in made.gaps)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["c1,p1,clogg,present"], "type 'clogg', which is none of .*; did you mean clog?"),
        (["c1,p1,clog,yes"], "row 2: truth is 'yes'; write present, absent, clean"),
        (["c1,p1,clog,present,,0.5,0,0.2,1"], "a box on the photo 'p1' .* give x0 < x1"),
        (["c1,p1,clog,present,,0,0,40,30"], "fractions 0–1"),
        (["c1,p1,clog,present,,0.5,0"], "row 2: 0.5, 0 is no box"),
        (["c1,p1,clog,present,,a,0,1,1"], "row 2: a, 0, 1, 1 is no box"),
        (["c1,p1,clog,present,,,,,,1.200"], "row 2: invoice: '1.200'"),
        (["c1,p1,clog,present,,,,,,0"], "an invoice on .* is 0; give money above 0"),
        ([",p1,clog,present"], "row 2: case_id is empty"),
        (["c1,p1,,present"], "row 2: type is empty"),
        (["c1,p1,clog,present", "c1,p1,,clean"], "row 3: .* is clean by one row"),
        (["c1,p1,clog,present,,,,,,,f1"] * 2, "the finding 'f1' has two labels"),
        (["c1,p1,clog,"], "has no label; fill in the column truth"),
    ],
)
def test_what_is_wrong_with_a_form_is_told(
    write: Callable[..., Path], rows: Sequence[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Labels.from_csv(write(*rows))


def test_a_column_that_there_is_not_and_a_workbook_are_refused(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="did you mean truth"):
        Labels.from_csv(write("c1,p1,clog,present", head="case_id,photo_id,type,truht"))
    (tmp_path / "labels.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(ConfigError, match="save it as CSV"):
        Labels.from_csv(tmp_path / "labels.xlsx")


def test_a_photo_that_is_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="stands twice"):
        Labels([LabelledPhoto("c1", "p1"), LabelledPhoto("c1", "p1")])


@pytest.mark.parametrize("given", [7, None, [1]])
def test_what_is_no_label_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match="give Labels, or the path"):
        evaluate(make_result(), given)
    with pytest.raises(ConfigError, match="give LabelledPhoto objects"):
        Labels(given)


def test_types_of_ones_own_need_ones_own_taxonomy() -> None:
    moss = IssueType(key="moss", group="roof", label="Moss", trade="roofer")
    photo = LabelledPhoto("c1", "p1", (Label("moss"),))
    with pytest.raises(ConfigError, match="give the taxonomy="):
        Labels([photo])
    labels = Labels([photo], taxonomy=Taxonomy.default().with_types(moss))
    assert labels.get_group("moss") == "roof"


def test_decisions_of_a_person_are_labels(samples: Path) -> None:
    seen = [make_issue("clog", 1), make_issue("wall_hole", 1), make_issue("water_stain", 1)]
    engine = FunctionTransport(lambda request: make_answer(request, seen))  # scripted
    made = InspectionAgent(engine).inspect(samples / "kitchen", id="unit-4b")
    ana: dict[str, Any] = {"by": "Ana", "at": datetime(2026, 11, 25, tzinfo=UTC)}
    ids = {found.type: found.id for found in made.issues}
    reviewed = made.with_review(ids["clog"], "accepted", **ana)
    reviewed = reviewed.with_review(ids["wall_hole"], "rejected", **ana)
    labels = Labels.from_reviews([made, reviewed.to_json()])
    (photo,) = labels
    assert not photo.whole
    assert {(label.type, label.present) for label in photo.labels} == {
        ("clog", True),
        ("wall_hole", False),
    }
    scores = evaluate([made, reviewed], labels).overall
    assert (scores.precision.hits, scores.precision.n, scores.recall.n) == (1, 2, 0)


def test_results_that_nobody_reviewed_have_no_labels() -> None:
    with pytest.raises(ConfigError, match="no finding in these results was reviewed"):
        Labels.from_reviews(make_result("c1", [make_finding("clog", "p1")]))
