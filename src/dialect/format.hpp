// The wire formats between which requests and answers are translated.
#pragma once
#include <cstdint>
#include <string_view>

namespace flotte::dialect {

/// A wire format, whoever speaks it.
enum class Format : std::uint8_t { openai_chat, anthropic };

/// As on screen: "OpenAI chat completions".
constexpr std::string_view name_of(Format format) noexcept {
  return format == Format::openai_chat ? "OpenAI chat completions" : "Anthropic Messages";
}

}  // namespace flotte::dialect
