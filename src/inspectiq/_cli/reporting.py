"""Writes the report of a stored result as HTML, PDF or CSV."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.results import read_result, try_folder
from inspectiq._cli.terminal import say
from inspectiq.errors import ConfigError
from inspectiq.reports._csv import write_csv
from inspectiq.reports._html import render_html
from inspectiq.reports._pdf import render_pdf
from inspectiq.reports._records import RowLevel

__all__ = ["report"]


def report(arguments: argparse.Namespace) -> int:
    """Writes each format that was asked for, HTML if none was, and names what it wrote."""
    result = read_result(arguments.result)
    photos: Path | None = arguments.photos
    if photos is not None and not photos.is_dir():
        raise ConfigError(f"--photos {photos} is no folder")
    out: Path = arguments.out or arguments.result.parent
    try_folder(out)
    name = "report-brief" if arguments.brief else "report"
    options = {"brief": arguments.brief, "language": arguments.language}
    written: list[Path] = []
    for form in arguments.formats or ["html"]:
        if form == "csv":
            written += [
                write_csv(result, out / f"{level}.csv", level) for level in get_args(RowLevel)
            ]
            continue
        path = out / f"{name}.{form}"
        render = render_pdf if form == "pdf" else render_html
        made = render(result, photos, **options)
        path.write_bytes(made if isinstance(made, bytes) else made.encode())
        written.append(path)
    for path in written:
        say(str(path))
    if photos is None and any(finding.evidence for finding in result.found):
        say("inspectiq: without --photos DIR, no photo is shown", file=sys.stderr)
    return EXIT_CODES["complete"]
