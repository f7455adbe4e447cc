// Models as Ollama's clients want to see them listed. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "route/table.hpp"

namespace flotte::route {

/// The level of Ollama's API that is spoken: clients refuse to talk to what is older than they need.
inline constexpr std::string_view ollama_api_level = "0.12.6";

/// Ollama's clients take a name without a tag and the same with ":latest" for one: the other one of the two; empty where it has another
/// tag.
std::string other_spelling(std::string_view name);

/// What the fleet knows of a name, and what its target's name tells: the rest stays empty.
struct OllamaModel {
  std::string name;
  std::string family;              // "qwen"
  std::string parameter_size;      // "7B"
  std::string quantization_level;  // "Q4_K_M"
  std::int64_t context_tokens = 0;
  bool local = false;   // every target is an engine of the fleet
  bool embeds = false;  // it makes embeddings and no answers
  bool sees = false;    // pictures
};
OllamaModel describe_ollama(std::string_view name, const Route& route);

/// An element of /api/tags.
json::object ollama_tag(const OllamaModel& model, WallTime now);
/// An element of /api/ps: a model of the fleet's own engines is loaded, and stays so.
json::object ollama_running(const OllamaModel& model, WallTime now);
/// The answer of /api/show.
json::object ollama_show(const OllamaModel& model, WallTime now);

}  // namespace flotte::route
