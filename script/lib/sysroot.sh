#!/usr/bin/env bash
# Brings the libraries that flotte is built with for another architecture into DIR, for a cross compiler (cmake/aarch64.cmake).
# usage: script/lib/sysroot.sh [ARCH] [DIR]      default: arm64 build/deps/sysroot-arm64; a second run is a no-op
#
# They come from the sources and the release that this machine is set up with; its own packages stay as they are.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
arch=${1:-arm64}
dir=$(realpath -m "${2:-$deps/sysroot-$arch}")
[ ! -f "$dir/.complete" ] || exit 0
rm -rf "$dir"
mkdir -p "$dir/apt/state/lists/partial" "$dir/apt/cache/archives/partial"
[ "$(id -u)" != 0 ] || chmod 755 "$dir" "$dir/apt"

# As on a machine of that architecture with nothing installed.
apt_there() {
  apt-get -o APT::Architecture="$arch" -o APT::Architectures::="$arch" -o APT::Architectures="$arch" -o Dir::State="$dir/apt/state" \
    -o Dir::State::status=/dev/null -o Dir::Cache="$dir/apt/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1 \
    -o APT::Install-Recommends=false "$@"
}
say "Fetching Debian's libraries for $arch"
apt_there -qq update
wanted=$(sed -n 's/^build: //p' "$top/script/lib/packages.txt" | tr ' ' '\n' | grep -- '-dev$' | grep -v '^dpkg-dev$')
apt_there -qq -y --download-only install libc6-dev libstdc++-12-dev $wanted >/dev/null ||
  die "apt-get could not fetch the libraries for $arch (above is its own message): does this machine's mirror have that architecture?"
for package in "$dir"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$dir"; done
# Links to absolute places point into the sysroot.
find "$dir/usr/lib" -type l -lname '/*' | while read -r link; do ln -sfn "$dir$(readlink "$link")" "$link"; done
[ -e "$dir/lib64" ] || [ ! -d "$dir/usr/lib64" ] || ln -s usr/lib64 "$dir/lib64"
rm -rf "$dir/apt" "$dir"/usr/share/man "$dir"/usr/share/locale
touch "$dir/.complete"
say "Libraries for $arch in ${dir#"$top"/}: $(du -sm "$dir" | cut -f1) MB"
