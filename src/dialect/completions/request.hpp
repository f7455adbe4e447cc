// Requests of OpenAI's legacy completions, as a conversation with one turn. Source: OpenAI API reference, "Create completion". Pure.
#pragma once
#include <string_view>

#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::completions {

/// The prompt becomes a message of the user, so a model answers it instead of going on with it. What the target cannot say is in the
/// ledger; look at `ledger.refused()` before using the result. Error: invalid_argument (not JSON, no object).
Result<llm::Request> parse_request(std::string_view body, Ledger& ledger);

}  // namespace flotte::dialect::completions
