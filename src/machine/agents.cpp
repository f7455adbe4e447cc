// Coding agents that are installed, and whether somebody is logged in. Only the presence of files counts; none is read.
#include <fmt/format.h>

#include <array>

#include "base/process/spawn.hpp"
#include "machine/detail/parts.hpp"

namespace flotte::machine {
namespace {

struct Known {
  const char *program, *title;
  const char *variable, *directory;  // where its files are: what the variable says, else below the home directory
  const char* login;                 // the file that is there while somebody is logged in
  std::array<const char*, 2> keys;   // variables that stand for a login
};
constexpr std::array<Known, 4> known{{
    {"claude", "Claude Code", "CLAUDE_CONFIG_DIR", ".claude", ".credentials.json", {"CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY"}},
    {"codex", "Codex", "CODEX_HOME", ".codex", "auth.json", {"CODEX_API_KEY", nullptr}},
    {"gemini", "Gemini CLI", nullptr, ".gemini", "oauth_creds.json", {"GEMINI_API_KEY", "GOOGLE_API_KEY"}},
    {"opencode", "OpenCode", nullptr, ".local/share/opencode", "auth.json", {nullptr, nullptr}},
}};

/// A service has a short PATH; these are where installers of the agents put them.
constexpr std::array<const char*, 5> usual{".local/bin", ".claude/local", ".npm-global/bin", ".opencode/bin", ".bun/bin"};

bool is_logged_in(const Known& agent, const Surroundings& where) {
  for (const char* key : agent.keys)
    if (key && where.environment && !where.environment(key).empty()) return true;
  std::string directory = agent.variable && where.environment ? where.environment(agent.variable) : std::string();
  if (directory.empty()) directory = where.home + "/" + agent.directory;
  return detail::exists(directory + "/" + agent.login);
}

}  // namespace

namespace detail {

std::vector<wire::FoundAgent> find_agents(const Surroundings& where) {
  std::string path = where.path;
  for (const char* directory : usual) path += fmt::format("{}{}/{}", path.empty() ? "" : ":", where.home, directory);
  std::vector<wire::FoundAgent> out;
  for (const Known& agent : known) {
    auto at = find_program(agent.program, path);
    if (!at) continue;
    out.push_back({agent.program, agent.title, std::move(*at), {}, is_logged_in(agent, where)});
  }
  return out;
}

std::string parse_version(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t i = 0; i < text.size() && text[i] != '\n'; ++i) {
    if (!digit(text[i]) || (i > 0 && (digit(text[i - 1]) || text[i - 1] == '.'))) continue;
    std::size_t end = i;
    int dots = 0;
    while (end < text.size() && (digit(text[end]) || (text[end] == '.' && end + 1 < text.size() && digit(text[end + 1])))) {
      dots += text[end] == '.';
      ++end;
    }
    if (dots > 0) return std::string(text.substr(i, end - i));
  }
  return {};
}

}  // namespace detail

std::vector<wire::Seen> describe_agents(const std::vector<wire::FoundAgent>& agents) {
  std::vector<wire::Seen> out;
  for (const wire::FoundAgent& agent : agents) {
    const bool out_of_it = agent.logged_in == false;
    out.push_back({"agent", agent.program, agent.path,
                   fmt::format("{}{} is no worker yet: coding agents as workers come with a later version", agent.title,
                               out_of_it ? ", with nobody logged in," : ""),
                   fmt::format("`flotte launch {}` points it at this hub", agent.program)});
  }
  return out;
}

}  // namespace flotte::machine
