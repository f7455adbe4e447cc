// Configuration files, JSON, encodings.
#include "base/config.hpp"
#include "base/encoding.hpp"
#include "base/fuzz_target.hpp"
#include "base/json.hpp"

namespace flotte {
namespace {

using fuzz::require;

void configuration(std::string_view bytes) {
  const auto document = config::parse(bytes, "flotte.toml");
  if (!document) {
    require(!document.error().message.empty(), "a refusal says why");
    return;
  }
  for (const char* list : {"provider", "model", "engine", "worker"})
    require(document->list(list).size() <= bytes.size(), "lists are there");
}

void json_text(std::string_view bytes) {
  const auto value = json::parse(bytes);
  if (!value) return;
  const std::string text = json::dump(*value);
  const auto again = json::parse(text);
  require(again.has_value(), "what was read can be written and read again");
  // Boost.JSON 1.81 reads a fraction with the last bit wrong now and then.
  const bool fractions = text.find_first_of(".E") != std::string::npos;
  require(fractions || json::dump(*again) == text, "and says the same");
}

void encodings(std::string_view bytes) {
  require(from_hex(to_hex(bytes)) == std::string(bytes), "hexadecimal there and back");
  require(from_base64(to_base64(bytes)) == std::string(bytes), "base64 there and back");
  require(from_base64url(to_base64url(bytes)) == std::string(bytes), "base64url there and back");
  if (const auto decoded = from_base64url(bytes))
    require(to_base64url(*decoded) == bytes || bytes.ends_with('='), "only one way to write it");
}

const fuzz::Register targets[] = {{"configuration", configuration}, {"json", json_text}, {"encodings", encodings}};

}  // namespace
}  // namespace flotte
