"""Renders pages by Jinja templates: ours, or those of a brand."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from inspectiq._text import strip_invisible
from inspectiq._values import hash_content
from inspectiq.errors import ConfigError
from inspectiq.reports._brand import Brand
from inspectiq.reports._colours import choose_ink, list_colours
from inspectiq.reports._language import Language

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["name_author", "name_class", "render_page"]

OWN = "own"  # what the name of a template of the brand begins with
# Code points that are no characters and never will be, by Unicode's chapter 23.7.
_NO_CHARACTER = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)


def render_page(
    name: str,
    brand: Brand,
    words: Language,
    context: Mapping[str, Any],
    colours: Mapping[str, str | None],
    paper: str = "A4",
) -> str:
    """Renders a page by a template, or by the brand's own.

    Args:
        name: Of the template that ships.
        brand: Whose page it is.
        words: Its language.
        context: What the template shows.
        colours: Colours of levels by their key.
        paper: Its size where it is printed, `A4` or `letter`.

    Raises:
        ConfigError: The brand's template cannot be read, or raises.
    """
    style = _write_style(brand, colours, paper)
    own = brand.template
    if own is not None and not own.is_file():
        raise ConfigError(f"template: {own} is no file; give the path of a Jinja template")
    base = f"{OWN}/{own.name}" if own else "report.html"
    try:
        template = _make_environment(own).get_template(base if name == "report.html" else name)
        return template.render(
            context,
            base=base,
            brand=brand,
            logo=_write_logo(brand),
            lang=words.tag,
            say=words.say,
            style=style,
            style_hash="sha256-" + b64encode(sha256(str(style).encode()).digest()).decode(),
        )
    except Exception as error:
        if own is None:
            raise
        number = _find_line(error, own)
        line = f", line {number}" if number else ""
        raise ConfigError(
            f"the template {own.name}{line} fails ({type(error).__name__}: {error}); mend it, or "
            "leave template= out of the Brand"
        ) from error


def _find_line(error: Exception, own: Path) -> int | None:
    """Finds the line of a template that an error came from; Jinja puts it into the traceback."""
    from jinja2 import TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if Path(frame.f_code.co_filename).name == own.name]
    return lines[-1] if lines else None


def name_author(brand: Brand) -> str:
    """Names who sends a page; this software only where there is no brand."""
    return brand.company or brand.product or ("inspectiq" if brand == Brand() else "")


def _make_environment(own: Path | None) -> Environment:
    if own is None:
        return _make_shipped_environment()
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

    shipped = _make_shipped_environment()
    assert shipped.loader is not None
    folder = FileSystemLoader(own.parent)
    # Under a name apart, so that a template of your own may be called `report.html`, and extend it.
    loaders = [PrefixLoader({OWN: folder}), shipped.loader, folder]
    return shipped.overlay(loader=ChoiceLoader(loaders))


@cache
def _make_shipped_environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("inspectiq.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_show,
        trim_blocks=False,
    )


def _show(value: object) -> object:
    """Takes out of every text that is shown what is invisible, and what HTML has no place for."""
    return _NO_CHARACTER.sub("", strip_invisible(value)) if type(value) is str else value


def _write_style(brand: Brand, colours: Mapping[str, str | None], paper: str) -> object:
    from markupsafe import Markup

    rules = [files("inspectiq.reports").joinpath("templates/report.css").read_text("utf-8")]
    rules.append(f"@page {{ size: {paper}; }}\n")
    if brand.colour:
        rules.append(f":root {{ --accent: {brand.colour}; }}\n")
    for level, colour in list_colours(colours):
        rules.append(
            f".{name_class(level)} {{ --level: {colour}; --on-level: {choose_ink(colour)}; }}\n"
        )
    return Markup("".join(rules))  # noqa: S704 - our own file, and colours that were checked


def _write_logo(brand: Brand) -> object:
    from markupsafe import Markup

    if not brand.logo:
        return ""
    written = b64encode(brand.logo).decode()
    return Markup(f"data:{brand.logo_type};base64,{written}")  # noqa: S704 - base64


def name_class(level: str) -> str:
    """Names the class of a level's colour; a level's key may hold what no class may."""
    plain = re.sub(r"[^A-Za-z0-9_]", "-", level)
    return f"level-{plain}" if plain == level else f"level-{plain[:60]}-{hash_content(level)[:8]}"
