// The rows. Sources: OpenAI API reference, "Error codes"; Anthropic API reference, "Errors"; Google API design guide, "Errors" (the
// canonical codes and their HTTP statuses). Statuses that none of them has follow RFC 9110.
#include "dialect/detail/error_table.hpp"

#include <array>

namespace flotte::dialect::detail {
namespace {

/// The first row of a status or of a word counts, so the rows of a class come before the others that share its words.
constexpr std::array rows{
    ErrorRow{400, 400, "invalid_request_error", "invalid_request_error", "", "INVALID_ARGUMENT"},
    ErrorRow{500, 500, "api_error", "server_error", "internal_error", "INTERNAL"},
    ErrorRow{401, 401, "authentication_error", "invalid_request_error", "invalid_api_key", "UNAUTHENTICATED"},
    ErrorRow{402, 402, "billing_error", "insufficient_quota", "insufficient_quota", "FAILED_PRECONDITION"},
    ErrorRow{403, 403, "permission_error", "invalid_request_error", "not_allowed", "PERMISSION_DENIED"},
    ErrorRow{404, 404, "not_found_error", "invalid_request_error", "not_found", "NOT_FOUND"},
    ErrorRow{409, 409, "invalid_request_error", "invalid_request_error", "conflict", "ABORTED"},
    ErrorRow{413, 413, "request_too_large", "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"},
    ErrorRow{429, 429, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED"},
    ErrorRow{499, 499, "invalid_request_error", "server_error", "cancelled", "CANCELLED"},
    ErrorRow{501, 501, "api_error", "invalid_request_error", "unsupported", "UNIMPLEMENTED"},
    ErrorRow{502, 502, "api_error", "server_error", "bad_gateway", "INTERNAL"},
    ErrorRow{504, 504, "timeout_error", "server_error", "timeout", "DEADLINE_EXCEEDED"},
    ErrorRow{529, 503, "overloaded_error", "overloaded_error", "server_overloaded", "UNAVAILABLE"},
    ErrorRow{503, 503, "overloaded_error", "server_error", "unavailable", "UNAVAILABLE"},
    // Further words that providers of OpenAI's dialect have for it.
    ErrorRow{503, 503, "overloaded_error", "service_unavailable", "server_is_overloaded", "UNAVAILABLE"},
};
static_assert(rows[0].status == 400 && rows[1].status == 500);

}  // namespace

const ErrorRow& error_row(int status) noexcept {
  for (const ErrorRow& row : rows)
    if (row.status == status) return row;
  return status >= 400 && status < 500 ? rows[0] : rows[1];
}

const ErrorRow& error_row(std::string_view code, std::string_view kind) noexcept {
  if (!code.empty())
    for (const ErrorRow& row : rows)
      if (row.openai_code == code) return row;
  if (!kind.empty())
    for (const ErrorRow& row : rows)
      if (row.anthropic == kind || row.openai_type == kind || row.gemini == kind) return row;
  return rows[1];
}

}  // namespace flotte::dialect::detail
