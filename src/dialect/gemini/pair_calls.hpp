// Ids for Gemini's calls and responses, which have them only sometimes. Internal to dialect.
#pragma once
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::gemini {

/// Gives each call without an id one that is the same whenever the conversation is sent again, and each response the id of its call: by the
/// id where both have one, else of the first call of that name that has no response yet. Refuses a response that no call is left for.
void pair_calls(llm::Request& request, Ledger& ledger);

}  // namespace flotte::dialect::gemini
