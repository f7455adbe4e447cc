// Marks and seals.
#include "dialect/detail/thought_mark.hpp"

#include "base/encoding.hpp"
#include "dialect/detail/fields.hpp"
#include "dialect/detail/json_writer.hpp"

namespace flotte::dialect::detail {
namespace {
constexpr std::string_view prefix = "flotte.", seal_maker = "sealed";
}  // namespace

std::string mark_thought(std::string_view maker, std::string_view payload) {
  std::string out(prefix);
  return out.append(maker).append(":").append(payload);
}

ThoughtMark read_thought_mark(std::string_view token) noexcept {
  const std::size_t colon = token.find(':');
  if (!token.starts_with(prefix) || colon == std::string_view::npos) return {{}, token};
  return {token.substr(prefix.size(), colon - prefix.size()), token.substr(colon + 1)};
}

bool is_marked(const llm::Reasoning& thought) noexcept {
  return !read_thought_mark(thought.signature).maker.empty() || !read_thought_mark(thought.encrypted).maker.empty();
}

std::string seal_thought(const SealedThought& sealed) {
  std::string json;
  JsonWriter w(json);
  w.open('{');
  const auto pair = [&w](std::string_view name, const std::string& text) {
    if (!text.empty()) w.pair(name, text);
  };
  pair("text", sealed.thought.text);
  pair("signature", sealed.thought.signature);
  pair("encrypted", sealed.thought.encrypted);
  pair("call", sealed.call_id);
  w.close('}');
  return mark_thought(seal_maker, to_base64(json));
}

std::optional<SealedThought> unseal_thought(std::string_view token) {
  const ThoughtMark mark = read_thought_mark(token);
  if (mark.maker != seal_maker) return std::nullopt;
  const auto json = from_base64(mark.payload);
  if (!json) return std::nullopt;
  const auto value = parse_value(*json);
  if (!value || !value->is_object()) return std::nullopt;
  SealedThought out;
  out.thought.text = member(*value, "text").text();
  out.thought.signature = member(*value, "signature").text();
  out.thought.encrypted = member(*value, "encrypted").text();
  out.call_id = member(*value, "call").text();
  return out;
}

}  // namespace flotte::dialect::detail
