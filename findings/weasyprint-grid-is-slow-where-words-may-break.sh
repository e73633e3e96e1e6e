#!/usr/bin/env bash
# WeasyPrint 70.0 lays out a grid of text many times slower where `overflow-wrap: anywhere` holds.
#
# Behaviour: to size the columns of a grid it looks for the narrowest that each text can be. With
# `overflow-wrap: anywhere` every letter is a place to break, and it tries them one by one. Rows of a
# label and a paragraph, as each finding of a report has them, take many times as long as the same
# rows laid out by floats, or as a grid with `overflow-wrap: break-word`, whose breaks do not count
# for that width.
#
# Output seen, Python 3.11, 2 cores: seconds for 120 rows
#     grid, anywhere: 12.1
#     grid, break-word: 0.7
#     floats, anywhere: 0.3
#
# Fails if the first is no longer more than three times as long as each other. Takes about half a minute.
# Needs Pango (Debian: libpangoft2-1.0-0) and any font.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q weasyprint==70.0
cat > "$work/try.py" <<'PYTHON'
import sys
import time

from weasyprint import HTML

TEXT = "The ceiling has a brown stain with darker rings, where water came more than once. " * 3
ROWS = f"<dl><dt>Seen</dt><dd>{TEXT}</dd></dl>" * 120
GRID = "dl { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr }"
FLOATS = "dl { display: flow-root } dt { float: left; width: 7rem } dd { margin-left: 8rem }"
WAYS = {
    "grid, anywhere": f"{GRID} body {{ overflow-wrap: anywhere }}",
    "grid, break-word": f"{GRID} body {{ overflow-wrap: break-word }}",
    "floats, anywhere": f"{FLOATS} body {{ overflow-wrap: anywhere }}",
}

HTML(string="<p>x").write_pdf()  # loads fonts
seconds = {}
for name, style in WAYS.items():
    start = time.perf_counter()
    HTML(string=f"<style>{style}</style>{ROWS}").write_pdf()
    seconds[name] = time.perf_counter() - start
    print(f"{name}: {seconds[name]:.1f}")
slow, *others = seconds.values()
sys.exit(0 if slow > 3 * max(others) else "it behaves otherwise now")
PYTHON
"$work/venv/bin/python" "$work/try.py"
