# Sourced. Builds the cockpit (web/dist) where its sources are newer than what was built; a second run is quick.
#
#   web_build ROOT             brings Node.js and the packages where needed, then builds
#   web_npm ROOT ARGS...       npm in web/, with a Node.js that is new enough
#
# Node.js 22 or newer is needed. A machine that has an older one (or none but npm's) gets it from npm's package `node`, into
# FLOTTE_DEPS (build/deps) and nowhere else.

web_say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
web_die() { web_say "$*"; exit 1; }

web_node_is_new() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) ? 0 : 1)' 2>/dev/null; }

# Prints the folder that holds a new enough `node`.
web_node_bin() {
  local deps=${FLOTTE_DEPS:-$1/build/deps} node
  node=$(command -v node) && web_node_is_new "$node" && { dirname "$node"; return; }
  local bin=$deps/node/node_modules/node/bin
  if ! web_node_is_new "$bin/node"; then
    command -v npm >/dev/null || web_die "npm is missing: install Debian's packages nodejs and npm (script/setup does)"
    web_say "bringing Node.js 22 from npm into $deps/node"
    mkdir -p "$deps/node" && printf '{"private":true}\n' > "$deps/node/package.json"
    (cd "$deps/node" && npm install --no-audit --no-fund --no-package-lock --foreground-scripts=false --loglevel=error node@22 >&2) ||
      web_die "npm could not bring Node.js 22 (above is its own message)"
    web_node_is_new "$bin/node" || web_die "npm's package node@22 brought no working Node.js: install Node.js 22 or newer by hand"
  fi
  printf '%s\n' "$bin"
}

web_npm() {
  local root=$1 bin; shift
  bin=$(web_node_bin "$root") || exit 1
  (cd "$root/web" && PATH=$bin:$PATH npm --no-update-notifier --loglevel=error "$@")
}

# Everything that the build reads, as one hash.
web_sources_hash() {
  (cd "$1" && { find web/src web/tools web/public -type f ! -name '*.test.ts' -print0
    printf '%s\0' web/package.json web/package-lock.json web/index.html web/vite.config.ts web/tsconfig.json api/openapi.yaml
  } | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

web_build() {
  local root=$1 stamp=$1/web/node_modules/.built hash
  hash=$(web_sources_hash "$root")
  [ -f "$root/web/dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && return 0
  web_packages "$root"
  web_say "building the cockpit"
  web_npm "$root" run build >&2 || web_die "the cockpit could not be built (above is why)"
  web_sources_hash "$root" > "$stamp"   # the build may have written src/api/types.gen.ts
}

# `npm ci` where the lock file is another than the one that node_modules came from.
web_packages() {
  local root=$1 lock
  lock=$(sha256sum < "$root/web/package-lock.json" | cut -d' ' -f1)
  [ "$(cat "$root/web/node_modules/.lock" 2>/dev/null)" = "$lock" ] && return 0
  web_say "fetching the cockpit's packages from npm"
  web_npm "$root" ci --no-audit --no-fund >&2 || web_die "npm could not fetch the cockpit's packages (above is its own message)"
  printf '%s\n' "$lock" > "$root/web/node_modules/.lock"
}
