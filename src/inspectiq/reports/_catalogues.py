"""Reads the tags of languages, and the catalogues of their messages."""

from __future__ import annotations

import io
import re
import struct
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from inspectiq.domain._places import is_country, load_codes, suggest_code
from inspectiq.errors import ConfigError

if TYPE_CHECKING:
    from babel.messages import Catalog

__all__ = ["SHIPPED", "list_parts", "load_shipped", "read_catalogue", "split_tag"]

SHIPPED = ("en", "es")
"""Languages that reports are written in without a catalogue of the host's own."""

AREAS = ("001", "150", "419")
"""Areas of UN M.49 that CLDR has locales for: the world, Europe, Latin America."""

_TAG = re.compile(r"([A-Za-z]{2,8})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}|[0-9]{3}))?")


def split_tag(tag: str) -> tuple[str, str]:
    """Splits a BCP 47 tag into language and region, which is "" where there is none.

    Raises:
        ConfigError: It is none, or there is no such language or country.
    """
    found = _TAG.fullmatch(tag.strip().replace("_", "-")[:40])
    if found is None:
        raise ConfigError(
            f"language: {tag[:40]!r} is no tag of a language; give one such as 'es' or 'es-MX'"
        )
    language, region = found[1].lower(), (found[2] or "").upper()
    if len(language) != 3 and language not in load_codes()["languages"]:
        raise ConfigError(
            f"language: there is no language {language!r}{suggest_code('languages', language)}; "
            "give its code by ISO 639-1, such as 'es'"
        )
    if region and region not in AREAS and not is_country(region):
        raise ConfigError(
            f"language: {tag!r} names no country that there is"
            f"{suggest_code('countries', region)}; give its code by ISO 3166-1, such as 'es-MX'"
        )
    return language, region


@cache
def load_shipped(language: str, region: str) -> NullTranslations:
    """Loads the messages that ship for a language; those of the source where none do.

    The source is spelt as in Britain; English with no region, or of the United States and
    neighbours who spell alike, is a catalogue of the words that differ.
    """
    name = language
    if language == "en":
        name = "en_US" if region in ("", "US", "PR", "PH") else ""
    path = files("inspectiq.reports").joinpath("languages", f"{name}.mo")
    if not name or not path.is_file():
        return NullTranslations()
    return GNUTranslations(io.BytesIO(path.read_bytes()))


def read_catalogue(path: Path) -> GNUTranslations:
    """Reads a catalogue of a host's own: compiled (`.mo`), or as people write it (`.po`).

    Raises:
        ConfigError: It cannot be read, is no catalogue, or has other parts than the English
            message; a `.po` without the extra `i18n`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: the catalogue cannot be read ({type(error).__name__}); check the path"
        ) from error
    if path.suffix == ".po":
        content = _compile(content, path)
    elif path.suffix != ".mo":
        raise ConfigError(f"{path}: give a catalogue of gettext, a .po or a .mo file")
    try:
        return GNUTranslations(io.BytesIO(content))
    except (OSError, UnicodeError, ValueError, LookupError, struct.error) as error:
        raise ConfigError(
            f"{path}: this is no compiled catalogue; make it by `pybabel compile` or `msgfmt`"
        ) from error


def _compile(content: bytes, path: Path) -> bytes:
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import PoFileError, read_po
    except ImportError as error:
        raise ConfigError(
            f"{path}: a .po file is read by Babel; pip install 'inspectiq[i18n]', or give the "
            ".mo file that it is compiled to"
        ) from error
    try:
        catalog = read_po(io.BytesIO(content), abort_invalid=True)
    except (PoFileError, UnicodeError, ValueError, LookupError) as error:
        raise ConfigError(f"{path}: this is no catalogue of gettext ({error})") from error
    _check_parts(catalog, path)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def _check_parts(catalog: Catalog, path: Path) -> None:
    """Makes sure that each message has the parts of the English one, and no others."""
    for message in catalog:
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        source = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        for form in filter(None, forms):
            if source and list_parts(form) != list_parts(source):
                raise ConfigError(
                    f"{path}, line {message.lineno}: {form[:80]!r} has other parts in braces than "
                    f"{source[:80]!r}; write the same ones"
                )


def list_parts(text: str) -> set[str] | None:
    """Lists the names in braces in a message; None where the braces are no such names."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return None
