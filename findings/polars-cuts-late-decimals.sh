#!/usr/bin/env bash
# polars 2.1.0 cuts amounts of money whose decimals first appear after a hundred rows.
#
# Behaviour: a frame made of dicts takes the scale of a Decimal column from the first hundred rows. A
# later amount with more decimals loses them, without an error or a warning: 1.2345 becomes 1.2.
# polars 1.0.0 kept all of them in the same case. With `infer_schema_length=None`, or a schema that
# states the scale, nothing is lost.
#
# Output seen, Python 3.11:
#     1.0.0: 1.2345
#     2.1.0: 1.2
#     2.1.0, looking at all rows: 1.2345
#
# Fails if that changes. Takes about half a minute, most of it for the installations.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/try.py" <<'PYTHON'
import sys
from decimal import Decimal

import polars as pl

rows = [{"cost": Decimal("1.0")}] * 120 + [{"cost": Decimal("1.2345")}]
options = {"infer_schema_length": None} if "all" in sys.argv else {}
print(pl.DataFrame(rows, **options)["cost"][-1])
PYTHON
for version in 1.0.0 2.1.0; do
  python3 -m venv "$work/$version"
  "$work/$version/bin/pip" install -q "polars==$version"
done
old=$("$work/1.0.0/bin/python" "$work/try.py")
new=$("$work/2.1.0/bin/python" "$work/try.py")
whole=$("$work/2.1.0/bin/python" "$work/try.py" all)
echo "1.0.0: $old"
echo "2.1.0: $new"
echo "2.1.0, looking at all rows: $whole"
[ "$old" = 1.2345 ] && [ "$new" = 1.2 ] && [ "$whole" = 1.2345 ]
