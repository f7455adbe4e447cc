// The agents that flotte knows by name.
#include "hub/find/agents.hpp"

#include <array>
#include <utility>

#include "base/process/spawn.hpp"

namespace flotte::hub {

std::vector<FoundAgent> find_agents(const std::string& path) {
  static constexpr std::array<std::pair<const char*, const char*>, 4> known{
      {{"claude", "Claude Code"}, {"codex", "Codex"}, {"gemini", "Gemini CLI"}, {"opencode", "OpenCode"}}};
  std::vector<FoundAgent> found;
  for (const auto& [program, title] : known)
    if (auto at = find_program(program, path)) found.push_back({program, title, std::move(*at)});
  return found;
}

}  // namespace flotte::hub
