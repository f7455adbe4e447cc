// What Ollama's clients and servers say beside a conversation: load a model, let it go, still here. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialect/format.hpp"

namespace flotte::dialect::ollama {

enum class Load { load, unload };

/// What a request without messages or prompt asks for; nothing for every other request, and for what is no JSON object.
std::optional<Load> parse_load(Format client, std::string_view body);

struct Loaded {
  std::string_view model;
  std::int64_t at_s = 0;
};
/// The answer, one line without its end.
std::string write_loaded(Format client, Load load, const Loaded& loaded);

/// A piece of a stream without a word in it, with its line's end: for a client that waits. A comment would break it.
std::string write_pause(Format client, const Loaded& loaded);

}  // namespace flotte::dialect::ollama
