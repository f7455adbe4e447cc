// The APIs that model calls can have, and what the gateway must know of each to pass its calls through. One table.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/error_shape.hpp"

namespace flotte::dialect {

enum class Api : std::uint8_t { chat, completions, embeddings, responses, messages, count_tokens };

/// How the events of a streamed answer tell its usage, its errors and its end.
enum class StreamForm : std::uint8_t { chat, responses, messages };

struct ApiFacts {
  Api api;
  std::string_view name;   // in `apis` of the configuration
  std::string_view path;   // behind a base path that ends in "/v1"
  std::string_view title;  // in sentences
  Dialect dialect;         // whose errors its clients read
  StreamForm form;
  bool streams;     // `stream` in the request means something
  bool usage_edit;  // usage is asked for by `stream_options`, else it comes by itself
  bool answers;     // it makes an answer that somebody pays for
  Api spoken;       // who speaks that one answers this one
};

inline constexpr std::array api_table{
    ApiFacts{Api::chat, "chat", "/chat/completions", "OpenAI's chat completions", Dialect::openai, StreamForm::chat, true, true, true,
             Api::chat},
    ApiFacts{Api::completions, "completions", "/completions", "OpenAI's completions", Dialect::openai, StreamForm::chat, true, true, true,
             Api::completions},
    ApiFacts{Api::embeddings, "embeddings", "/embeddings", "OpenAI's embeddings", Dialect::openai, StreamForm::chat, false, false, true,
             Api::embeddings},
    ApiFacts{Api::responses, "responses", "/responses", "OpenAI's responses", Dialect::responses, StreamForm::responses, true, false, true,
             Api::responses},
    ApiFacts{Api::messages, "messages", "/messages", "Anthropic's messages", Dialect::anthropic, StreamForm::messages, true, false, true,
             Api::messages},
    ApiFacts{Api::count_tokens, "count_tokens", "/messages/count_tokens", "Anthropic's count_tokens", Dialect::anthropic,
             StreamForm::messages, false, false, false, Api::messages},
};

constexpr const ApiFacts& facts_of(Api api) noexcept { return api_table[static_cast<std::size_t>(api)]; }

/// Which APIs a place speaks.
class ApiSet {
 public:
  constexpr ApiSet() = default;
  template <class... More>
  constexpr explicit ApiSet(Api first, More... more) : bits_(static_cast<std::uint8_t>((bit(first) | ... | bit(more)))) {}
  constexpr bool speaks(Api api) const noexcept { return (bits_ & bit(facts_of(api).spoken)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr void add(Api api) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | bit(api)); }
  constexpr void add(ApiSet other) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | other.bits_); }
  friend constexpr bool operator==(ApiSet, ApiSet) = default;

 private:
  static constexpr std::uint8_t bit(Api api) noexcept { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(api)); }
  std::uint8_t bits_ = 0;
};

/// The one of that name in a configuration; nothing for others (count_tokens comes with messages).
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
inline constexpr ApiSet every_api{Api::chat, Api::completions, Api::embeddings, Api::responses, Api::messages};

}  // namespace flotte::dialect
