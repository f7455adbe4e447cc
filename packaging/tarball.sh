#!/usr/bin/env bash
# Packs a static release binary into a relocatable tarball; the same input gives the same bytes.
# usage: packaging/tarball.sh BINARY DIR       makes DIR/flotte-VERSION-linux-ARCH.tar.gz
#
#   flotte-VERSION/bin/flotte            needs only glibc of the machine; checked here
#   flotte-VERSION/libexec/              pdftotext and others for machines without poppler-utils, their libraries in libexec/poppler
#   flotte-VERSION/licences/             of everything that is linked in or lies beside it, and where its source is
. "$(dirname "${BASH_SOURCE[0]}")/../script/lib/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ $# = 2 ] || die "usage: packaging/tarball.sh BINARY DIR"
binary=$(realpath "$1") out=$(realpath -m "$2")
export LC_ALL=C TZ=UTC
umask 022

arch=$(machine_of "$binary")
version=$(sed -n 's/^project(flotte VERSION \([0-9.]*\).*/\1/p' "$top/CMakeLists.txt")
name=flotte-$version
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct 2>/dev/null || echo 0)}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
tree=$stage/$name

check_binary "$binary"
mkdir -p "$tree/bin" "$tree/libexec" "$tree/licences" "$out"
strip_of "$arch" -o "$tree/bin/flotte" "$binary"
cp "$top/LICENSE" "$top/README.md" "$tree/"
if [ "$arch" = "$(uname -m)" ] && command -v pdftotext >/dev/null; then
  add_poppler "$tree"
else
  printf '%s: no pdftotext for %s on this machine: the tarball goes without it (machines then need poppler-utils for PDF)\n' "${0##*/}" "$arch" >&2
fi
add_licences "$tree"

chmod -R u=rwX,go=rX "$tree"
file=$out/$name-linux-$arch.tar.gz
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --format=gnu -C "$stage" -cf - "$name" | gzip -9n > "$file.part"
mv "$file.part" "$file"
printf '%s  %s  %s MB, needs glibc %s\n' "$(sha256sum < "$file" | cut -d' ' -f1)" "${file#"$top"/}" "$(du -m "$file" | cut -f1)" "$(highest_glibc "$binary")" >&2
