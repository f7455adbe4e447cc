#!/usr/bin/env bash
# Builds the last flotte of link protocol 1 from this repository's history, for experiment 31 of script/faults.
# usage: script/lib/older.sh [FILE]        default: build/old/flotte; a second run is a no-op
. "$(dirname "$0")/common.sh"
commit=a1a16b4a28cb0534e27de52d4544502cb3070b7b
out=$(realpath -m "${1:-$top/build/old/flotte}")
[ ! -x "$out" ] || exit 0
git -C "$top" cat-file -e "$commit^{commit}" 2>/dev/null ||
  die "this clone does not hold commit ${commit:0:7}, the last of link protocol 1; `git fetch --unshallow` brings it"
source=$(dirname "$out")/source
say "Building the flotte of link protocol 1 (${commit:0:7}) into $out: once, some ten minutes"
rm -rf "$source"
mkdir -p "$source"
git -C "$top" archive "$commit" | tar -x -C "$source"
cmake -S "$source" -B "$source/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_C_FLAGS_DEBUG=-O1 \
  -DFLOTTE_TESTS=OFF -DFLOTTE_EMBED_WEB=OFF -DFLOTTE_DEPS="$deps" >"$source/configure.log" 2>&1 || { cat "$source/configure.log" >&2; exit 1; }
cmake --build "$source/build" --target flotte -- --quiet
mv "$(find "$source/build" -type f -name flotte -perm -u+x -print -quit)" "$out"
rm -rf "$source"
