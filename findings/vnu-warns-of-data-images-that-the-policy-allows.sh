#!/usr/bin/env bash
# The Nu HTML checker 26.9.27 warns that a page's policy blocks pictures that it allows.
#
# Behaviour: a page whose policy is `img-src data:` holds a picture as a `data:` URI. By Content
# Security Policy Level 3 a scheme source matches every URL of its scheme, and Chromium 156 shows the
# picture. The checker warns that it is blocked. Without the policy it says nothing. A report of one
# file, which must forbid all loading and carry its pictures, cannot be free of the warning.
#
# Output seen, Java 17:
#     with the policy: Warning: Resource violates Content Security Policy (meta tag)
#     without: nothing
#
# Fails if that changes. Needs Java and npm; takes about ten seconds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund vnu-jar@26.9.27 >/dev/null

check() {
  cat > page.html <<HTML
<!doctype html><html lang="en"><head><meta charset="utf-8">$1<title>t</title></head>
<body><p><img alt="" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"></p></body></html>
HTML
  java -jar node_modules/vnu-jar/build/dist/vnu.jar --stdout --format text page.html | grep -o 'Warning: Resource violates [^:]*' || echo nothing
}

policy="<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:\">"
with=$(check "$policy")
without=$(check "")
echo "with the policy: $with"
echo "without: $without"
[ "$with" = "Warning: Resource violates Content Security Policy (meta tag)" ] && [ "$without" = nothing ]
