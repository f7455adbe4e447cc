// Ids for tool calls and results that came without: some clients and servers pair them by their order. Internal to dialect.
#pragma once
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::openai_chat {

/// Gives each call without an id one that is the same whenever the conversation is sent again, and each result without one the id of the
/// first call of its turn that has none yet. Refuses a result that no call is left for.
void pair_calls(llm::Request& request, Ledger& ledger);

}  // namespace flotte::dialect::openai_chat
