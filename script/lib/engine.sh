#!/usr/bin/env bash
# Brings llama-server (llama.cpp) from Debian unstable into DIR, without touching this machine's packages.
# usage: script/lib/engine.sh [DIR]        default: build/deps/engine; a second run is a no-op
#
# DIR/llama-server starts it with the C library that it was built for, which lies beside it in DIR/root.
# DIR may be moved as a whole.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/debian.sh"
dir=$(realpath -m "${1:-$here/../../build/deps/engine}")
part=$dir.part
package=llama.cpp-tools

fetch() {
  debian_open "$part/apt" deb
  debian_say "fetching $package and the libraries that it was built for"
  debian_apt autoclean   # what an interrupted run fetched is used again, unless it is out of date by now
  debian_apt -y --download-only install "$package" ||
    debian_die "Debian unstable does not give $package at present (above is apt's own message). Any other llama-server or an Ollama does as well: start it, or put llama-server on the PATH"
}

unpack() {
  rm -rf "$part/out"
  mkdir -p "$part/out/root"
  local deb
  for deb in "$part"/apt/cache/archives/*.deb; do dpkg-deb -x "$deb" "$part/out/root"; done
  [ -x "$part/out/root/usr/bin/llama-server" ] || debian_die "$package has no llama-server in it: please report this"
  # Only the licence texts are kept of what is not needed to run.
  find "$part/out/root/usr/share" -type f ! -name copyright -delete
  rm -rf "$part/out/root/usr/lib/x86_64-linux-gnu/gconv" "$part/out/root/etc" "$part/out/root/var"
}

# The packages bring one CPU backend per generation of processors; a wrong choice ends in an illegal
# instruction, so the wrapper asks /proc/cpuinfo at every start: DIR may be on a disk that moves.
write_wrapper() {
  cat > "$part/out/llama-server" <<'WRAP'
#!/bin/sh
# Starts the llama-server that lies in root/ with the libraries that lie there too.
# GGML_BACKEND_PATH overrides the choice of the CPU backend.
root=$(dirname "$(readlink -f "$0")")/root
lib=$root/usr/lib/x86_64-linux-gnu
flags=
while IFS=: read -r key value; do
  case $key in flags*) flags=" $value "; break ;; esac
done < /proc/cpuinfo 2>/dev/null

# use NAME FLAG... : takes the backend if none was taken yet, it is there, and the processor has every flag.
use() {
  [ -z "${GGML_BACKEND_PATH:-}" ] || return 0
  candidate=$lib/ggml/backends0/libggml-cpu-$1.so; shift
  [ -r "$candidate" ] || return 0
  for flag; do case $flags in *" $flag "*) ;; *) return 0 ;; esac; done
  GGML_BACKEND_PATH=$candidate
}
base="sse4_2 avx f16c fma avx2 bmi1 bmi2"
wide="$base avx512f avx512cd avx512vl avx512dq avx512bw"
use zen4        $wide avx512vbmi avx512_vnni avx512_bf16
use icelake     $wide avx512vbmi avx512_vnni
use cooperlake  $wide avx512_vnni avx512_bf16
use cascadelake $wide avx512_vnni
use skylakex    $wide
use alderlake   $base avx_vnni
use haswell     $base
use piledriver  sse4_2 avx f16c fma
use ivybridge   sse4_2 avx f16c
use sandybridge sse4_2 avx
use sse42       sse4_2
use x64
export GGML_BACKEND_PATH
exec "$lib/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$lib:$lib/llama" "$root/usr/bin/llama-server" "$@"
WRAP
  chmod +x "$part/out/llama-server"
}

version() { "$1/llama-server" --version 2>&1 | awk '/^version:/ {print $2; exit}'; }

if [ ! -x "$dir/llama-server" ]; then
  [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
    debian_die "brings an engine for amd64 only, and this machine is $(uname -m): put a llama-server on the PATH, or start an Ollama"
  mkdir -p "$(dirname "$dir")"
  exec 9>"$dir.lock"
  flock 9   # of two runs at once the second waits and finds the work done
  if [ ! -x "$dir/llama-server" ]; then
    fetch
    unpack
    write_wrapper
    [ -n "$(version "$part/out")" ] ||
      debian_die "the unpacked llama-server does not start: $("$part/out/llama-server" --version 2>&1 | tail -1)"
    rm -rf "$dir"
    mv "$part/out" "$dir"
    rm -rf "$part"
  fi
  rm -f "$dir.lock"
fi
debian_say "llama-server $(version "$dir") in $dir"
