// Places of a Claude login.
#include "cli/clients/claude_login.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "base/json.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t state_limit = 16 * 1024 * 1024;  // the program's own file grows with its projects

/// True where the program's state names an account.
bool names_account(const std::string& file) {
  const auto text = read_file(file, state_limit);
  if (!text) return false;
  const auto state = json::parse_object(*text);
  if (!state) return text->find("\"oauthAccount\"") != std::string::npos;
  return json::get_object(*state, "oauthAccount") != nullptr;
}

}  // namespace

std::optional<std::string> find_claude_login() {
  if (!environment("CLAUDE_CODE_OAUTH_TOKEN").empty()) return "CLAUDE_CODE_OAUTH_TOKEN in the environment";
  const std::string home = environment("HOME"), own = environment("CLAUDE_CONFIG_DIR");
  const std::string directory = own.empty() ? home + "/.claude" : own;
  std::error_code error;  // what cannot be looked at is not there for us
  if (std::filesystem::exists(directory + "/.credentials.json", error)) return directory + "/.credentials.json";
  const std::string state = own.empty() ? home + "/.claude.json" : own + "/.claude.json";
  if (names_account(state)) return "an account in " + state;
  return std::nullopt;
}

}  // namespace flotte::cli
