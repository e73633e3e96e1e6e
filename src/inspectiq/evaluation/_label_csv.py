"""Writes the form to label in, a row for each finding on a photo, and reads it filled in."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from inspectiq._files import read_given, to_path
from inspectiq._taking import quote
from inspectiq.costs._csv_tables import read_csv_table
from inspectiq.costs._figures import read_figure
from inspectiq.costs._tables import TableRow
from inspectiq.errors import ConfigError
from inspectiq.evaluation._labels import Corners, Label, LabelledPhoto, name_photo
from inspectiq.evaluation._reading import GivenResults, read_results
from inspectiq.evaluation._reads import ReadResult
from inspectiq.reports._csv import format_cell, read_cell

__all__ = ["read_csv", "write_template"]

COLUMNS = (
    "case_id",
    "photo_id",
    "photo",
    "room",
    "number",
    "finding_id",
    "label",
    "type",
    "truth",
    "severity",
    "x0",
    "y0",
    "x1",
    "y1",
    "invoice",
)
"""`photo`, `room`, `number` and `label` help the person who fills it in, and are not read."""

CORNERS = ("x0", "y0", "x1", "y1")
TRUTHS = ("present", "absent", "clean")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what .xlsx and .xls files begin with


def write_template(results: GivenResults, path: Path | str) -> Path:
    """Writes the form to label in: CSV with a row for each finding on a photo.

    A photo without findings has a row as well. `number` is the finding's in the report. Levels,
    boxes and invoices are left empty, so that nobody copies the engine's.

    Args:
        results: Stored or live results, as for `evaluate`.
        path: The file; one that is there is not replaced.

    Returns:
        The path.

    Raises:
        ConfigError: Something is no result, the file is there already, or it cannot be written.
    """
    target = to_path(path, "CSV file")
    try:
        with target.open("x", encoding="utf-8-sig", newline="") as file:
            try:
                _write_rows(file, results)
            except BaseException:
                target.unlink()  # half a form would be taken for a whole one
                raise
    except FileExistsError:
        raise ConfigError(
            f"{target} is there already, and may hold somebody's labels; give another path"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"cannot write the form to {target} ({type(error).__name__}); choose another path"
        ) from error
    return target


def _write_rows(file: TextIO, results: GivenResults) -> None:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    seen: set[str] = set()
    for result in read_results(results):
        if result.case.id not in seen:
            seen.add(result.case.id)
            writer.writerows(map(_write_row, _list_rows(result)))


def _write_row(row: dict[str, object]) -> list[object]:
    return [format_cell(row.get(column, "")) for column in COLUMNS]


def _list_rows(result: ReadResult) -> Iterator[dict[str, object]]:
    found = [(number, one.original) for number, one in enumerate(result.found, start=1)]
    for outcome in result.photos:
        if outcome.status == "duplicate":
            continue
        photo: dict[str, object] = {
            "case_id": result.case.id,
            "photo_id": outcome.photo.id,
            "photo": outcome.photo.name,
            "room": outcome.photo.room or "",
        }
        shown = [
            (number, one)
            for number, one in found
            if any(item.photo_id == outcome.photo.id for item in one.evidence)
        ]
        if not shown:
            yield photo
        for number, one in shown:
            yield {**photo, **_describe(number, one.id, one.label, one.type)}
    for number, one in found:
        if not one.evidence:
            yield {"case_id": result.case.id, **_describe(number, one.id, one.label, one.type)}


def _describe(number: int, finding_id: str, label: str, type_key: str) -> dict[str, object]:
    return {"number": number, "finding_id": finding_id, "label": label, "type": type_key}


@dataclass(slots=True)
class _Filled:
    """The rows of one photo."""

    labels: list[Label] = field(default_factory=list)
    clean: bool = False
    unfilled: int = 0


def read_csv(path: Path | str) -> tuple[list[LabelledPhoto], int]:
    """Reads the form, and counts the rows that are not filled in.

    A photo of which only some rows are filled in is not labelled as a whole.

    Raises:
        ConfigError: What is wrong, in which row, and how to mend it.
    """
    content, source = read_given(path, "labels")
    if isinstance(content, bytes) and content.startswith(_WORKBOOK):
        raise ConfigError(f"{source}: this is a workbook; save it as CSV UTF-8")
    filled: dict[tuple[str, str], _Filled] = {}
    for row in read_csv_table(content, source, COLUMNS).rows:
        _take_row(row, filled)
    photos = [
        LabelledPhoto(case_id, photo_id, tuple(one.labels), whole=not one.unfilled)
        for (case_id, photo_id), one in filled.items()
        if one.labels or one.clean
    ]
    if not photos:
        raise ConfigError(
            f"{source} has no label; fill in the column truth: present, absent, or clean"
        )
    return photos, sum(one.unfilled for one in filled.values())


def _take_row(row: TableRow, filled: dict[tuple[str, str], _Filled]) -> None:
    cells = {name: read_cell(str(cell)) for name, cell in row.cells.items()}
    if "case_id" not in cells:
        raise ConfigError(f"{row.place}: case_id is empty; copy it from another row of the case")
    key = cells["case_id"], cells.get("photo_id", "")
    photo = filled.setdefault(key, _Filled())
    truth = cells.get("truth", "").casefold()
    if not truth:
        photo.unfilled += 1
        return
    if truth not in TRUTHS:
        raise ConfigError(
            f"{row.place}: truth is {quote(cells['truth'])}; write {', '.join(TRUTHS)}, or leave "
            "it empty where nobody has looked"
        )
    if truth == "clean":
        photo.clean = True
    else:
        photo.labels.append(_read_label(row.place, cells, present=truth == "present"))
    if photo.clean and any(label.present for label in photo.labels):
        raise ConfigError(
            f"{row.place}: {name_photo(*key)} is clean by one row and has an issue by another; "
            "keep one of them"
        )


def _read_label(place: str, cells: dict[str, str], *, present: bool) -> Label:
    if "type" not in cells:
        raise ConfigError(f"{place}: type is empty; write the key of one, such as clog")
    try:
        invoice = read_figure(cells["invoice"]) if "invoice" in cells else None
    except ConfigError as error:
        raise ConfigError(f"{place}: invoice: {error}") from None
    return Label(
        type=cells["type"],
        present=present,
        box=_read_box(place, cells),
        severity=cells.get("severity"),
        invoice=invoice,
        finding_id=cells.get("finding_id"),
    )


def _read_box(place: str, cells: dict[str, str]) -> Corners | None:
    given: Sequence[str] = [cells[name] for name in CORNERS if name in cells]
    if not given:
        return None
    try:
        x0, y0, x1, y1 = (float(cell.replace(",", ".")) for cell in given)
    except ValueError as error:
        raise ConfigError(
            f"{place}: {', '.join(given)} is no box ({error}); give x0, y0, x1 and y1 as fractions "
            "0–1 of the upright photo, or none of them"
        ) from None
    return x0, y0, x1, y1
