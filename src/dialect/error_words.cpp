// A provider's error, read and written by the table of errors.
#include "dialect/error_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dialect/detail/error_table.hpp"
#include "dialect/detail/json_writer.hpp"

namespace flotte::dialect {
namespace {

using detail::ErrorRow;

/// The status says most; words count where there is none.
const ErrorRow& row_of(const ProviderError& error) noexcept {
  return error.status != 0 ? detail::error_row(error.status) : detail::error_row(error.code, error.kind);
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
  const ErrorRow& row = row_of(error);
  if (error.status == row.status) return client == Format::anthropic ? row.status : row.openai_status;
  return error.status != 0 ? error.status : client == Format::anthropic ? row.status : row.openai_status;
}

std::string write_error(Format client, const ProviderError& error, std::string_view request_id) {
  const ErrorRow& row = row_of(error);
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
