// Requests to Ollama that say nothing to a model: load it, or let it go. Its clients send them before a conversation. Pure.
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

}  // namespace flotte::dialect::ollama
