// A provider's error in the words of another format, by the table in detail/error_table.hpp. Pure.
#pragma once
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/format.hpp"

namespace flotte::dialect {

struct ProviderError {
  std::string kind;     // `type`, in the provider's words; may be empty
  std::string code;     // OpenAI's `code`; may be empty
  std::string message;  // never empty
  int status = 0;       // 0: inside a stream or a 200
};

/// `body`: the whole answer or the data of an event. Anything that is no JSON is quoted, at most 300 bytes of it.
ProviderError parse_error(int status, std::string_view body);
/// The status for a client of that format.
int status_of(Format client, const ProviderError& error) noexcept;
/// The JSON object for a client of that format.
std::string write_error(Format client, const ProviderError& error, std::string_view request_id);

}  // namespace flotte::dialect
