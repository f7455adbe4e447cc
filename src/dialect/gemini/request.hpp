// Requests of Gemini's generateContent: bytes to llm::Request and back. Model and streaming are in the path, not in the body. Source:
// Gemini API reference, "Generating content". Pure.
#pragma once
#include <string>
#include <string_view>

#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::gemini {

/// Also the body of countTokens, with `contents` or with a `generateContentRequest`. What the target cannot say, and what the vocabulary
/// has no word for, is in the ledger; look at `ledger.refused()` before using the result. Error: invalid_argument (not JSON, no object).
Result<llm::Request> parse_request(std::string_view body, Ledger& ledger);

/// The body for a provider. Whatever the API cannot express is noted or refused in the ledger.
std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger);

}  // namespace flotte::dialect::gemini
