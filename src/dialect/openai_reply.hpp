// What the gateway must know of a whole OpenAI answer (or of one chunk of a stream): usage, and whether it is really an error. Pure.
#pragma once
#include <string>
#include <string_view>

#include "llm/usage.hpp"

namespace flotte::dialect {

struct OpenAiFacts {
  bool object = false;         // a valid JSON object
  bool error = false;          // it has an `error` that is not null, and no choices
  bool choices = false;        // `choices` has at least one element
  bool empty_choices = false;  // `choices` is there and has none
  bool has_usage = false;      // `usage` is an object
  llm::Usage usage;
};

/// Reads the top-level members only; text inside answers cannot mislead it.
OpenAiFacts read_openai_facts(std::string_view json);

/// The value of a `usage` object. Cached tokens are part of the input tokens here.
llm::Usage read_openai_usage(std::string_view object);

/// The first sentence of an `{"error": ...}` body for messages of our own: at most 300 bytes, without control characters; may be empty.
std::string openai_error_message(std::string_view json);

}  // namespace flotte::dialect
