#!/usr/bin/env bash
# Makes the demonstration model from samples/ where it is missing or older than what it is made of.
# usage: script/lib/demo_model.sh [FILE.gguf]    default: build/deps/models/flotte-demo.gguf
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
file=$(realpath -m "${1:-$root/build/deps/models/flotte-demo.gguf}")
command -v python3 >/dev/null || { echo "demo_model.sh: needs python3: install the package python3" >&2; exit 1; }

# Folders count, too: a sample that was taken away leaves no newer file behind.
changed=
[ -s "$file" ] && changed=$(find "$root/samples" "$root/tools/demo_model" "$root/tools/demo_model.py" \
  "$root/tools/sample_pdfs" -name __pycache__ -prune -o -newer "$file" -print -quit)
if [ ! -s "$file" ] || [ -n "$changed" ]; then
  # Two runs at once would write the same unfinished file.
  mkdir -p "$(dirname "$file")"
  exec 9>"$file.lock"
  flock 9
  python3 "$root/tools/demo_model.py" --out "$file" "$root/samples"
  rm -f "$file.lock"
fi
