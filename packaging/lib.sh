# Sourced by tarball.sh: what a binary needs, and what goes beside it. Needs binutils and, for the licences, dpkg.

# Of glibc; what every distribution has.
glibc='libc.so.6|libm.so.6|ld-linux-x86-64.so.2|ld-linux-aarch64.so.1|libpthread.so.0|libdl.so.2|librt.so.1|libresolv.so.2'

machine_of() {
  case $(readelf -h "$1" | sed -n 's/^ *Machine: *//p') in
    *X86-64*) echo x86_64 ;;
    AArch64) echo aarch64 ;;
    *) die "$1 is no program for x86-64 or aarch64" ;;
  esac
}

needed_by() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
highest_glibc() { readelf -V "$1" | grep -o 'GLIBC_2[0-9.]*' | sort -uV | tail -1 | cut -d_ -f2; }

# Only glibc may be asked of another machine.
check_binary() {
  local foreign
  foreign=$(needed_by "$1" | grep -vxE "$glibc" || true)
  [ -z "$foreign" ] || die "$1 needs more than glibc: $(echo $foreign). Was it configured before FLOTTE_STATIC? Remove its build directory and build again: script/build release"
}

strip_of() {
  local arch=$1; shift
  if [ "$arch" = "$(uname -m)" ]; then strip "$@"; else "$arch-linux-gnu-strip" "$@"; fi
}

# Poppler's programs with every library but glibc's in a folder of their own, behind a wrapper that finds them wherever the tree lies.
add_poppler() {
  local folder=$1/libexec/poppler program library
  mkdir -p "$folder"
  for program in pdftotext pdfimages pdftoppm; do
    cp "$(readlink -f "$(command -v "$program")")" "$folder/$program"
    ldd "$folder/$program" | awk '$2 == "=>" && $3 ~ /^\// {print $1, $3}' | while read -r soname path; do
      printf '%s\n' "$soname" | grep -qxE "$glibc" && continue
      cp "$(readlink -f "$path")" "$folder/$soname"
      package_of "$path" >> "$1/licences/.packages"
    done
    cat > "$1/libexec/$program" <<'WRAP'
#!/bin/sh
# A program of poppler with the libraries that it was built for, for machines without the package poppler-utils.
here=${0%/*}/poppler
LD_LIBRARY_PATH=$here exec "$here/${0##*/}" "$@"
WRAP
    chmod 755 "$1/libexec/$program"
    "$1/libexec/$program" -v 2>/dev/null || die "the copied $program does not start: $("$1/libexec/$program" -v 2>&1 | tail -1)"
  done
  package_of "$(command -v pdftotext)" >> "$1/licences/.packages"
  for library in "$folder"/*.so*; do chmod 644 "$library"; done
}

# The Debian package that a file came with. With a merged /usr the same file has two names.
package_of() {
  local path
  for path in "$1" "${1#/usr}" "/usr$1" "$(readlink -f "$1")"; do
    dpkg -S "$path" 2>/dev/null | head -1 | cut -d: -f1 && return 0
  done
  die "no package has $1: its licence is not known"
}

# What is linked into flotte itself: the libraries that script/setup installs for building, and what comes with the compiler.
linked_packages() {
  local package
  for package in $(sed -n 's/^build: //p' "$top/script/lib/packages.txt" | tr ' ' '\n' | grep -- '-dev$' | grep -v '^dpkg-dev$'); do
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$package" "${package/1.81/}" 2>/dev/null || true  # one of two names is there
  done | awk '$1 == "installed" {print $2}'
  dpkg -S "$(g++ -print-file-name=libstdc++.a)" | cut -d: -f1
}

# One file per source package, and a list with the exact versions, by which Debian gives the sources.
add_licences() {
  local folder=$1/licences package source
  { cat "$folder/.packages" 2>/dev/null; linked_packages; } | sort -u > "$folder/.all"
  xargs dpkg-query -W -f='${Package} ${source:Package} ${source:Version}\n' < "$folder/.all" | sort -u > "$folder/.sources"
  while read -r package source _; do
    [ -f "/usr/share/doc/$package/copyright" ] || die "no licence text for the package $package in /usr/share/doc"
    cp -L "/usr/share/doc/$package/copyright" "$folder/$source.txt"
  done < "$folder/.sources"
  for package in $(node_dependencies); do
    cat "$top/web/node_modules/$package"/LICEN[SC]E* > "$folder/npm-${package//\//-}.txt"
  done
  {
    echo 'What flotte is made of, beside its own source. Each is under the licence in the file of its name; SQLite is in the public domain.'
    echo 'The sources are Debian'"'"'s, in the versions named here: `apt-get source PACKAGE=VERSION`; older ones are in Debian'"'"'s archive of snapshots.'
    echo
    awk '{print $2, $3}' "$folder/.sources" | sort -u
    printf 'sqlite3 %s\n' "$(awk -F'"' '/^#define SQLITE_VERSION / {print $2; exit}' "$deps/sqlite/sqlite3.h" 2>/dev/null)"
  } > "$folder/SOURCES"
  rm -f "$folder/.packages" "$folder/.all" "$folder/.sources"
}

# npm packages whose code is in the cockpit; none where it was not built.
node_dependencies() {
  [ -d "$top/web/node_modules" ] || return 0
  sed -n '/"dependencies"/,/}/s/^ *"\([^"]*\)": *"[^{]*$/\1/p' "$top/web/package.json" | while read -r package; do
    ls "$top/web/node_modules/$package"/LICEN[SC]E* >/dev/null 2>&1 && echo "$package"
  done
}
