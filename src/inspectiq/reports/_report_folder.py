"""Writes a report into a folder: Markdown, JSON, pictures."""

from __future__ import annotations

from pathlib import Path

from inspectiq._files import to_path
from inspectiq._taking import require
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._diagnoses import Diagnosis
from inspectiq.domain._results import Inspection, Result
from inspectiq.errors import ConfigError
from inspectiq.reports._markdown import render_markdown
from inspectiq.reports._pictures import PhotoLookup, name_picture, write_pictures
from inspectiq.reports._sections import More

__all__ = ["write_report"]


@hide_locals
def write_report(
    result: Result,
    folder: Path | str,
    photos: PhotoLookup = None,
    *,
    more: More | None = None,
) -> tuple[Path, ...]:
    """Writes `report.md`, `inspection.json` or `diagnosis.json`, and `pictures/` into a folder.

    Args:
        result: The inspection or diagnosis.
        folder: Where to write; made if need be, files of the same names are replaced.
        photos: Where the photos are; a live result knows.
        more: Sections of your own in the report: lines of plain text by title.

    Returns:
        What was written, the report first.

    Raises:
        ConfigError: The folder cannot be written to.
    """
    require(result, Result, "result", "give an Inspection or a Diagnosis")
    target = to_path(folder, "folder of the report")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, form in _FORMS.items():
            _remove_earlier_pictures(target / name, form)
        pictures = write_pictures(result, target / "pictures", photos)
        by_name = {path.name: f"pictures/{path.name}" for path in pictures}
        shown = {
            outcome.photo.id: by_name[name_picture(outcome.photo)]
            for outcome in result.photos
            if name_picture(outcome.photo) in by_name
        }
        (name,) = (name for name, form in _FORMS.items() if isinstance(result, form))
        report, data = target / "report.md", target / name
        report.write_text(render_markdown(result, shown, more), encoding="utf-8")
        data.write_text(result.to_json(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot write the report to {target} ({type(error).__name__}); choose another folder"
        ) from error
    return report, data, *pictures


_FORMS: dict[str, type[Result]] = {"inspection.json": Inspection, "diagnosis.json": Diagnosis}


def _remove_earlier_pictures(stored: Path, form: type[Result]) -> None:
    """Removes what an earlier report left in the folder: its pictures belong to another result."""
    try:
        earlier = form.model_validate_json(stored.read_bytes())
    except (OSError, ValueError):
        return
    for outcome in earlier.photos:
        (stored.parent / "pictures" / name_picture(outcome.photo)).unlink(missing_ok=True)
