// The files of a ZIP archive in memory, by libarchive. Nothing is ever written to disk, so a path in it is only a name.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

struct ArchiveLimits {
  std::size_t entries = 20'000;
  std::size_t file_bytes = 64 * 1024 * 1024;    // of one file, unpacked
  std::size_t total_bytes = 128 * 1024 * 1024;  // of all files that are read, unpacked
};

/// Name to content of the files that `wanted` wants. Errors: corrupt (with what libarchive says), too_large, `unsupported` where a wanted
/// one is encrypted.
using ArchiveFiles = std::map<std::string, std::string, std::less<>>;
Result<ArchiveFiles> read_archive(std::string_view bytes, const std::function<bool(std::string_view name)>& wanted,
                                  const ArchiveLimits& limits = {});

}  // namespace flotte::work
