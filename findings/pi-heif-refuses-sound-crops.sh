#!/usr/bin/env bash
# pi-heif 1.4.0 refuses HEIC pictures that are cropped by more than 64 pixels a side; 1.3.0 reads them.
#
# Behaviour: a HEIC may show a part of its pixels (`clap`, the clean aperture of ISO/IEC 14496-12),
# which is how editors crop without encoding anew. pi-heif 1.4.0 opens such a file and tells the
# right size. Decoding it raises "Security limit exceeded", since the limit it sets is the size after
# the crop plus 64 pixels a side, and the pixels are counted before the crop.
#
# The picture is made here: a grey gradient of 640 x 480, encoded by pillow-heif, with a `clap` box
# added that keeps the middle.
#
# Output seen, Python 3.11:
#     pi-heif 1.3.0, kept 580 x 420: 580 x 420
#     pi-heif 1.3.0, kept 320 x 240: 320 x 240
#     pi-heif 1.4.0, kept 580 x 420: 580 x 420
#     pi-heif 1.4.0, kept 320 x 240: Security limit exceeded
#
# Fails if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/make.py" <<'PYTHON'
import io
import pathlib
import struct
import sys

import pillow_heif
from PIL import Image

out = io.BytesIO()
pillow_heif.from_pillow(Image.linear_gradient("L").resize((640, 480)).convert("RGB")).save(out)
data = out.getvalue()


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def boxes(data):
    while data:
        size, kind = struct.unpack_from(">I4s", data)
        yield kind, data[8:size]
        data = data[size:]


def cropped(width, height):
    """The same file, with one property more and `meta` at its end, so that nothing else moves."""
    start = data.index(b"meta") - 4
    end = start + int.from_bytes(data[start : start + 4], "big")
    clap = box(b"clap", struct.pack(">8i", width, 1, height, 1, 0, 1, 0, 1))
    parts = []
    for kind, content in boxes(data[start + 12 : end]):
        if kind == b"iprp":
            properties = dict(boxes(content))
            count, ipma = len(list(boxes(properties[b"ipco"]))), properties[b"ipma"]
            # One picture and one byte for each property, as pillow-heif writes it.
            ipma = ipma[:10] + bytes([ipma[10] + 1]) + ipma[11:] + bytes([0x80 | count + 1])
            content = box(b"ipco", properties[b"ipco"], clap) + box(b"ipma", ipma)
        parts.append(box(kind, content))
    return data[: start + 4] + b"free" + data[start + 8 :] + box(b"meta", bytes(4), *parts)


for size in ((580, 420), (320, 240)):
    pathlib.Path(sys.argv[1], f"{size[0]}.heic").write_bytes(cropped(*size))
PYTHON
cat > "$work/try.py" <<'PYTHON'
import importlib.metadata
import pathlib
import sys

import pi_heif

for width, height in ((580, 420), (320, 240)):
    opened = pi_heif.open_heif(pathlib.Path(sys.argv[1], f"{width}.heic").read_bytes())
    try:
        opened.data
        seen = f"{opened.size[0]} x {opened.size[1]}"
    except Exception as error:
        seen = "Security limit exceeded" if "Security limit exceeded" in str(error) else str(error)
    print(f"pi-heif {importlib.metadata.version('pi-heif')}, kept {width} x {height}: {seen}")
PYTHON
for name in maker==1.8.1 reader==1.3.0 reader==1.4.0; do python3 -m venv "$work/$name"; done
"$work/maker==1.8.1/bin/pip" install -q pillow==13.0.0 pillow-heif==1.8.1
"$work/reader==1.3.0/bin/pip" install -q pillow==13.0.0 pi-heif==1.3.0
"$work/reader==1.4.0/bin/pip" install -q pillow==13.0.0 pi-heif==1.4.0
"$work/maker==1.8.1/bin/python" "$work/make.py" "$work"
for version in 1.3.0 1.4.0; do "$work/reader==$version/bin/python" "$work/try.py" "$work"; done | tee "$work/seen"
diff - "$work/seen" <<'SEEN' || { echo "it behaves otherwise now" >&2; exit 1; }
pi-heif 1.3.0, kept 580 x 420: 580 x 420
pi-heif 1.3.0, kept 320 x 240: 320 x 240
pi-heif 1.4.0, kept 580 x 420: 580 x 420
pi-heif 1.4.0, kept 320 x 240: Security limit exceeded
SEEN
