"""Writes a report into a folder: Markdown, JSON, pictures, and what else is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from inspectiq._files import to_path
from inspectiq._taking import refuse, require, require_all
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result
from inspectiq.errors import ConfigError
from inspectiq.reports._brand import Brand
from inspectiq.reports._csv import write_csv
from inspectiq.reports._html import render_html
from inspectiq.reports._language import Language
from inspectiq.reports._markdown import render_markdown
from inspectiq.reports._pdf import render_pdf
from inspectiq.reports._pictures import PhotoLookup, name_picture, write_pictures
from inspectiq.reports._records import RowLevel
from inspectiq.reports._sections import More

__all__ = ["ReportFormat", "write_report"]

ReportFormat = Literal["html", "pdf", "csv"]


@hide_locals
def write_report(
    result: Result,
    folder: Path | str,
    photos: PhotoLookup = None,
    *,
    more: More | None = None,
    also: Iterable[ReportFormat] = (),
    brand: Brand | None = None,
    language: Language | str | None = None,
) -> tuple[Path, ...]:
    """Writes `report.md`, `inspection.json` or `diagnosis.json`, and `pictures/` into a folder.

    Args:
        result: The inspection or diagnosis.
        folder: Where to write; made if need be, files of the same names are replaced.
        photos: Where the photos are; a live result knows.
        more: Sections of your own in the report: lines of plain text by title.
        also: What else to write: `html` (`report.html`), `pdf` (`report.pdf`), `csv`
            (`issues.csv`, `photos.csv` and `cost_lines.csv`).
        brand: Names, logo, colour and words of your own, in HTML and PDF.
        language: Of the report; that of the case, where there is a catalogue for it, if not given.

    Returns:
        What was written, the report first, the pictures last.

    Raises:
        ConfigError: The folder cannot be written to, or there is no such format.
    """
    require(result, Result, "result", "give an Inspection or a Diagnosis")
    for wanted in (also := require_all(also, "also", "give formats, such as ('html',)")):
        if wanted not in get_args(ReportFormat):
            refuse(wanted, "also", f"give some of {', '.join(get_args(ReportFormat))}")
    target = to_path(folder, "folder of the report")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, form in _FORMS.items():
            _remove_earlier(target / name, form)
        pictures = write_pictures(result, target / "pictures", photos)
        by_name = {path.name: f"pictures/{path.name}" for path in pictures}
        shown = {
            outcome.photo.id: by_name[name_picture(outcome.photo)]
            for outcome in result.photos
            if name_picture(outcome.photo) in by_name
        }
        (name,) = (name for name, form in _FORMS.items() if isinstance(result, form))
        report, data = target / "report.md", target / name
        markdown = render_markdown(result, shown, more, language)
        report.write_text(markdown, encoding="utf-8")
        data.write_text(result.to_json(), encoding="utf-8")
        others = _write_others(result, target, photos, also, _add_sections(brand, more), language)
    except OSError as error:
        raise ConfigError(
            f"cannot write the report to {target} ({type(error).__name__}); choose another folder"
        ) from error
    return report, data, *others, *pictures


def _write_others(
    result: Result,
    target: Path,
    photos: PhotoLookup,
    also: Iterable[ReportFormat],
    brand: Brand,
    language: Language | str | None,
) -> list[Path]:
    written = []
    if "html" in also:
        written.append(target / "report.html")
        page = render_html(result, photos, brand=brand, language=language)
        written[-1].write_text(page, encoding="utf-8")
    if "pdf" in also:
        written.append(target / "report.pdf")
        written[-1].write_bytes(render_pdf(result, photos, brand=brand, language=language))
    if "csv" in also:
        for level in get_args(RowLevel):
            written.append(target / f"{level}.csv")
            write_csv(result, written[-1], level)
    return written


def _add_sections(brand: Brand | None, more: More | None) -> Brand:
    brand = brand or Brand()
    if not more:
        return brand
    return brand.model_copy(update={"more": {**brand.more, **more}})


_FORMS: dict[str, type[Result]] = {"inspection.json": Inspection, "diagnosis.json": Diagnosis}


def _remove_earlier(stored: Path, form: type[Result]) -> None:
    """Removes what an earlier report left in the folder: it belongs to another result."""
    try:
        earlier = form.model_validate_json(stored.read_bytes())
    except (OSError, ValueError):
        return
    for name in ("report.html", "report.pdf", *(f"{level}.csv" for level in get_args(RowLevel))):
        (stored.parent / name).unlink(missing_ok=True)
    for outcome in earlier.photos:
        (stored.parent / "pictures" / name_picture(outcome.photo)).unlink(missing_ok=True)
