// Gemini's schemas (a part of OpenAPI's, with types in capitals) as JSON schemas. Internal to dialect.
#pragma once
#include <string>

#include "dialect/detail/fields.hpp"

namespace flotte::dialect::gemini {

/// Takes either: what is a JSON schema already keeps its bytes.
std::string read_schema(const detail::Value& schema);

/// Of an answer. Gemini adds no properties of its own: objects that list theirs are closed, as other APIs want it said.
struct AnswerSchema {
  std::string text;
  bool all_required = true;  // what OpenAI's strict mode demands
};
AnswerSchema read_answer_schema(const detail::Value& schema);

}  // namespace flotte::dialect::gemini
