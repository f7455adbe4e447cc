# Sourced. Takes newer packages or sources from Debian unstable into a folder, leaving the machine's own
# package lists, packages and keys as they are. Needs apt-get only; works as root and as an ordinary user.
#
#   debian_say TEXT            one line of progress on standard error
#   debian_die TEXT            one line that says what is wrong and what to do, then exit 1
#   debian_require             stops unless this machine can use Debian's archive
#   debian_open DIR deb|deb-src   private apt state in DIR, lists fetched; DIR may be removed afterwards
#   debian_apt ARGS...         apt-get inside that state
#
# The mirror is the one that this machine is set up with; FLOTTE_DEBIAN_MIRROR names another.

debian_say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
debian_die() { debian_say "$*"; exit 1; }

# The first archive of Debian proper (not security, not somebody else's) in the machine's sources:
# both forms, deb822 (`URIs:`) and one-line (`deb [options] URI suite component`).
debian_mirror() {
  [ -n "${FLOTTE_DEBIAN_MIRROR:-}" ] && { printf '%s\n' "$FLOTTE_DEBIAN_MIRROR"; return; }
  local files=()
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] && files+=("$file")
  done
  [ ${#files[@]} -gt 0 ] || return 0
  awk '
    function try(uri) {
      if (uri ~ /^(https?|file|mirror\+[a-z]+|mirror|copy|ftp):/ && uri ~ /\/debian\/?$/) { print uri; exit }
    }
    /^[ \t]*#/ { next }
    /^URIs:/ { for (i = 2; i <= NF; i++) try($i) }
    /^deb(-src)?[ \t]/ { for (i = 2; i <= NF; i++) try($i) }
  ' "${files[@]}"
}

debian_require() {
  local id='' version=''
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release; printf '%s' "${ID:-}")
    version=$(. /etc/os-release; printf '%s' "${VERSION_ID:-}")   # testing and unstable have none
  fi
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    debian_die "needs apt-get, and this machine has none: Debian 12 or newer is required"
  if [ "$id" = debian ]; then
    [ -z "$version" ] || [ "${version%%.*}" -ge 12 ] || debian_die "needs Debian 12 or newer, and this is Debian $version"
  elif [ -z "${FLOTTE_DEBIAN_MIRROR:-}" ]; then
    debian_die "knows Debian's archive only, and this is ${id:-an unknown system}: set FLOTTE_DEBIAN_MIRROR to the URL of a Debian mirror"
  fi
}

debian_open() {
  local dir=$1 type=$2 mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  debian_require
  [ -r "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.pgp
  [ -r "$keyring" ] || debian_die "Debian's signing keys are missing: install the package debian-archive-keyring"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || debian_die "no Debian mirror in /etc/apt: set FLOTTE_DEBIAN_MIRROR to the URL of one"

  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/dpkg/updates"
  : > "$dir/dpkg/status"   # an empty machine: dependencies resolve to newer packages, locks stay in here
  printf '%s [signed-by=%s] %s sid main\n' "$type" "$keyring" "$mirror" > "$dir/sources.list"
  # Read after the machine's own settings, so that proxies are kept and hooks on its package lists are not run.
  cat > "$dir/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear Acquire::IndexTargets::deb;
#clear Acquire::IndexTargets::deb-src;
Acquire::IndexTargets::deb::Packages { MetaKey "\$(COMPONENT)/binary-\$(ARCHITECTURE)/Packages"; flatMetaKey "Packages"; ShortDescription "Packages"; Description "\$(RELEASE)/\$(COMPONENT) \$(ARCHITECTURE) Packages"; Optional "no"; };
Acquire::IndexTargets::deb-src::Sources { MetaKey "\$(COMPONENT)/source/Sources"; flatMetaKey "Sources"; ShortDescription "Sources"; Description "\$(RELEASE)/\$(COMPONENT) Sources"; Optional "no"; };
Dir::State::Lists "$dir/lists";
Dir::State::status "$dir/dpkg/status";
Dir::State::extended_states "$dir/extended_states";
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::Cache "$dir/cache";
Dir::Log "$dir";
APT::Architecture "$(dpkg --print-architecture)";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Update::Error-Mode "any";
CONF
  debian_apt_dir=$dir
  debian_say "reading the package lists of Debian unstable"
  debian_apt update || debian_die "could not read the package lists of $mirror (above is apt's own message)"
}

debian_apt() { apt-get -c "$debian_apt_dir/apt.conf" -qq "$@" </dev/null; }
