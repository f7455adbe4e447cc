// `thinkingConfig`: by levels or by budgets, as the model takes it. Internal to dialect.
#pragma once
#include <string_view>

#include "dialect/detail/json_writer.hpp"
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::gemini {

/// Writes nothing where the client has no wish.
void write_thinking(detail::JsonWriter& w, const llm::ReasoningWish& wish, std::string_view model, Ledger& ledger);

}  // namespace flotte::dialect::gemini
