"""Makes text that others wrote harmless in Markdown."""

from __future__ import annotations

import re

from inspectiq._text import strip_invisible

__all__ = ["escape_markdown"]

_WORD = r"[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*[,:;]?"
_PLAIN = re.compile(rf"{_WORD}(?: {_WORD})*")  # most texts of a report; nothing to make harmless
_SPECIAL = re.compile(r"([\\`*\[\]<>|~$^])")
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# A dot inside a word may make a host name of it, which some renderers turn into a link;
# photos' file names stay readable.
_FILE = r"(?:jpe?g|png|webp|hei[cf]|avif|gif|tiff?|bmp|pdf|svg|txt)\b(?!\.\w)"
_DOT = re.compile(
    rf"(?i)(?<=\w)[\u200c\u200d]*\.(?=[\u200c\u200d]*[^\W\d_])(?!{_FILE})"  # joiners do not help
)
_ENTITY = re.compile(r"&(?=[#\w])")
_LEADING = re.compile(r"(\d*(?=[.)](?: |$))|(?=[-+#=:]))")


def escape_markdown(text: str) -> str:
    """Puts text on one line of Markdown that shows it and makes no link, image or HTML."""
    if _PLAIN.fullmatch(text):
        return text
    line = " ".join(strip_invisible(text).split())
    if "&" in line:
        line = _ENTITY.sub("&amp;", line)
    line = _SPECIAL.sub(r"\\\1", line)
    if "_" in line:
        line = _UNDERSCORE.sub(r"\\_", line)
    if leading := _LEADING.match(line):
        line = f"{leading[1]}\\{line[leading.end() :]}"
    # Bare addresses become links as well; an entity keeps the sign and not the link.
    line = line.replace("://", "&#58;//").replace("//", "/&#47;").replace("@", "&#64;")
    return _DOT.sub(r"\\.", line) if "." in line else line
