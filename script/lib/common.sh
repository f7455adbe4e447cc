# Sourced by every script: where things are, and how they speak.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
deps=$top/build/deps
cache=${XDG_CACHE_HOME:-$HOME/.cache}/flotte

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
[ -t 2 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Node.js 22: the machine's where it is new enough, otherwise the one that script/setup put into the cache.
node_path() {
  local major
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  if [ "${major:-0}" -lt 22 ] && [ -x "$cache/node22/node_modules/node/bin/node" ]; then
    export PATH="$cache/node22/node_modules/node/bin:$PATH"
  fi
}
