// The table of formats, in the order of the enumeration.
#include "base/assert.hpp"
#include "dialect/detail/codec.hpp"

namespace flotte::dialect::detail {
namespace {
const Codec* const table[] = {&openai_chat::codec, &anthropic::codec,   &responses::codec,      &gemini::codec,
                              &ollama::codec,      &completions::codec, &ollama_generate::codec};
}  // namespace

const Codec& codec_of(Format format) noexcept {
  static const Codec none{.format = format};
  for (const Codec* codec : table)
    if (codec->format == format) return *codec;
  return none;
}

}  // namespace flotte::dialect::detail
