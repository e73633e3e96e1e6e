"""Text that others wrote, made harmless for a format."""

from __future__ import annotations

import re

from inspectiq.domain.text import visible

__all__ = ["markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~$^=])")
_LEADING = re.compile(r"^(\s*)([-:]|\d+(?=[.)]))")


def markdown(text: str) -> str:
    """The text on one line, as Markdown that shows it and makes no link, image or HTML."""
    line = " ".join(visible(text).split()).replace("&", "&amp;")
    line = _SPECIAL.sub(r"\\\1", line)
    line = _LEADING.sub(r"\1\\\2", line) if not line[:1].isdigit() else line
    # Bare addresses become links in many renderers; an entity keeps the sign and not the link.
    line = line.replace("://", "&#58;//").replace("@", "&#64;")
    return re.sub(r"(?i)\bwww\.", lambda match: match[0][:-1] + "&#46;", line)
