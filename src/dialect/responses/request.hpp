// OpenAI Responses requests: bytes to llm::Request and back. Source: OpenAI API reference, "Create a model response"; what Codex and the
// official libraries send. Nothing is kept here, so what refers to an earlier response is refused. Pure.
#pragma once
#include <string>
#include <string_view>

#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::responses {

/// What the target cannot say, and what the vocabulary has no word for, is in the ledger; look at `ledger.refused()` before using the
/// result. `echo` of the result is for ResponseText. Error: invalid_argument (not JSON, no object).
Result<llm::Request> parse_request(std::string_view body, Ledger& ledger);

/// The body for a provider, which is told to keep nothing. Whatever the API cannot express is noted or refused in the ledger.
std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger);

}  // namespace flotte::dialect::responses
