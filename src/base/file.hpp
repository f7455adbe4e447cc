// Small whole files: read with a limit, replaced so that a crash leaves either the old content or the new. Blocking.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte {

/// The content. Errors: not_found, too_large over `limit` bytes, io; each names the path.
Result<std::string> read_file(const std::string& path, std::size_t limit = 16 * 1024 * 1024);

/// Whether the bytes must survive a power cut, or only a crash of ours.
enum class Durability { crash, power_cut };
/// Writes a neighbour file with `mode` and renames it over `path`. Error: io (a full disk is `exhausted`), nothing left behind.
Result<void> replace_file(const std::string& path, std::string_view content, unsigned mode = 0644,
                          Durability durability = Durability::power_cut);

/// Makes the directory and its parents; an existing one keeps its mode. Error: io with what to do.
Result<void> make_directories(const std::string& path, unsigned mode = 0700);

/// "" for a value that is unset.
std::string environment(const char* name);

}  // namespace flotte
