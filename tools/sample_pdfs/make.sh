#!/usr/bin/env bash
# Prints the two PDF samples from the HTML beside this script. The results are committed, so this is needed
# only after a change of the text. Needs chromium and pdftotext (Debian packages chromium, poppler-utils).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
samples=$here/../../samples
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

print() {   # print HTML PDF
  chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$profile" --no-pdf-header-footer \
    --print-to-pdf="$2" "file://$1" 2>/dev/null
  # A PDF without text would be a sample of the wrong kind.
  [ "$(pdftotext "$2" - | wc -w)" -gt 300 ] || { echo "make.sh: $2 has no text layer" >&2; exit 1; }
}
print "$here/calibration-report.html" "$samples/en/calibration-report.pdf"
print "$here/angebotsvergleich.html" "$samples/de/angebotsvergleich.pdf"
