"""Takes the pictures of the documentation's gallery: reports on the example flat.

    python -m tools.screenshots [FOLDER]

Needs Chromium on the PATH, `pdftoppm` (poppler-utils), and the extras `i18n`, `offline` and `pdf`.
Look at each picture before it is kept.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from inspectiq import DiagnosisAgent, Inspection, InspectionAgent
from inspectiq._samples import write_samples
from inspectiq._samples.flat import DISCLOSURE, NOTE, inspect_flat
from inspectiq.reports import Brand, render_index

__all__ = ["LARGEST", "PICTURES", "SHOTS", "shrink", "take_all"]

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
LARGEST = 150_000  # bytes of a picture
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
)
SAID = Brand(more=NOTE, disclosure=DISCLOSURE)  # as the demo writes it


@dataclass(frozen=True)
class Shot:
    """A picture of one page.

    Attributes:
        name: Of its file.
        page: Renders the page.
        size: Width and height of the window, in CSS pixels.
        scale: Pixels of the picture for one CSS pixel.
        dark: Whether the reader's machine is set to dark.
        part: The id of what stands on top; the page from its beginning if empty.
    """

    name: str
    page: Callable[[Inspection], str]
    size: tuple[int, int] = (1000, 1330)
    scale: float = 1
    dark: bool = False
    part: str = ""


def take_all(folder: Path) -> tuple[Path, ...]:
    """Takes all pictures, and returns their paths."""
    inspection = inspect_flat()
    folder.mkdir(parents=True, exist_ok=True)
    taken = [shrink(take(shot, inspection), folder / f"{shot.name}.png") for shot in SHOTS]
    return (*taken, shrink(print_pages(inspection), folder / "report-print.png"))


def take(shot: Shot, inspection: Inspection) -> Image.Image:
    """Takes one picture, in a browser with a profile of its own."""
    with TemporaryDirectory() as name:
        page, taken = Path(name, "page.html"), Path(name, "taken.png")
        page.write_text(shot.page(inspection), encoding="utf-8")
        shown = _write_frame(page, shot) if shot.part else page
        width, height = shot.size
        command = [find_chromium(), *QUIET, f"--user-data-dir={name}/profile"]
        command += [f"--window-size={width},{height}", f"--force-device-scale-factor={shot.scale}"]
        command += ["--force-dark-mode"] if shot.dark else []
        _run([*command, f"--screenshot={taken}", shown.as_uri()])
        with Image.open(taken) as picture:
            return picture.convert("RGB")


def print_pages(inspection: Inspection) -> Image.Image:
    """Prints the report as PDF, and sets its first two pages side by side."""
    with TemporaryDirectory() as name:
        Path(name, "report.pdf").write_bytes(inspection.to_pdf(brand=SAID))
        _run(["pdftoppm", "-r", "80", "-l", "2", "-png", f"{name}/report.pdf", f"{name}/page"])
        pages = [Image.open(path).convert("RGB") for path in sorted(Path(name).glob("page*.png"))]
    gap = 12
    width = sum(page.width for page in pages) + gap * (len(pages) + 1)
    desk = Image.new("RGB", (width, pages[0].height + 2 * gap), "#8a9199")
    for number, page in enumerate(pages):
        desk.paste(page, (gap + number * (page.width + gap), gap))
    return desk


def shrink(picture: Image.Image, path: Path) -> Path:
    """Writes a picture as PNG with the most colours that keep it small enough."""
    for colours in (256, 192, 128, 96, 64, 48, 32):
        # Median cut would change colours that are rare on a page, such as a level's small mark.
        few = picture.quantize(
            colours, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
        )
        few.save(path, "PNG", optimize=True)
        if path.stat().st_size <= LARGEST:
            return path
    raise ValueError(f"{path.name} has more than {LARGEST:,} bytes; take less of the page")


def find_chromium() -> str:
    """Finds Chromium on the PATH."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    raise SystemExit(f"none of {', '.join(CHROMIUM)} is on the PATH; install Chromium")


def render_list(inspection: Inspection) -> str:
    """Renders an index of the flat, of an offline triage and of an offline diagnosis."""
    made_at = inspection.created_at
    assert made_at is not None

    def clock() -> datetime:  # so that the picture is the same each time
        return made_at

    with TemporaryDirectory() as name:
        write_samples(Path(name))
        triage = InspectionAgent("offline", clock=clock).inspect(name, id="triage-of-samples")
    words = "The kitchen sink is clogged and smells."
    diagnosis = DiagnosisAgent("offline", clock=clock).diagnose(description=words, id="call-17")
    return render_index([inspection, triage, diagnosis], links={inspection.id: "report.html"})


def render_cell(inspection: Inspection) -> str:
    """Renders what a notebook shows under a cell that ends with the result."""
    return (
        '<!doctype html><meta charset="utf-8"><style>body { margin: 1.25rem; font: 14px/1.45 '
        "system-ui, sans-serif; } pre { background: #f4f5f7; padding: .6rem; }</style>"
        f"<pre>[1]:  inspection</pre>{inspection._repr_html_()}"
    )


def _write_frame(page: Path, shot: Shot) -> Path:
    """Writes a page around the page, since Chromium takes none that has been scrolled itself."""
    frame = page.with_name("frame.html")
    width, height = shot.size
    source = escape(f"{page.as_uri()}#{shot.part}")
    frame.write_text(
        f'<body style="margin: 0"><iframe src="{source}" width="{width}" height="{height}" '
        'style="border: 0; display: block"></iframe>',
        encoding="utf-8",
    )
    return frame


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise SystemExit(f"{command[0]} fails: {done.stderr[-500:]}")


def _unfold(inspection: Inspection) -> str:
    return _full(inspection).replace("<details>", "<details open>")


_full = partial(Inspection.to_html, brand=SAID)
SHOTS = (
    Shot("report-light", _full),
    Shot("report-dark", _full, dark=True),
    Shot("report-phone", _full, (390, 844), 1.5),
    Shot("report-finding", _unfold, (1000, 1250), part="finding-3"),
    Shot("report-brief", partial(Inspection.to_html, brief=True, brand=SAID)),
    Shot("report-spanish", partial(Inspection.to_html, language="es-US", brand=SAID)),
    Shot("report-index", render_list, (1000, 920)),
    Shot("notebook", render_cell, (900, 1000)),
)

if __name__ == "__main__":
    for written in take_all(Path(sys.argv[1]) if sys.argv[1:] else PICTURES):
        print(f"{written}: {written.stat().st_size:,} bytes")
