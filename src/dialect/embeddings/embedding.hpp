// What is asked of a model that makes embeddings, and what it answers, in no API's words. Internal to dialect.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/usage.hpp"

namespace flotte::dialect::embeddings {

struct Input {
  std::string text;
  std::string tokens;       // instead: a JSON array of token numbers, as it was written
  std::string task, title;  // Gemini: what the embedding is for, and the title of a document
};

struct Request {
  std::string model;
  std::vector<Input> inputs;
  std::optional<std::int64_t> dimensions;
  bool base64 = false;
  std::string user;
};

/// One vector for each input, in their order.
struct Answer {
  std::string id;
  std::string model;
  std::vector<std::string> vectors;  // each a JSON array of numbers, as it was written
  llm::Usage usage;
};

/// One row for each API in codecs.cpp; functions that are null: it is no provider's side.
struct Codec {
  void (*parse_request)(const detail::Value& body, Request& request, Ledger& ledger) = nullptr;
  std::string (*write_answer)(const Answer& answer, bool base64) = nullptr;
  std::string (*write_request)(const Request& request, Ledger& ledger) = nullptr;
  /// False where it is no answer of that API.
  bool (*read_answer)(const detail::Value& body, Answer& answer) = nullptr;
};

extern const Codec openai, gemini, gemini_batch, ollama, ollama_old;

/// The array of numbers as base64 of little-endian floats; nothing where an element is no number.
std::optional<std::string> pack_vector(std::string_view numbers);
/// The other way.
std::optional<std::string> unpack_vector(std::string_view base64);
/// Whether it is an array of numbers.
bool is_vector(const detail::Value& value);

}  // namespace flotte::dialect::embeddings
