// The APIs that model calls can have, and what the gateway must know of each to pass its calls through. One table.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/format.hpp"

namespace flotte::dialect {

enum class Api : std::uint8_t {
  chat,
  completions,
  embeddings,
  responses,
  messages,
  count_tokens,
  gemini,
  gemini_count,
  gemini_embed,
  gemini_batch_embed,
  ollama_chat,
  ollama_generate,
  ollama_embed,
  ollama_embeddings,
  mistral,
};

/// How the events of a streamed answer tell its usage, its errors and its end.
enum class StreamForm : std::uint8_t { chat, responses, messages, gemini, ollama };
/// Where the path stands: behind a provider's base path ("/v1", "/v1beta"), or at the root of an Ollama server.
enum class Base : std::uint8_t { provider, root };
/// What is asked for.
enum class Purpose : std::uint8_t { generate, embed, count };

struct ApiFacts {
  Api api;
  std::string_view name;   // in `apis` of the configuration
  std::string_view path;   // "{model}" and, where a stream has another path, both: whole, then streamed
  std::string_view title;  // in sentences
  Format format;           // what its clients send and read
  StreamForm form;
  Purpose purpose;
  bool streams;         // it can be asked for a stream
  bool stream_default;  // and gives one unless it is told not to
  bool usage_edit;      // usage is asked for by `stream_options`, else it comes by itself
  bool model_in_path;   // and whether it streams; the body says neither
  Base base;
  Api spoken;  // who speaks that one answers this one

  /// It makes an answer that somebody pays for.
  constexpr bool answers() const noexcept { return purpose != Purpose::count; }
};

inline constexpr std::string_view streamed_gemini = "/models/{model}:streamGenerateContent";

// clang-format off
inline constexpr std::array api_table{
    //       api                  name            path                              title                          format                  form                  purpose            strm.  dflt.  edit   path   base            spoken
    ApiFacts{Api::chat,           "chat",         "/chat/completions",              "OpenAI's chat completions",   Format::openai_chat,    StreamForm::chat,     Purpose::generate, true,  false, true,  false, Base::provider, Api::chat},
    ApiFacts{Api::completions,    "completions",  "/completions",                   "OpenAI's completions",        Format::completions,    StreamForm::chat,     Purpose::generate, true,  false, true,  false, Base::provider, Api::completions},
    ApiFacts{Api::embeddings,     "embeddings",   "/embeddings",                    "OpenAI's embeddings",         Format::openai_chat,    StreamForm::chat,     Purpose::embed,    false, false, false, false, Base::provider, Api::embeddings},
    ApiFacts{Api::responses,      "responses",    "/responses",                     "OpenAI's responses",          Format::responses,      StreamForm::responses,Purpose::generate, true,  false, false, false, Base::provider, Api::responses},
    ApiFacts{Api::messages,       "messages",     "/messages",                      "Anthropic's messages",        Format::anthropic,      StreamForm::messages, Purpose::generate, true,  false, false, false, Base::provider, Api::messages},
    ApiFacts{Api::count_tokens,   "count_tokens", "/messages/count_tokens",         "Anthropic's count_tokens",    Format::anthropic,      StreamForm::messages, Purpose::count,    false, false, false, false, Base::provider, Api::messages},
    ApiFacts{Api::gemini,         "gemini",       "/models/{model}:generateContent","Gemini's generateContent",    Format::gemini,         StreamForm::gemini,   Purpose::generate, true,  false, false, true,  Base::provider, Api::gemini},
    ApiFacts{Api::gemini_count,   "gemini_count", "/models/{model}:countTokens",    "Gemini's countTokens",        Format::gemini,         StreamForm::gemini,   Purpose::count,    false, false, false, true,  Base::provider, Api::gemini},
    ApiFacts{Api::gemini_embed,   "gemini_embed", "/models/{model}:embedContent",   "Gemini's embedContent",       Format::gemini,         StreamForm::gemini,   Purpose::embed,    false, false, false, true,  Base::provider, Api::gemini},
    ApiFacts{Api::gemini_batch_embed, "gemini_batch_embed", "/models/{model}:batchEmbedContents", "Gemini's batchEmbedContents", Format::gemini, StreamForm::gemini, Purpose::embed,  false, false, false, true,  Base::provider, Api::gemini},
    ApiFacts{Api::ollama_chat,    "ollama",       "/api/chat",                      "Ollama's chat",               Format::ollama,         StreamForm::ollama,   Purpose::generate, true,  true,  false, false, Base::root,     Api::ollama_chat},
    ApiFacts{Api::ollama_generate,"ollama_generate", "/api/generate",               "Ollama's generate",           Format::ollama_generate,StreamForm::ollama,   Purpose::generate, true,  true,  false, false, Base::root,     Api::ollama_chat},
    ApiFacts{Api::ollama_embed,   "ollama_embed", "/api/embed",                     "Ollama's embed",              Format::ollama,         StreamForm::ollama,   Purpose::embed,    false, false, false, false, Base::root,     Api::ollama_chat},
    ApiFacts{Api::ollama_embeddings, "ollama_embeddings", "/api/embeddings",        "Ollama's embeddings",         Format::ollama,         StreamForm::ollama,   Purpose::embed,    false, false, false, false, Base::root,     Api::ollama_chat},
    // Looks like OpenAI's, and refuses what it does not know: no fields of OpenAI's pass through to it, nor its own to others.
    ApiFacts{Api::mistral,        "mistral",      "/chat/completions",              "Mistral's chat completions",  Format::openai_chat,    StreamForm::chat,     Purpose::generate, true,  false, false, false, Base::provider, Api::mistral},
};
// clang-format on

constexpr const ApiFacts& facts_of(Api api) noexcept { return api_table[static_cast<std::size_t>(api)]; }

/// Which APIs a place speaks.
class ApiSet {
 public:
  constexpr ApiSet() = default;
  template <class... More>
  constexpr explicit ApiSet(Api first, More... more) : bits_(static_cast<std::uint16_t>((bit(first) | ... | bit(more)))) {}
  constexpr bool speaks(Api api) const noexcept { return (bits_ & bit(facts_of(api).spoken)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr void add(Api api) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | bit(api)); }
  constexpr void add(ApiSet other) noexcept { bits_ = static_cast<std::uint16_t>(bits_ | other.bits_); }
  friend constexpr bool operator==(ApiSet, ApiSet) = default;

 private:
  static constexpr std::uint16_t bit(Api api) noexcept { return static_cast<std::uint16_t>(1U << static_cast<unsigned>(api)); }
  std::uint16_t bits_ = 0;
};

/// The one of that name in a configuration; nothing for others (count_tokens comes with messages, and so on).
constexpr std::optional<Api> find_api(std::string_view name) noexcept {
  for (const ApiFacts& facts : api_table)
    if (facts.name == name && facts.spoken == facts.api) return facts.api;
  return std::nullopt;
}

/// As a configuration lists them, in the order of the table.
inline std::vector<std::string_view> list_of(ApiSet set) {
  std::vector<std::string_view> names;
  for (const ApiFacts& facts : api_table)
    if (facts.spoken == facts.api && set.speaks(facts.api)) names.push_back(facts.name);
  return names;
}
/// "chat, completions".
inline std::string names_of(ApiSet set) {
  std::string names;
  for (const std::string_view name : list_of(set)) names.append(names.empty() ? "" : ", ").append(name);
  return names;
}

/// What servers of OpenAI's API answer unless something else is said.
inline constexpr ApiSet openai_apis{Api::chat, Api::completions, Api::embeddings};
inline constexpr ApiSet ollama_apis{Api::chat, Api::completions, Api::embeddings, Api::ollama_chat};
inline constexpr ApiSet every_api{Api::chat, Api::completions, Api::embeddings, Api::responses, Api::messages};  // of llama-server
inline constexpr ApiSet all_apis{Api::chat,     Api::completions, Api::embeddings,  Api::responses,
                                 Api::messages, Api::gemini,      Api::ollama_chat, Api::mistral};

}  // namespace flotte::dialect
