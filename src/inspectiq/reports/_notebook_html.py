"""Writes small HTML for notebooks: what is plain text is escaped wherever it is put in.

Styles stand in each element and colours are inherited, so that it looks right on a light and on a
dark page. What is used passes JupyterLab's sanitizer, which drops `<style>` and `<svg>`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from inspectiq._text import to_one_line
from inspectiq.reports._colours import NO_LEVEL

__all__ = [
    "LONG",
    "MOST_LISTED",
    "Html",
    "esc",
    "join",
    "join_lines",
    "join_some",
    "render_card",
    "render_level",
    "render_more",
    "render_picture",
    "render_rows",
    "render_table",
    "small",
    "strong",
]

MOST_LISTED = 10  # of what stands below each other
LONGEST = 160  # characters of one text; more are cut, and end in "…"
LONG = 600  # of one that a person must read to the end
LONGEST_WORD = 30  # characters on one line; the sanitizer drops `word-break` and the like
_LINE = "border-bottom:1px solid rgba(128,128,128,0.35)"
_CELL = f"text-align:left;vertical-align:top;padding:3px 8px;{_LINE}"
_TABLE = "table-layout:auto;border-collapse:collapse;margin:6px 0;text-align:left"


class Html(str):
    """Markup that is safe to be shown as it stands."""

    __slots__ = ()


def esc(text: object, most: int = LONGEST) -> Html:
    """Escapes text of others and puts it on one line; markup of ours stays as it is."""
    if isinstance(text, Html):
        return text
    return Html(" ".join(map(_escape_word, to_one_line(str(text), most).split(" "))))


def _escape_word(word: str) -> str:
    """Escapes a word; a long one may break, so that it widens no table."""
    parts = (word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD))
    return "<wbr>".join(map(html.escape, parts))


def join(parts: Iterable[object], between: str = "") -> Html:
    """Joins parts; plain text among them is escaped, and empty ones are left out."""
    return Html(html.escape(between).join(part for part in map(esc, parts) if part))


def join_lines(parts: Iterable[object]) -> Html:
    """Joins parts, each on a line of its own; empty ones are left out."""
    return Html("<br>".join(line for line in map(esc, parts) if line))


def _quote(text: str) -> str:
    """Escapes text of others for an attribute."""
    return html.escape(to_one_line(text, LONGEST))


def join_some(items: Sequence[str], *, numbered: bool = False) -> Html:
    """Joins texts that must be read to the end, each on a line; says how many more there are."""
    lines = [f"{n}. {item}" if numbered else item for n, item in enumerate(items, start=1)]
    shown = [esc(line, LONG) for line in lines[:MOST_LISTED]]
    return join_lines([*shown, render_more(MOST_LISTED, len(lines), "")])


def strong(text: object) -> Html:
    """Writes text in bold."""
    return Html(f"<strong>{esc(text)}</strong>")


def small(text: object) -> Html:
    """Writes text smaller and fainter; nothing for nothing."""
    shown = esc(text)
    return Html(f'<span style="font-size:0.9em;opacity:0.8">{shown}</span>' if shown else "")


def render_card(parts: Iterable[object]) -> Html:
    """Renders blocks below each other; empty ones are left out. No formula is made of a `$`."""
    blocks = "".join(
        f'<div style="margin:4px 0">{block}</div>' for block in map(esc, parts) if block
    )
    return Html(
        '<div class="mathjax_ignore tex2jax_ignore" style="max-width:960px;line-height:1.4">'
        f"{blocks}</div>"
    )


def render_table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Html:
    """Renders a table with a row of headings."""
    named = "".join(f'<th scope="col" style="{_CELL}">{esc(name)}</th>' for name in head)
    return Html(
        f'<table style="{_TABLE}"><thead><tr>{named}</tr></thead>'
        f"<tbody>{''.join(map(_render_row, rows))}</tbody></table>"
    )


def render_rows(facts: Iterable[tuple[str, object]]) -> Html:
    """Renders names with what stands to each, as a table; those with nothing are left out."""
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}">{esc(name)}</th><td style="{_CELL}">{shown}</td></tr>'
        for name, shown in ((name, esc(fact)) for name, fact in facts)
        if shown
    )
    return Html(f'<table style="{_TABLE}"><tbody>{rows}</tbody></table>')


def _render_row(cells: Sequence[object]) -> str:
    shown = "".join(f'<td style="{_CELL}">{esc(cell)}</td>' for cell in cells)
    return f"<tr>{shown}</tr>"


def render_level(label: str, colour: str | None) -> Html:
    """Renders a level: its words, behind a square of its colour."""
    square = (
        '<span style="display:inline-block;width:0.8em;height:0.8em;margin-right:0.4em;'
        "border:1px solid rgba(128,128,128,0.6);"
        f'background-color:{_quote(colour or NO_LEVEL)}"></span>'
    )
    return Html(f"{square}{esc(label)}")


def render_picture(url: str, alt: str, caption: object) -> Html:
    """Renders a picture, given as a `data:` URL of ours, with what stands below it."""
    return Html(
        '<div style="display:inline-block;vertical-align:top;width:240px;margin:0 8px 8px 0">'
        f'<img src="{url}" alt="{_quote(alt)}" style="max-width:240px;display:block">'
        f"{small(caption)}</div>"
    )


def render_more(shown: int, total: int, what: str, how: str = "") -> Html:
    """Says how many more there are than are shown; nothing where all are."""
    if total <= shown:
        return Html("")
    return small(f"and {total - shown} more {what}".rstrip() + (f": {how}" if how else ""))
