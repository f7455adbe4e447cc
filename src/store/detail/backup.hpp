// A copy of a database before its tables are changed.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace flotte::store::detail {

/// "flotte.version-201.db" beside "flotte.db".
std::string backup_path(const std::string& path, std::int64_t version);

/// Copies the database at `path`, as its last commit left it, to its backup path, and brings the copy to the disk. One of that version that
/// is there already is replaced; where the copying fails nothing is left. Nobody may be writing. Errors: exhausted (no room), io.
Result<void> back_up(const std::string& path, std::int64_t version);

}  // namespace flotte::store::detail
