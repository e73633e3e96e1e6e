"""A report on disk: Markdown, JSON, pictures."""

from __future__ import annotations

from pathlib import Path

from inspectiq.domain.results import Inspection
from inspectiq.errors import ConfigError
from inspectiq.reports.markdown import inspection_to_markdown
from inspectiq.reports.pictures import PhotoSource, picture_name, write_pictures

__all__ = ["write_report"]


def write_report(
    inspection: Inspection, folder: Path | str, photos: PhotoSource = None
) -> tuple[Path, ...]:
    """Writes `report.md`, `inspection.json` and `pictures/` into a folder.

    Args:
        inspection: The result.
        folder: Where to write; made if need be, files of the same names are replaced.
        photos: Where the photos are; a live result knows.

    Returns:
        What was written, the report first.

    Raises:
        ConfigError: The folder cannot be written to.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _remove_pictures_of(target / "inspection.json")
        pictures = write_pictures(inspection, target / "pictures", photos)
        by_name = {path.name: f"pictures/{path.name}" for path in pictures}
        shown = {
            outcome.photo.id: by_name[picture_name(outcome.photo)]
            for outcome in inspection.photos
            if picture_name(outcome.photo) in by_name
        }
        report, data = target / "report.md", target / "inspection.json"
        report.write_text(inspection_to_markdown(inspection, shown), encoding="utf-8")
        data.write_text(inspection.to_json(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"cannot write the report to {target} ({type(error).__name__}); choose another folder"
        ) from error
    return report, data, *pictures


def _remove_pictures_of(stored: Path) -> None:
    """Removes what an earlier report left in the folder: its pictures belong to another result."""
    try:
        earlier = Inspection.model_validate_json(stored.read_bytes())
    except (OSError, ValueError):
        return
    for outcome in earlier.photos:
        (stored.parent / "pictures" / picture_name(outcome.photo)).unlink(missing_ok=True)
