// Declarations of encodings.
#include "work/text/declared.hpp"

namespace flotte::work {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// The value behind `name` and '=' in a tag's inside; up to a quote, a semicolon or a space.
std::optional<std::string> value_of(std::string_view tag, std::string_view name) {
  constexpr std::string_view space = " \t\r\n";
  std::size_t at = tag.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  at = tag.find_first_not_of(space, at + name.size());
  if (at == std::string_view::npos || tag[at] != '=') return std::nullopt;
  at = tag.find_first_not_of(" \t\r\n\"'", at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  std::string value(tag.substr(at, tag.find_first_of(" \t\r\n\"';/>?", at) - at));
  if (value.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> declared_in_xml(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return std::nullopt;
  const std::string_view head = bytes.substr(0, 512);
  const std::size_t end = head.find("?>");
  if (end == std::string_view::npos) return std::nullopt;
  return value_of(head.substr(0, end), "encoding");
}

std::optional<std::string> declared_in_html(std::string_view bytes) {
  if (auto declared = declared_in_xml(bytes)) return declared;
  const std::string head = lower(bytes.substr(0, 4096));
  for (std::size_t at = head.find("<meta"); at != std::string::npos; at = head.find("<meta", at + 5)) {
    const std::size_t end = head.find('>', at);
    if (end == std::string::npos) break;
    if (auto charset = value_of(std::string_view(head).substr(at, end - at), "charset")) return charset;
  }
  return std::nullopt;
}

}  // namespace flotte::work
