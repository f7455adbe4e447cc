// How each dialect says what went wrong here.
#include "dialect/error_shape.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "dialect/detail/error_table.hpp"
#include "dialect/error_status.hpp"
#include "dialect/responses/output.hpp"

namespace flotte::dialect {
namespace {

using detail::ErrorRow;

const ErrorRow& row_of(const Error& error) noexcept { return detail::error_row(status_of(error.code)); }

/// What the client's head says.
int status_for(const Error& error, const ErrorDetail& detail) noexcept {
  return detail.status != 0 ? detail.status : status_of(error.code);
}

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

ShapedError shape_openai(const Error& error, const ErrorDetail& detail) {
  const ErrorRow& row = row_of(error);
  json::object inner;
  inner["message"] = error.text();
  inner["type"] = detail.code == "insufficient_quota" ? detail.code : row.openai_type;  // OpenAI says it twice
  inner["param"] = text_or_null(detail.param);
  inner["code"] = text_or_null(detail.code.empty() ? row.openai_code : detail.code);
  json::object outer;
  outer["error"] = std::move(inner);
  return {status_for(error, detail), json::dump(json::value(std::move(outer)))};
}

std::string stream_openai(const Error& error, const ErrorDetail& detail) { return "data: " + shape_openai(error, detail).body + "\n\n"; }

/// The last events of a response that never became one.
std::string stream_responses(const Error& error, const ErrorDetail& detail) {
  const ErrorRow& row = row_of(error);
  const std::string_view own = error.code == Code::exhausted ? row.openai_code : row.status < 500 ? "invalid_prompt" : row.openai_type;
  const std::string_view code = detail.code.empty() ? own : detail.code;
  return responses::failed_stream(detail.request_id, code, error.text());
}

ShapedError shape_anthropic(const Error& error, const ErrorDetail& detail) {
  const int status = status_for(error, detail);
  json::object inner;
  inner["type"] = detail::error_row(status).anthropic;
  inner["message"] = error.text();
  json::object outer;
  outer["type"] = "error";
  outer["error"] = std::move(inner);
  outer["request_id"] = text_or_null(detail.request_id);
  return {status, json::dump(json::value(std::move(outer)))};
}

std::string stream_anthropic(const Error& error, const ErrorDetail& detail) {
  return "event: error\ndata: " + shape_anthropic(error, detail).body + "\n\n";
}

ShapedError shape_gemini(const Error& error, const ErrorDetail& detail) {
  const int status = status_for(error, detail);
  json::object inner;
  inner["code"] = status;
  inner["message"] = error.text();
  inner["status"] = detail::error_row(status).gemini;
  json::object outer;
  outer["error"] = std::move(inner);
  return {status, json::dump(json::value(std::move(outer)))};
}

std::string stream_gemini(const Error& error, const ErrorDetail& detail) { return "data: " + shape_gemini(error, detail).body + "\n\n"; }

/// Source: Ollama's document docs/api.md and its clients: one text.
ShapedError shape_ollama(const Error& error, const ErrorDetail& detail) {
  json::object outer;
  outer["error"] = error.text();
  return {status_for(error, detail), json::dump(json::value(std::move(outer)))};
}

std::string stream_ollama(const Error& error, const ErrorDetail& detail) { return shape_ollama(error, detail).body + "\n"; }

struct Shape {
  Format format;
  std::string_view path;  // and what is below it
  ShapedError (*whole)(const Error&, const ErrorDetail&);
  std::string (*in_stream)(const Error&, const ErrorDetail&);
};

/// The longer path first.
constexpr std::array shapes{
    Shape{Format::anthropic, "/v1/messages", shape_anthropic, stream_anthropic},
    Shape{Format::responses, "/v1/responses", shape_openai, stream_responses},
    Shape{Format::openai_chat, "/v1", shape_openai, stream_openai},
    Shape{Format::gemini, "/v1beta", shape_gemini, stream_gemini},
    Shape{Format::ollama, "/api", shape_ollama, stream_ollama},
};

/// "/v1/models/MODEL:generateContent": newer clients of Google's ask below /v1, where OpenAI's clients only read.
bool is_gemini_call(std::string_view path) noexcept {
  constexpr std::array methods{":generateContent", ":streamGenerateContent", ":countTokens", ":embedContent", ":batchEmbedContents"};
  return path.starts_with("/v1/models/") &&
         std::any_of(methods.begin(), methods.end(), [path](std::string_view method) { return path.ends_with(method); });
}

const Shape& shape_of(Format format) {
  for (const Shape& shape : shapes)
    if (shape.format == format) return shape;
  // The formats that only clients speak fail like their family.
  return format == Format::ollama_generate ? shape_of(Format::ollama) : shape_of(Format::openai_chat);
}

}  // namespace

std::optional<Format> format_of_path(std::string_view path) noexcept {
  if (is_gemini_call(path)) return Format::gemini;
  for (const Shape& shape : shapes)
    if (path.starts_with(shape.path) && (path.size() == shape.path.size() || path[shape.path.size()] == '/')) return shape.format;
  return std::nullopt;
}

ShapedError shape_error(Format format, const Error& error, const ErrorDetail& detail) { return shape_of(format).whole(error, detail); }

std::string shape_stream_error(Format format, const Error& error, const ErrorDetail& detail) {
  return shape_of(format).in_stream(error, detail);
}

}  // namespace flotte::dialect
