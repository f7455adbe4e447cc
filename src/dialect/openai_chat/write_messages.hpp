// Messages of OpenAI chat completions as JSON. Internal to dialect.
#pragma once
#include <string>

#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::openai_chat {

/// The elements of `messages`, joined by commas.
std::string write_messages(const llm::Request& request, const Target& target, Ledger& ledger);

}  // namespace flotte::dialect::openai_chat
