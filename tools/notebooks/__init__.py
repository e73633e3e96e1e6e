"""Writes the notebooks in `examples/notebooks` from the cells in this folder, without outputs.

    python -m tools.notebooks

A cell begins at `# %%`, words at `# %% [markdown]`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

__all__ = ["NOTEBOOKS", "SOURCES", "make_notebook", "write_notebooks"]

SOURCES = Path(__file__).parent / "cells"
NOTEBOOKS = Path(__file__).parents[2] / "examples" / "notebooks"
_BEGIN = re.compile(r"^# %%( \[markdown\])?\n", re.MULTILINE)


def write_notebooks() -> tuple[Path, ...]:
    """Writes all notebooks, and returns their paths."""
    written = []
    for source in sorted(SOURCES.glob("*.py")):
        path = NOTEBOOKS / f"{source.stem}.ipynb"
        path.write_text(make_notebook(source.read_text(encoding="utf-8")), encoding="utf-8")
        written.append(path)
    return tuple(written)


def make_notebook(source: str) -> str:
    """Makes the JSON of a notebook, in nbformat 4.5, of a source with its cells."""
    _, *parts = _BEGIN.split(source)
    cells = [
        _make_cell(number, text.strip("\n"), is_words=bool(mark))
        for number, (mark, text) in enumerate(zip(parts[::2], parts[1::2], strict=True), start=1)
    ]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _make_cell(number: int, text: str, *, is_words: bool) -> dict[str, object]:
    if is_words:
        text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
    lines = text.splitlines(keepends=True)
    cell: dict[str, object] = {"cell_type": "markdown" if is_words else "code"}
    cell |= {"id": f"cell-{number}", "metadata": {}, "source": lines}
    return cell if is_words else cell | {"execution_count": None, "outputs": []}
