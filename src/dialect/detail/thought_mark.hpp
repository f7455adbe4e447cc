// Thinking that only its maker can check, on its way through clients of other APIs and back. In the vocabulary the signatures and encrypted
// texts of Anthropic are bare; those of every other maker are marked, so that no writer takes them for its own provider's. Internal to
// dialect.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "llm/part.hpp"

namespace flotte::dialect::detail {

inline constexpr std::string_view openai_maker = "openai";

/// `maker` is empty where nothing is marked; then `payload` is the whole text.
struct ThoughtMark {
  std::string_view maker, payload;
};
/// "flotte.MAKER:PAYLOAD".
std::string mark_thought(std::string_view maker, std::string_view payload);
/// Views into `token`.
ThoughtMark read_thought_mark(std::string_view token) noexcept;
/// Its signature or its encrypted text is marked.
bool is_marked(const llm::Reasoning& thought) noexcept;

/// One of Anthropic's (bare) or of another maker (marked), with text, signature and encrypted text, as one opaque text for formats that
/// keep only one. `call_id`: it is the signature of that tool call and no thought.
struct SealedThought {
  llm::Reasoning thought;
  std::string call_id;
};
std::string seal_thought(const SealedThought& sealed);
/// Nothing where `seal_thought` did not write it.
std::optional<SealedThought> unseal_thought(std::string_view token);

}  // namespace flotte::dialect::detail
