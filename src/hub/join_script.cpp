// The script, and the version that it brings.
#include "hub/join_script.hpp"

#include <string_view>

namespace flotte::hub {
namespace {

constexpr std::string_view script = R"sh(#!/bin/sh
# Joins this machine to a flotte hub: sh -s -- 'URL#CODE' [--service | OPTIONS of `flotte node run`]
# All of it stands in functions that the last line calls: a download that broke off runs nothing.

flotte_version='@VERSION@'

say() { printf 'flotte: %s\n' "$*" >&2; }

die() {
  say "$1"
  exit "${2:-1}"
}

# fetch PATH FILE: one file of the hub, by the key that the code names and no other
fetch() {
  if [ -n "$pin" ]; then
    status=$(curl -sSk --pinnedpubkey "sha256//$pin" -o "$2" -w '%{http_code}' "$url$1")
  else
    status=$(curl -sS -o "$2" -w '%{http_code}' "$url$1")
  fi
  result=$?
  case $result in
    0) ;;
    90) die "the server at $url is not the hub that made this code: its key is another one. Somebody may be in between; nothing of it was run" 4 ;;
    6 | 7 | 28) die "no hub reached at $url: is it running, and is this machine on its network?" 3 ;;
    *) die "the download from $url broke off (curl says $result): try again" ;;
  esac
  [ "$status" = 200 ]
}

# same PROGRAM: whether it is there, runs on this machine, and is of the hub's version
same() { [ "$("$1" version 2>/dev/null)" = "flotte $flotte_version" ]; }

install() {
  command -v tar >/dev/null 2>&1 || die "tar is missing on this machine: install it and paste the line again"
  command -v gzip >/dev/null 2>&1 || die "gzip is missing on this machine: install it and paste the line again"
  say "fetching flotte $flotte_version for $machine from $url"
  mkdir -p "$place" || die "cannot make $place"
  work=$(mktemp -d "$place/.new.XXXXXX") || die "cannot write to $place"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  fetch "/join/flotte.tar.gz?os=linux&arch=$machine" "$work/flotte.tar.gz" ||
    die "the hub at $url has no flotte for linux on $machine to hand out (it answered $status): install flotte $flotte_version here, then run: flotte node run --join 'URL#CODE' with a new code"
  tar -xzf "$work/flotte.tar.gz" -C "$work" || die "what the hub sent is no archive: try again"
  same "$work/flotte-$flotte_version/bin/flotte" || die "flotte $flotte_version does not run on this machine: $("$work/flotte-$flotte_version/bin/flotte" version 2>&1 | head -n 1)"
  rm -rf "${place:?}/$flotte_version"
  mv "$work/flotte-$flotte_version" "$place/$flotte_version" || die "cannot write to $place"
  rm -rf "$work"
  trap - EXIT INT TERM
}

# A link where programs of this person are found; what is there and not ours stays.
offer_link() {
  link="$HOME/.local/bin/flotte"
  if [ -e "$link" ] && [ ! -L "$link" ]; then
    say "$link is there already and stays; this version is $flotte"
    return
  fi
  { mkdir -p "$HOME/.local/bin" && ln -sf "$flotte" "$link"; } 2>/dev/null || return
  case ":$PATH:" in
    *":$HOME/.local/bin:"*) ;;
    *) say "the program is $link (not yet on PATH)" ;;
  esac
}

main() {
  join=${1-}
  case $join in
    http://*'#'?* | https://*'#'?*) shift ;;
    *) die "give the whole line that \`flotte node invite\` printed: ... | sh -s -- 'URL#CODE'" 2 ;;
  esac
  url=${join%%#*}
  url=${url%/}
  code=${join#*#}
  pin=
  case $code in *.*) pin=$(printf '%s' "${code#*.}" | tr -d '=' | tr -- '-_' '+/')= ;; esac
  case $url in
    https://*) [ -n "$pin" ] || die "the code is not complete: it names no key for $url" 2 ;;
  esac
  [ "$(uname -s)" = Linux ] || die "flotte's nodes run on Linux; this is $(uname -s)"
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
  esac
  [ -n "${HOME-}" ] || die "HOME is not set: say where this person's files are"
  command -v curl >/dev/null 2>&1 || die "curl is missing on this machine: install it and paste the line again"
  place="${FLOTTE_BIN:-${XDG_DATA_HOME:-$HOME/.local/share}/flotte-bin}"
  flotte="$place/$flotte_version/bin/flotte"
  same "$flotte" || install
  offer_link
  if [ "${1-}" = --service ]; then
    shift
    exec "$flotte" service install node --join "$join" "$@" </dev/null
  fi
  say "joining as a node; it runs until Ctrl-C. To keep it running, also after a reboot: $flotte service install node"
  exec "$flotte" node run --join "$join" "$@" </dev/null
}

main "$@"
)sh";

}  // namespace

std::string join_script() {
  constexpr std::string_view mark = "@VERSION@";
  std::string out(script);
  out.replace(out.find(mark), mark.size(), FLOTTE_VERSION);
  return out;
}

}  // namespace flotte::hub
