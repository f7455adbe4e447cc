#!/usr/bin/env bash
# The cockpit: `web.sh` builds web/dist where its sources are newer than what was built, `web.sh test` runs its tests as well,
# `web.sh start` walks through a new user's first minutes with the programs that FLOTTE_BINARY and FLOTTE_SCRIPTED name, `web.sh sight`
# looks at the views of what happened.
# Node.js 22 is needed: the machine's, or the one that script/setup put into the cache. A second run is quick.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
web=$top/web

node_is_new() {
  command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) ? 0 : 1)' 2>/dev/null
}

need_node() {
  node_path
  node_is_new && return 0
  "$top/script/setup" web
  node_path
  node_is_new || die "Node.js 22.12 or newer and npm are needed, and this is $(node --version 2>/dev/null || echo none): install them, or go without the cockpit with script/build --no-web"
}

run_npm() { (cd "$web" && npm --no-update-notifier --loglevel=error "$@" >&2); }

# Everything that the build reads, as one hash.
sources_hash() {
  (cd "$top" && { find web/src web/tools web/public -type f ! -name '*.test.ts' ! -name '*.test-data.ts' -print0
    printf '%s\0' web/package.json web/package-lock.json web/index.html web/vite.config.ts web/tsconfig.json api/openapi.yaml
  } | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

# `npm ci` where node_modules came from another lock file.
fetch_packages() {
  local lock
  lock=$(sha256sum < "$web/package-lock.json" | cut -d' ' -f1)
  [ "$(cat "$web/node_modules/.lock" 2>/dev/null)" = "$lock" ] && return 0
  need_node
  say "Fetching the cockpit's packages from npm"
  run_npm ci --no-audit --no-fund || die "npm could not fetch the cockpit's packages (above is its own message)"
  printf '%s\n' "$lock" > "$web/node_modules/.lock"
}

build() {
  local stamp=$web/node_modules/.built
  [ -f "$web/dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(sources_hash)" ] && return 0
  fetch_packages
  need_node
  say "Building the cockpit"
  run_npm run build || die "the cockpit could not be built (above is why)"
  sources_hash > "$stamp"  # computed again: the build may have written src/api/types.gen.ts
}

run_tests() {
  fetch_packages
  need_node
  run_npm run check || die "types or contract of the cockpit are wrong (above is where)"
  run_npm test || die "a unit test of the cockpit failed"
  build
  run_npm run test:browser || die "a browser test of the cockpit failed"
}

walk_start() {
  fetch_packages
  need_node
  (cd "$web" && node test/start.mjs >&2) || die "the walk through the first minutes failed"
}

look_at_sight() {
  fetch_packages
  need_node
  (cd "$web" && node test/sight.mjs >&2) || die "the views /tasks, /requests and /usage failed"
}

case ${1:-build} in
  build) build ;;
  test) run_tests ;;
  start) walk_start ;;
  sight) look_at_sight ;;
  *) die "unknown argument '$1'; usage: web.sh [build|test|start|sight]" ;;
esac
