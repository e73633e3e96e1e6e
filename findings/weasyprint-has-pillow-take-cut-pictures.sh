#!/usr/bin/env bash
# Importing WeasyPrint 70.0 has Pillow take pictures that are cut short as whole ones.
#
# Behaviour: WeasyPrint sets Pillow's `ImageFile.LOAD_TRUNCATED_IMAGES` when it is imported, for the
# whole process. From then on every other code that opens pictures by Pillow gets no error for one
# whose end is missing, but a whole picture, the missing part in one colour. A service that checks
# uploads and prints reports in one process accepts after its first report what it refused before.
#
# Output seen, Python 3.11, Pillow 13.0.0:
#     before: OSError
#     after importing weasyprint: loaded, 64 x 64
#
# Fails if that changes. Takes about half a minute. Needs Pango (Debian: libpangoft2-1.0-0).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q weasyprint==70.0 pillow==13.0.0
cat > "$work/try.py" <<'PYTHON'
import io
import sys

from PIL import Image

out = io.BytesIO()
Image.effect_noise((64, 64), 60).save(out, "BMP")
cut = out.getvalue()[: len(out.getvalue()) // 2]


def load():
    try:
        picture = Image.open(io.BytesIO(cut))
        picture.load()
    except OSError:
        return "OSError"
    return f"loaded, {picture.width} x {picture.height}"


before = load()
import weasyprint

after = load()
print(f"before: {before}")
print(f"after importing weasyprint: {after}")
sys.exit(0 if (before, after) == ("OSError", "loaded, 64 x 64") else "it behaves otherwise now")
PYTHON
"$work/venv/bin/python" "$work/try.py"
