// Parts of Gemini's contents, in requests and in answers. Internal to dialect.
#pragma once
#include <vector>

#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/part.hpp"

namespace flotte::dialect::gemini {

/// One part; several where a signature held the thinking before it.
std::vector<llm::Part> read_part(const detail::Value& part, const Place& place, Ledger& ledger);
/// `parts` of a content. Thoughts that come back sealed replace the visible ones.
std::vector<llm::Part> read_parts(const detail::Value& parts, const Place& place, Ledger& ledger);

}  // namespace flotte::dialect::gemini
