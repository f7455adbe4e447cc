// Content blocks of Anthropic Messages as JSON. Internal to dialect.
#pragma once
#include <string>

#include "dialect/detail/json_writer.hpp"
#include "dialect/ledger.hpp"
#include "llm/part.hpp"

namespace flotte::dialect::anthropic {

/// Appends the block; false where nothing was written because the API has no place for it (noted).
bool write_part(detail::JsonWriter& w, const llm::Part& part, const Place& place, Ledger& ledger);
void write_text(detail::JsonWriter& w, std::string_view text, const std::optional<llm::CacheMark>& cache);
/// The id of a call with the characters that the API allows.
std::string plain_id(std::string_view id);

}  // namespace flotte::dialect::anthropic
