// Signatures on their way. A signature of Gemini's reaches clients of APIs without a place for it as thinking that only its maker can read;
// thinking of other makers reaches Gemini's clients as a signature of the part that follows it, because these clients leave thoughts out of
// what they send back, but never signatures. Nothing is forged: only what a provider said travels. Internal to dialect.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dialect/format.hpp"
#include "llm/part.hpp"

namespace flotte::dialect::gemini {

inline constexpr std::string_view maker = "gemini";  // of detail/thought_mark.hpp

/// Clients of that format can send the signature of a text back with it.
constexpr bool signs_texts(Format client) noexcept { return client == Format::gemini || client == Format::openai_chat; }
/// And that of a call; those of other formats get it as thinking before the call.
constexpr bool signs_calls(Format client) noexcept { return signs_texts(client) || client == Format::ollama; }

/// As one `thoughtSignature` (base64).
std::string seal_thoughts(const std::vector<llm::Reasoning>& thoughts);
/// Empty for a signature that Gemini wrote.
std::vector<llm::Reasoning> unseal_thoughts(std::string_view signature);
/// The signature in thinking that only Gemini can read; empty for any other.
std::string_view signature_in(const llm::Reasoning& thought) noexcept;

}  // namespace flotte::dialect::gemini
