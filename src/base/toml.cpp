// Strings and comments told apart from the rest.
#include "base/toml.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte {
namespace {

/// Behind the string that begins at `at`; a string without its end is the parser's business.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool many_lines = text.substr(at).starts_with(three);
  for (at += many_lines ? 3 : 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (many_lines && text.substr(at).starts_with(three)) {
      return at + 3;
    } else if (!many_lines && (text[at] == quote || text[at] == '\n')) {
      return at + 1;
    }
  }
  return text.size();
}

Failure refused(std::string_view text, std::size_t at, std::string_view file_name, std::string_view what, std::string hint) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  return fail(Code::invalid_argument, fmt::format("{}:{}: {}", file_name, line, what), std::move(hint));
}

}  // namespace

Result<void> check_toml_characters(std::string_view text, std::string_view file_name) {
  const std::size_t first = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  std::size_t at = first;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      // Only there a string can begin; elsewhere the parser would go on reading what stands in the quotes.
      if (at != first && std::string_view(" \t\r\n=[{,.").find(text[at - 1]) == std::string_view::npos)
        return refused(text, at, file_name, "a quote in the middle of a word", "a text stands in quotes as a whole");
      at = end_of_string(text, at);
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return refused(text, at, file_name, "a letter with an accent, a typographic quote or a special space outside quotes",
                     "names and values with such characters stand in \"quotes\"");
    } else {
      ++at;
    }
  }
  return {};
}

}  // namespace flotte
