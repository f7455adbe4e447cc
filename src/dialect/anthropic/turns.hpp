// Messages as the API wants them: system apart, roles in turn, the results of tools first. Internal to dialect.
#pragma once
#include <string>
#include <vector>

#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::anthropic {

/// Blocks are JSON objects joined by commas.
struct Turn {
  bool assistant = false;
  std::string results, blocks;
  bool empty() const noexcept { return results.empty() && blocks.empty(); }
};
struct Conversation {
  std::string system;  // blocks
  std::vector<Turn> turns;
};

Conversation make_turns(const llm::Request& request, Ledger& ledger);

}  // namespace flotte::dialect::anthropic
