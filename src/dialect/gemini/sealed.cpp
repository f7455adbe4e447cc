// Base64 of the seals of detail/thought_mark.hpp, one on each line.
#include "dialect/gemini/sealed.hpp"

#include "base/encoding.hpp"
#include "dialect/detail/thought_mark.hpp"

namespace flotte::dialect::gemini {
namespace {
constexpr std::string_view seal_begins = "flotte.sealed:";
}

std::string seal_thoughts(const std::vector<llm::Reasoning>& thoughts) {
  std::string lines;
  for (const llm::Reasoning& thought : thoughts) lines.append(detail::seal_thought({thought, {}})).append("\n");
  return to_base64(lines);
}

std::vector<llm::Reasoning> unseal_thoughts(std::string_view signature) {
  // Most signatures are Gemini's own: the first letters tell, without decoding.
  static const std::string begun = to_base64(seal_begins.substr(0, 12));
  std::vector<llm::Reasoning> thoughts;
  if (!signature.starts_with(begun)) return thoughts;
  const auto lines = from_base64(signature);
  if (!lines) return thoughts;
  for (std::string_view rest = *lines; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (auto sealed = detail::unseal_thought(rest.substr(0, end))) thoughts.push_back(std::move(sealed->thought));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return thoughts;
}

std::string_view signature_in(const llm::Reasoning& thought) noexcept {
  const detail::ThoughtMark mark = detail::read_thought_mark(thought.encrypted);
  return mark.maker == maker ? mark.payload : std::string_view();
}

}  // namespace flotte::dialect::gemini
