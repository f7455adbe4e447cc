// Where a picture or a file is: a data: URL taken apart, any other address as it is. Internal to dialect.
#pragma once
#include <string>

#include "dialect/ledger.hpp"
#include "llm/part.hpp"

namespace flotte::dialect::detail {

/// "data:image/png;base64,AAAA" becomes its type and its bytes. A data: URL of another form is an error at `place`.
llm::Media read_address(std::string url, const Place& place, Ledger& ledger);
/// What stands in a request: the address, or a data: URL again.
std::string address_of(const llm::Media& media);

}  // namespace flotte::dialect::detail
