// The wire formats between which requests and answers are translated.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace flotte::dialect {

/// A wire format, whoever speaks it. The last two have clients only: what they ask is translated, never what they answer.
enum class Format : std::uint8_t { openai_chat, anthropic, responses, gemini, ollama, completions, ollama_generate };

/// Those that a request can be translated to.
inline constexpr std::array provider_formats{Format::openai_chat, Format::anthropic, Format::responses, Format::gemini, Format::ollama};

/// As on screen: "OpenAI chat completions".
constexpr std::string_view name_of(Format format) noexcept {
  switch (format) {
    case Format::openai_chat: return "OpenAI chat completions";
    case Format::anthropic: return "Anthropic Messages";
    case Format::responses: return "OpenAI Responses";
    case Format::gemini: return "Gemini";
    case Format::ollama: return "Ollama";
    case Format::completions: return "OpenAI completions";
    case Format::ollama_generate: return "Ollama generate";
  }
  return "";
}

}  // namespace flotte::dialect
