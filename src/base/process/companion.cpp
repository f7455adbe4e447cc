// The PATH first: the machine's program gets the machine's security updates.
#include "base/process/companion.hpp"

#include <unistd.h>

#include <filesystem>

#include "base/process/spawn.hpp"

namespace flotte {

std::string companion_program(std::string_view name, const std::string& executable) {
  if (find_program(name)) return std::string(name);
  const auto prefix = std::filesystem::path(executable).parent_path().parent_path();
  std::string beside = (prefix / "libexec" / name).string();
  if (!executable.empty() && ::access(beside.c_str(), X_OK) == 0) return beside;
  return std::string(name);
}

}  // namespace flotte
