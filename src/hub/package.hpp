// The tarball that a joining machine fetches: this very program, so that a hub and its nodes are of one version.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::hub {

/// A whole file on this machine's disk.
struct Package {
  std::string path;
  std::int64_t bytes = 0;
  std::string sha256;  // 64 lower-case digits
};

/// Makes and keeps packages. Every call blocks (seconds, the first time) and is safe from any thread.
class Packages {
 public:
  /// `directory` is made at first need. `executable` is the program that is packed.
  explicit Packages(std::string directory, std::string executable = "/proc/self/exe");

  /// For a machine as `uname -s` and `uname -m` name it (any case; amd64 and arm64 are understood; empty: this machine). For this
  /// architecture the running program as `flotte-VERSION/bin/flotte`, packed once; for another one what a person put at
  /// `DIRECTORY/flotte-linux-ARCH.tar.gz`. Errors: not_found where there is none, with what to do; io.
  Result<Package> find(std::string os, std::string architecture);

 private:
  Result<Package> own();
  Result<Package> put_by_hand(const std::string& architecture);
  Result<std::string> pack(const std::string& hash);
  const std::string directory_, executable_;
  std::mutex mutex_;  // one packs, the others wait and find it done
  Package known_;     // of own(); empty path: not yet
};

/// The 512 bytes that stand before a file's bytes in a tar archive (POSIX ustar): owner 0, time 0, so that equal content gives equal bytes.
std::string tar_header(std::string_view name, std::uint64_t bytes, unsigned mode);

}  // namespace flotte::hub
