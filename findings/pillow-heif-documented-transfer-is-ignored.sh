#!/usr/bin/env bash
# pillow-heif 1.8.1 ignores the option by which its documentation says to name a transfer function.
#
# Behaviour: `HeifFile.save` documents `transfer_characteristic` (singular). The code reads
# `transfer_characteristics`, and says nothing of a keyword that it does not know. Who follows the
# documentation to write HDR, whose pixels are PQ (16) or HLG (18), gets a file that says sRGB (13),
# and every reader shows it flat and grey. The other three options work as documented.
#
# Output seen, Python 3.11:
#     documented: transfer_characteristic, in the file 9/13/9
#     by transfer_characteristic: 9/13/9
#     by transfer_characteristics: 9/16/9
#
# Fails if that changes. Takes about half a minute, most of it for the installation.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pillow-heif==1.8.1 pillow
cat > "$work/try.py" <<'PYTHON'
import io
import re
import struct
import sys

import pillow_heif
from PIL import Image

EXPECTED = {"transfer_characteristic": (9, 13, 9), "transfer_characteristics": (9, 16, 9)}


def save(option):
    out = io.BytesIO()
    numbers = {"color_primaries": 9, "matrix_coefficients": 9, option: 16}
    pillow_heif.from_pillow(Image.new("RGB", (64, 64), "grey")).save(out, **numbers)
    data = out.getvalue()
    return struct.unpack_from(">HHH", data, data.index(b"colrnclx") + 8)


(documented,) = re.findall(r"``(transfer_\w+)``", pillow_heif.HeifFile.save.__doc__)
print(f"documented: {documented}, in the file {'/'.join(map(str, save(documented)))}")
seen = {option: save(option) for option in EXPECTED}
for option, numbers in seen.items():
    print(f"by {option}: {'/'.join(map(str, numbers))}")
right = documented == "transfer_characteristic" and seen == EXPECTED
sys.exit(0 if right else "it behaves otherwise now")
PYTHON
"$work/venv/bin/python" "$work/try.py"
