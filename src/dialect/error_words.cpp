// The table of errors. Sources: Anthropic API reference, "Errors"; OpenAI API reference, "Error codes".
#include "dialect/error_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dialect/detail/json_writer.hpp"

namespace flotte::dialect {
namespace {

struct Row {
  int status, openai_status;
  std::string_view anthropic, openai_type, openai_code, gemini;
};
/// The first row of a word counts.
constexpr std::array rows{
    Row{400, 400, "invalid_request_error", "invalid_request_error", "", "INVALID_ARGUMENT"},
    Row{401, 401, "authentication_error", "invalid_request_error", "invalid_api_key", "UNAUTHENTICATED"},
    Row{402, 402, "billing_error", "insufficient_quota", "insufficient_quota", "FAILED_PRECONDITION"},
    Row{403, 403, "permission_error", "permission_error", "not_allowed", "PERMISSION_DENIED"},
    Row{404, 404, "not_found_error", "not_found_error", "not_found", "NOT_FOUND"},
    Row{413, 413, "request_too_large", "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"},
    Row{429, 429, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED"},
    Row{504, 504, "timeout_error", "timeout", "timeout", "DEADLINE_EXCEEDED"},
    Row{529, 503, "overloaded_error", "overloaded_error", "server_overloaded", "UNAVAILABLE"},
    Row{503, 503, "overloaded_error", "service_unavailable", "server_is_overloaded", "UNAVAILABLE"},
    Row{500, 500, "api_error", "server_error", "internal_error", "INTERNAL"},
};
constexpr const Row& last_row = rows.back();

const Row& row_of(const ProviderError& error) {
  // The status says most; words count where there is none.
  for (const Row& row : rows)
    if (error.status != 0 && row.status == error.status) return row;
  if (error.status >= 400 && error.status < 500) return rows.front();
  if (error.status != 0) return last_row;
  for (const Row& row : rows)
    if (!error.code.empty() && row.openai_code == error.code) return row;
  for (const Row& row : rows)
    if (!error.kind.empty() && (row.anthropic == error.kind || row.openai_type == error.kind || row.gemini == error.kind)) return row;
  return last_row;
}

std::string shortened(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 300)) out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E ? ' ' : c;
  return text.size() > 300 ? out + "..." : out;
}

}  // namespace

ProviderError parse_error(int status, std::string_view body) {
  ProviderError error;
  error.status = status;
  auto value = detail::parse_value(body);
  // Gemini's error before a stream that would have been one array.
  if (value && value->is_array())
    for (detail::Elements e(*value); e.next() && value->is_array();) value = e;
  if (value && value->is_object()) {
    const detail::Value inner = detail::member(*value, "error");
    const detail::Value& from = inner.is_object() ? inner : *value;
    error.kind = detail::member(from, "type").text();
    if (error.kind.empty()) error.kind = detail::member(from, "status").text();  // Gemini
    const detail::Value code = detail::member(from, "code");
    error.code = code.is_string() ? code.text() : std::string();
    if (status == 0) error.status = static_cast<int>(std::clamp<std::int64_t>(code.whole().value_or(0), 0, 599));
    error.message = inner.is_string() ? inner.text() : detail::member(from, "message").text();
  } else if (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    error.message = fmt::format("the provider answered what is no JSON: {}", shortened(body));
  }
  if (error.status < 400) error.status = 0;
  if (error.message.empty()) error.message = fmt::format("the provider answered {} without a message", status);
  return error;
}

int status_of(Format client, const ProviderError& error) noexcept {
  const Row& row = row_of(error);
  if (error.status == row.status) return client == Format::anthropic ? row.status : row.openai_status;
  return error.status != 0 ? error.status : client == Format::anthropic ? row.status : row.openai_status;
}

std::string write_error(Format client, const ProviderError& error, std::string_view request_id) {
  const Row& row = row_of(error);
  std::string out;
  detail::JsonWriter w(out);
  w.open('{');
  if (client == Format::anthropic) {
    w.pair("type", "error").key("error").open('{').pair("type", row.anthropic).pair("message", error.message).close('}');
    w.key("request_id");
    request_id.empty() ? w.null() : w.text(request_id);
  } else if (client == Format::gemini) {
    w.key("error")
        .open('{')
        .key("code")
        .whole(status_of(client, error))
        .pair("message", error.message)
        .pair("status", row.gemini)
        .close('}');
  } else if (client == Format::ollama || client == Format::ollama_generate) {
    w.pair("error", error.message);
  } else {
    w.key("error").open('{').pair("message", error.message).pair("type", row.openai_type).key("param").null().key("code");
    const std::string_view code = error.code.empty() ? row.openai_code : std::string_view(error.code);
    code.empty() ? w.null() : w.text(code);
    w.close('}');
  }
  w.close('}');
  return out;
}

}  // namespace flotte::dialect
