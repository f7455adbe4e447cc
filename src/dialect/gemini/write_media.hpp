// Pictures, documents, sound and video as Gemini's parts. Internal to dialect.
#pragma once
#include "dialect/detail/json_writer.hpp"
#include "dialect/ledger.hpp"
#include "llm/part.hpp"

namespace flotte::dialect::gemini {

/// Appends the part; what the API has no place for is noted or refused.
void write_media(detail::JsonWriter& w, const llm::Part& part, const Place& place, Ledger& ledger);

}  // namespace flotte::dialect::gemini
