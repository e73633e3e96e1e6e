"""Prints a report's HTML as a tagged PDF."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from inspectiq._files import to_path
from inspectiq._taking import require_all
from inspectiq._tracebacks import hide_locals
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from inspectiq.reports._html import render_html
from inspectiq.reports._pictures import PhotoLookup

__all__ = ["render_pdf"]

FONTS = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")  # how font files begin
MISSING = ".notdef glyph rendered"  # how WeasyPrint 70 begins to tell of a character without glyph

_printing = Lock()  # what is missing is told by a logger that all threads share


@hide_locals
def render_pdf(
    result: Result,
    photos: PhotoLookup = None,
    *,
    fonts: Iterable[Path | str] = (),
    **options: Any,
) -> bytes:
    """Prints the report's HTML as a PDF of A4 pages, tagged as PDF/UA-2 asks.

    Needs the extra `pdf`, and the library Pango: on Debian and Ubuntu `apt install
    libpangoft2-1.0-0`.

    Args:
        result: The inspection or diagnosis.
        photos: Where the photos are; a live result knows.
        fonts: Font files that are tried before those of the machine.
        options: As for `render_html`: `brief`, `brand`, `language`, `max_bytes`.

    Raises:
        ConfigError: An argument is wrong, the extra or Pango is missing, or no font has a
            character of the report.
    """
    paths = [to_path(path, "font") for path in require_all(fonts, "fonts", "give paths of fonts")]
    weasyprint = _import_weasyprint()
    page = render_html(result, photos, **options)
    faces = [_write_face(number, path) for number, path in enumerate(paths)]
    style = "".join(faces)
    if faces:
        families = ", ".join(f'"report-{number}"' for number in range(len(faces)))
        style += f"body {{ font-family: {families}, sans-serif !important; }}"
    fetcher = weasyprint.URLFetcher(allowed_protocols=["data"])
    known = weasyprint.text.fonts.FontConfiguration()
    try:
        with _printing, _watch_glyphs() as missing:
            printed: bytes = weasyprint.HTML(string=page, url_fetcher=fetcher).write_pdf(
                stylesheets=[weasyprint.CSS(string=style, url_fetcher=fetcher, font_config=known)],
                font_config=known,
                pdf_variant="pdf/ua-2",
                custom_metadata=True,
            )
    except (AssertionError, ArithmeticError, LookupError, RecursionError) as error:
        raise ConfigError(
            f"WeasyPrint cannot print this report ({type(error).__name__}), as happens with words "
            "of thousands of characters; give brief=True, or take the HTML"
        ) from error
    if missing:
        raise ConfigError(
            f"no font at hand has {', '.join(missing[:5])}; give fonts= the path of a font file "
            "that has it, or install one on this machine"
        )
    return printed


def _import_weasyprint() -> Any:
    from PIL import ImageFile

    told = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import weasyprint
    except ImportError as error:
        raise ConfigError(
            "a PDF needs the extra 'pdf'; run: pip install 'inspectiq[pdf]'"
        ) from error
    except OSError as error:
        raise ConfigError(
            "a PDF needs the library Pango, which pip does not install; on Debian and Ubuntu run: "
            "apt install libpangoft2-1.0-0"
        ) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = told  # which WeasyPrint sets for the whole process
    return weasyprint


def _write_face(number: int, path: Path) -> str:
    try:
        font = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the font {path.name} cannot be read ({type(error).__name__}); give fonts= the paths "
            "of font files"
        ) from error
    if not font.startswith(FONTS):
        raise ConfigError(
            f"{path.name} is no font; give fonts= the paths of TrueType or OpenType files"
        )
    address = f"data:font/ttf;base64,{b64encode(font).decode()}"
    return f'@font-face {{ font-family: "report-{number}"; src: url("{address}"); }}\n'


@contextmanager
def _watch_glyphs() -> Iterator[list[str]]:
    """Collects the characters that no font has, each once."""
    found: dict[str, None] = {}

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if str(record.msg).startswith(MISSING) and isinstance(record.args, tuple):
                found[f"{record.args[0]!r} (U+{record.args[1]:04X})"] = None

    logger, watch, kept = logging.getLogger("weasyprint"), Watch(), list[str]()
    logger.addHandler(watch)
    try:
        yield kept
    finally:
        logger.removeHandler(watch)
        kept.extend(found)
