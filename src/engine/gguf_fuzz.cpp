// Model files from anywhere.
#include "base/fuzz_target.hpp"
#include "engine/gguf.hpp"

namespace flotte::engine {
namespace {

void gguf(std::string_view bytes) {
  const auto facts = parse_gguf(bytes);
  if (!facts) return;
  fuzz::require(facts->name.size() <= bytes.size() && facts->architecture.size() <= bytes.size(), "nothing is made up");
  fuzz::require(facts->context_tokens >= 0 && facts->parameters >= 0, "numbers are not negative");
}

const fuzz::Register target("gguf", gguf);

}  // namespace
}  // namespace flotte::engine
