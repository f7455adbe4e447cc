// The PATH first: the machine's program gets the machine's security updates.
#include "base/process/companion.hpp"

#include <unistd.h>

#include <filesystem>

#include "base/process/spawn.hpp"

namespace flotte {

std::string own_executable() {
  std::error_code error;
  std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
  // The kernel's mark on a file that was replaced while it ran.
  constexpr std::string_view deleted = " (deleted)";
  if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
  return path;
}

std::string companion_program(std::string_view name, const std::string& executable) {
  if (find_program(name)) return std::string(name);
  const auto prefix = std::filesystem::path(executable).parent_path().parent_path();
  std::string beside = (prefix / "libexec" / name).string();
  if (!executable.empty() && ::access(beside.c_str(), X_OK) == 0) return beside;
  return std::string(name);
}

}  // namespace flotte
