// The items of an input or an output. Internal to dialect.
#pragma once
#include <string>

#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::responses {

/// Appends the messages of an input, neighbouring items of the assistant in one, neighbouring results in one.
void read_input(const detail::Value& input, llm::Request& request, Ledger& ledger);

/// Appends the parts of an item that a model has written; false for any other type.
bool read_output_item(const detail::Value& item, const Place& place, std::vector<llm::Part>& parts, Ledger& ledger);

/// The encrypted content of a thought and its id as one token of the vocabulary.
std::string mark_encrypted(std::string_view id, std::string_view encrypted);
/// The arguments of a function with one text `input`.
std::string wrap_input(std::string_view input);
/// And back: what is no such object stays as it is.
std::string unwrap_input(std::string_view arguments);

}  // namespace flotte::dialect::responses
