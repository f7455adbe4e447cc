// Content blocks of Anthropic Messages, in requests and in answers. Internal to dialect.
#pragma once
#include <vector>

#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/part.hpp"

namespace flotte::dialect::anthropic {

/// `content`: a string or an array of blocks.
std::vector<llm::Part> read_content(const detail::Value& content, const Place& place, Ledger& ledger);
/// `cache_control`; null for none.
std::optional<llm::CacheMark> read_cache_mark(const detail::Value& value, const Place& place, Ledger& ledger);

}  // namespace flotte::dialect::anthropic
