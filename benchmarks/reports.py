"""How long reports take, how large they are, and in how much memory.

    python benchmarks/reports.py [--photos 500]

Renders its own photos of 12 megapixels (noise on gradients, 3-5 MB each) into a temporary folder,
and a scripted engine finds 40 issues on 24 of them. Prints for HTML and PDF the seconds, those that
decoding the same photos takes alone, and the megabytes of the file; then the peak memory of HTML of
many photos, without inspecting them. Each is measured in a process of its own. The PDF needs the
extra `pdf`, and is left out without it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from photo_preparation import DIFFERENT, _measure_peak, _render

ISSUES, PHOTOS = 40, 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=500, help="photos for the memory figure")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        _CASES[given.case](given.folder, given.photos)
        return
    with tempfile.TemporaryDirectory() as folder:
        for case, photos in (
            ("render", DIFFERENT),
            ("inspect", PHOTOS),
            *((name, PHOTOS) for name in ("decode", "html", "brief", "pdf")),
            ("inspect", given.photos),
            ("html", given.photos),
        ):
            command = [sys.executable, __file__, "--case", case, "--photos", str(photos)]
            subprocess.run([*command, "--folder", folder], check=True)


def _inspect(folder: Path, photos: int) -> None:
    """Stores a result, so that what inspecting took is in no other figure."""
    from inspectiq import InspectionAgent, Photo
    from inspectiq.testing import FunctionTransport, make_answer, make_issue

    engine = FunctionTransport(
        lambda request: make_answer(
            request,
            [
                make_issue(
                    "carpet_tear_burn",
                    1 + number % min(PHOTOS, len(request.photos)),
                    box=(100 + 10 * number, 200, 300 + 10 * number, 500),
                    location=f"place {number}",
                )
                for number in range(ISSUES)
                if request.photos
            ],
        )
    )
    seen = [
        Photo.from_loader(f"{number}.jpg", partial(_read, folder, number), id=f"p{number}")
        for number in range(photos)
    ]
    with InspectionAgent(engine, photos_per_request=photos) as agent:
        inspection = agent.inspect(seen)
    (folder / "result.json").write_text(inspection.to_json(), encoding="utf-8")


def _read(folder: Path, number: int) -> bytes:
    """Reads a photo; what follows its end makes each another file."""
    return (folder / f"{number % DIFFERENT}.jpg").read_bytes() + str(number).encode()


def _load(folder: Path) -> tuple[Any, Callable[[Any], bytes]]:
    from inspectiq import Inspection

    written = (folder / "result.json").read_bytes()
    inspection = Inspection.model_validate_json(written)
    return inspection, lambda ref: _read(folder, int(ref.id[1:]))


def _decode(folder: Path, photos: int) -> None:
    from inspectiq.reports._page_pictures import _RULES, WHOLE, _choose_rule
    from inspectiq.reports._pictures import list_boxes, load_picture

    inspection, photos_of = _load(folder)
    boxes, start = list_boxes(inspection), time.perf_counter()
    for outcome in inspection.photos:
        marks = boxes.get(outcome.photo.id)
        rule = _choose_rule(marks) if marks else _RULES[WHOLE]
        if load_picture(inspection, outcome.photo, photos_of, rule) is None:
            raise RuntimeError("a photo was not found again")
    _tell("decode", photos, start, "")


def _render_report(form: str, folder: Path, photos: int) -> None:
    inspection, photos_of = _load(folder)
    render = inspection.to_pdf if form == "pdf" else inspection.to_html
    start = time.perf_counter()
    try:
        made = render(photos_of, brief=form == "brief")
    except Exception as error:
        if form != "pdf":
            raise
        print(f"{form:8} left out: {error}")
        return
    size = len(made if isinstance(made, bytes) else made.encode()) / 1e6
    _tell(form, photos, start, f"{len(inspection.issues)} issues, {size:.2f} MB, ")


def _tell(case: str, photos: int, start: float, told: str) -> None:
    seconds = time.perf_counter() - start
    print(f"{case:8} {photos:4} photos, {told}{seconds:.2f} s, peak {_measure_peak():.0f} MB")


_CASES: dict[str, Callable[[Path, int], None]] = {
    "render": lambda folder, _: _render(folder),
    "inspect": _inspect,
    "decode": _decode,
    "html": lambda folder, photos: _render_report("html", folder, photos),
    "brief": lambda folder, photos: _render_report("brief", folder, photos),
    "pdf": lambda folder, photos: _render_report("pdf", folder, photos),
}


if __name__ == "__main__":
    main()
