// Messages as the items of an input. Internal to dialect.
#pragma once
#include <string>

#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::responses {

/// The elements of `input`, joined by commas.
std::string write_items(const llm::Request& request, Ledger& ledger);

/// A thought that this API's provider wrote and encrypted, and nobody else can read.
bool is_own(const llm::Reasoning& thought) noexcept;

}  // namespace flotte::dialect::responses
