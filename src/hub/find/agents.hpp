// Coding agents that are installed on this machine. Named to people, and never shown as workers: this version cannot use them.
#pragma once
#include <string>
#include <vector>

namespace flotte::hub {

struct FoundAgent {
  std::string program, title, path;  // "claude", "Claude Code", "/usr/bin/claude"
};
/// Looks along `path` ("a:b"; empty: this process's PATH). Blocking, some hundred system calls.
std::vector<FoundAgent> find_agents(const std::string& path = {});
inline constexpr const char* why_agents_wait =
    "coding agents as workers come with a later version; `flotte launch` points them at this hub";

}  // namespace flotte::hub
