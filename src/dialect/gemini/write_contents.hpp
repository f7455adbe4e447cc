// Messages as Gemini's contents: the system apart, roles in turn, responses directly behind their calls. Internal to dialect.
#pragma once
#include <string>
#include <vector>

#include "dialect/detail/json_writer.hpp"
#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::gemini {

/// Parts are JSON objects joined by commas.
struct Turn {
  bool model = false;
  std::string responses, parts;
  bool empty() const noexcept { return responses.empty() && parts.empty(); }
};
struct Contents {
  std::string system;  // parts
  std::vector<Turn> turns;
};

/// `model`: the provider's name for it; some models check the signatures of calls.
Contents make_contents(const llm::Request& request, std::string_view model, Ledger& ledger);

}  // namespace flotte::dialect::gemini
