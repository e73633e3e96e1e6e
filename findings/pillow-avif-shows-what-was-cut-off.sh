#!/usr/bin/env bash
# Pillow 13.0.0 ignores the crop of an AVIF: it shows what its maker cut off.
#
# Behaviour: an AVIF may show a part of its pixels (`clap`, the clean aperture that AVIF takes from
# HEIF), which is how editors crop without encoding anew. Pillow opens such a file at its full size,
# and nothing in `info` says that it is cropped. libheif, which pi-heif has for HEIC, applies such crops.
# Whoever sends the picture on sends what somebody had removed from it.
#
# The picture is made here: a red frame around green, with a `clap` box that keeps the green.
#
# Output seen, Python 3.11:
#     kept 320 x 240, opened as 640 x 480, its corner is red
#
# Fails if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pillow==13.0.0
cat > "$work/try.py" <<'PYTHON'
import io
import struct
import sys

from PIL import Image

picture = Image.new("RGB", (640, 480), (220, 20, 20))
picture.paste((20, 160, 40), (160, 120, 480, 360))
out = io.BytesIO()
picture.save(out, "AVIF")
data = out.getvalue()


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def boxes(data):
    while data:
        size, kind = struct.unpack_from(">I4s", data)
        yield kind, data[8:size]
        data = data[size:]


# One property more, and `meta` at the end of the file, so that nothing else moves.
start = data.index(b"meta") - 4
end = start + int.from_bytes(data[start : start + 4], "big")
clap = box(b"clap", struct.pack(">8i", 320, 1, 240, 1, 0, 1, 0, 1))
parts = []
for kind, content in boxes(data[start + 12 : end]):
    if kind == b"iprp":
        properties = dict(boxes(content))
        count, ipma = len(list(boxes(properties[b"ipco"]))), properties[b"ipma"]
        # One picture and one byte for each property, as libavif writes it.
        ipma = ipma[:10] + bytes([ipma[10] + 1]) + ipma[11:] + bytes([0x80 | count + 1])
        content = box(b"ipco", properties[b"ipco"], clap) + box(b"ipma", ipma)
    parts.append(box(kind, content))
cropped = data[: start + 4] + b"free" + data[start + 8 :] + box(b"meta", bytes(4), *parts)

opened = Image.open(io.BytesIO(cropped))
red, green, blue = opened.convert("RGB").getpixel((5, 5))
colour = "red" if red > 150 > green else "green"
print(f"kept 320 x 240, opened as {opened.width} x {opened.height}, its corner is {colour}")
as_before = opened.size == (640, 480) and colour == "red"
sys.exit(0 if as_before else "it behaves otherwise now")
PYTHON
"$work/venv/bin/python" "$work/try.py"
