// Arrays written again without some of their elements.
#include "dialect/foreign_thoughts.hpp"

#include "dialect/detail/fields.hpp"
#include "dialect/detail/thought_mark.hpp"

namespace flotte::dialect {
namespace {

using detail::Elements;
using detail::member;
using detail::Value;

bool is_foreign(const Value& element) {
  for (const std::string_view name : {"encrypted_content", "signature", "data"})
    if (const Value token = member(element, name); token.is_string() && !detail::read_thought_mark(token.text()).maker.empty()) return true;
  return false;
}

/// The array without the elements of which `kept` says nothing; `kept` gives the others as they shall stand.
template <class Kept>
std::string filtered(const Value& array, Kept kept) {
  std::string out = "[";
  for (Elements e(array); e.next();) {
    const std::optional<std::string> text = kept(e);
    if (!text) continue;
    if (out.size() > 1) out += ',';
    out += *text;
  }
  return out += ']';
}

std::string replaced(std::string_view text, std::string_view part, std::string_view by) {
  const auto at = static_cast<std::size_t>(part.data() - text.data());
  return std::string(text.substr(0, at)).append(by).append(text.substr(at + part.size()));
}

std::optional<std::string> own_element(const Value& element) {
  if (is_foreign(element)) return std::nullopt;
  return std::string(element.raw);
}

/// A message without the foreign elements of its list of that name; nothing where `needed` and the list held nothing else.
enum class List { needed, optional };
std::optional<std::string> own_message(const Value& message, std::string_view name, List list) {
  const Value parts = member(message, name);
  if (!parts.is_array() || parts.raw.find("\"flotte.") == std::string_view::npos) return std::string(message.raw);
  const std::string own = filtered(parts, own_element);
  if (own == "[]" && list == List::needed) return std::nullopt;
  return replaced(message.raw, parts.raw, own);
}

}  // namespace

std::optional<std::string> without_foreign_thoughts(Format format, std::string_view body) {
  const bool known = format == Format::openai_chat || format == Format::anthropic || format == Format::responses;
  if (!known || body.find("\"flotte.") == std::string_view::npos) return std::nullopt;
  const auto whole = detail::parse_value(body);
  if (!whole || !whole->is_object()) return std::nullopt;
  const Value items = member(*whole, format == Format::responses ? "input" : "messages");
  if (!items.is_array()) return std::nullopt;
  const std::string own = filtered(items, [format](const Value& item) -> std::optional<std::string> {
    if (format == Format::responses) return member(item, "type").text() == "reasoning" ? own_element(item) : std::string(item.raw);
    if (format == Format::anthropic) return own_message(item, "content", List::needed);
    return own_message(item, "reasoning_details", List::optional);
  });
  const auto joined = [](const Value& element) { return std::optional<std::string>(element.raw); };
  if (own == filtered(items, joined)) return std::nullopt;  // the words stood in a text
  return replaced(body, items.raw, own);
}

}  // namespace flotte::dialect
