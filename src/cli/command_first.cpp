// Common options stand before or behind the command.
#include "cli/command_first.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace flotte::cli {

bool takes_common_value(const std::string& word) {
  constexpr std::array<std::string_view, 5> names{"--url", "--key", "--data", "--config", "--ca"};
  return std::find(names.begin(), names.end(), word) != names.end();
}

std::vector<std::string> command_first(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with('-')) at += takes_common_value(arguments[at]) ? 2 : 1;
  if (at >= arguments.size()) return arguments;
  const auto word = arguments.begin() + static_cast<std::ptrdiff_t>(at);
  if (*word == "help") {
    std::vector<std::string> out(word + 1, arguments.end());
    out.emplace_back("--help");
    return out;
  }
  const bool two = *word == "node" && word + 1 != arguments.end() && *(word + 1) == "run";
  const auto rest = word + (two ? 2 : 1);
  std::vector<std::string> out(word, rest);
  out.insert(out.end(), arguments.begin(), word);
  out.insert(out.end(), rest, arguments.end());
  return out;
}

}  // namespace flotte::cli
