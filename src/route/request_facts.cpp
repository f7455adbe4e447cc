// One walk over a body's strings: pictures, tools and how much text there is.
#include <array>
#include <cstring>

#include "route/rules.hpp"

namespace flotte::route {
namespace {

constexpr std::array<std::string_view, 6> picture_keys{"image_url", "inline_data", "inlineData", "file_data", "fileData", "images"};
constexpr std::array<std::string_view, 3> picture_types{"image", "input_image", "image_url"};
constexpr std::size_t data_bytes = 512;  // so long without a space: a picture or a file in base64, not words

template <std::size_t N>
bool among(std::string_view word, const std::array<std::string_view, N>& words) noexcept {
  for (const std::string_view known : words)
    if (word == known) return true;
  return false;
}

bool white(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skip_white(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && white(text[at])) ++at;
  return at;
}

/// The end of the string whose first character (behind the quote) is at `at`: the place of its closing quote.
std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
  const std::size_t begin = at;
  while (at < text.size()) {
    const void* quote = std::memchr(text.data() + at, '"', text.size() - at);
    if (!quote) return text.size();
    at = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
    std::size_t slashes = 0;
    while (at - slashes > begin && text[at - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return at;
    ++at;
  }
  return text.size();
}

bool is_data(std::string_view text) noexcept {
  return text.size() >= data_bytes && text.substr(0, data_bytes).find(' ') == std::string_view::npos;
}

}  // namespace

RequestFacts scan_facts(std::string_view body) noexcept {
  RequestFacts facts;
  std::size_t depth = 0, data = 0;
  bool of_type = false;   // the value that comes next is that of `type`
  bool in_tools = false;  // within their schemas a picture is the name of a parameter
  for (std::size_t at = 0; at < body.size(); ++at) {
    const char c = body[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (c == ',') of_type = false;
    if (c != '"') continue;
    const std::size_t end = end_of_string(body, at + 1);
    const std::string_view word = body.substr(at + 1, end - at - 1);
    at = end;
    const std::size_t behind = skip_white(body, end + 1);
    if (behind >= body.size() || body[behind] != ':') {
      if (of_type && !in_tools && among(word, picture_types)) facts.images = true;
      if (is_data(word)) data += word.size();
      of_type = false;
      continue;
    }
    const std::size_t value = skip_white(body, behind + 1);
    const char first = value < body.size() ? body[value] : '\0';
    const std::size_t inside = skip_white(body, value + 1);
    const bool filled = (first == '{' || first == '[') && inside < body.size() && body[inside] != '}' && body[inside] != ']';
    of_type = word == "type";
    if (depth == 1) in_tools = word == "tools" || word == "functions";
    if (depth == 1 && in_tools && filled) facts.tools = true;
    if (filled && !in_tools && among(word, picture_keys)) facts.images = true;
  }
  facts.tokens = static_cast<std::int64_t>((body.size() - data) / 4);
  return facts;
}

}  // namespace flotte::route
