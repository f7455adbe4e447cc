// What a GGUF model file says about itself. Only its head is read; a hostile file costs bounded time and memory.
// Source: the GGUF specification of ggml (docs/gguf.md), versions 2 and 3, little endian.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::engine {

struct GgufFacts {
  std::string name, description, architecture;
  std::int64_t context_tokens = 0;  // that the model was trained for; 0 = not said
  std::int64_t parameters = 0;      // summed over its tensors
  /// The model made of text, no intelligence: said wherever a person meets it.
  bool demonstration() const { return name.starts_with("flotte-demo"); }
};

/// From the first bytes of a file. Errors: corrupt, with what is wrong; too_large where the head does not end within `bytes`.
Result<GgufFacts> parse_gguf(std::string_view bytes);
/// Errors: those of parse_gguf with the path; not_found; io. Blocking, some milliseconds.
Result<GgufFacts> read_gguf(const std::string& path);
/// "/models/x.gguf" -> "x": the model's name as clients ask for it. Parts of a split file ("x-00001-of-00003") lose that ending.
std::string model_stem(std::string_view path);

}  // namespace flotte::engine
