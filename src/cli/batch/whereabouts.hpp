// Which directory belongs to which batch, kept in the data directory, so that `attach` finds it from anywhere. Best effort: where it
// cannot be kept, nothing fails. Blocking.
#pragma once
#include <optional>
#include <string>

namespace flotte::cli {

void remember_directory(const std::string& data, const std::string& url, const std::string& batch, const std::string& directory);
/// Nothing where it was never there, or holds another batch by now.
std::optional<std::string> recall_directory(const std::string& data, const std::string& url, const std::string& batch);

}  // namespace flotte::cli
