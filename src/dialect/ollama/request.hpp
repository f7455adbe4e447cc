// Requests of Ollama's own API: bytes to llm::Request and back. Source: Ollama's document docs/api.md and the types of its Go client. Pure.
#pragma once
#include <string>
#include <string_view>

#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::ollama {

/// POST /api/chat and POST /api/generate. A stream is the default. What the target cannot say is in the ledger; look at `ledger.refused()`
/// before using the result. A request without messages or prompt is refused: it says nothing to a model (see load.hpp). Error:
/// invalid_argument (not JSON, no object).
Result<llm::Request> parse_chat(std::string_view body, Ledger& ledger);
Result<llm::Request> parse_generate(std::string_view body, Ledger& ledger);

/// The body of POST /api/chat for a server. Whatever the API cannot express is noted or refused in the ledger.
std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger);

}  // namespace flotte::dialect::ollama
