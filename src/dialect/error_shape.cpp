// The table: how each dialect says what went wrong.
#include "dialect/error_shape.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "dialect/responses/output.hpp"

namespace flotte::dialect {
namespace {

struct Words {
  int status;
  std::string_view type, code;
};

/// Source: OpenAI API reference, "Error codes". Statuses without a row there follow RFC 9110.
Words openai_words(Code code) {
  switch (code) {
    case Code::invalid_argument: return {400, "invalid_request_error", ""};
    case Code::unauthenticated: return {401, "invalid_request_error", "invalid_api_key"};
    case Code::forbidden: return {403, "invalid_request_error", "not_allowed"};
    case Code::not_found: return {404, "invalid_request_error", "not_found"};
    case Code::conflict: return {409, "invalid_request_error", "conflict"};
    case Code::too_large: return {413, "invalid_request_error", "request_too_large"};
    case Code::unprocessable: return {422, "invalid_request_error", ""};
    case Code::exhausted: return {429, "rate_limit_error", "rate_limit_exceeded"};
    case Code::unavailable: return {503, "server_error", "unavailable"};
    case Code::deadline: return {504, "server_error", "timeout"};
    case Code::closed:
    case Code::corrupt: return {502, "server_error", "bad_gateway"};
    case Code::cancelled: return {499, "server_error", "cancelled"};
    case Code::unsupported: return {501, "invalid_request_error", "unsupported"};
    case Code::io:
    case Code::internal: break;
  }
  return {500, "server_error", "internal_error"};
}

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

ShapedError shape_openai(const Error& error, const ErrorDetail& detail) {
  const Words words = openai_words(error.code);
  json::object inner;
  inner["message"] = error.text();
  inner["type"] = detail.code == "insufficient_quota" ? detail.code : words.type;  // OpenAI says it twice
  inner["param"] = text_or_null(detail.param);
  inner["code"] = text_or_null(detail.code.empty() ? words.code : detail.code);
  json::object outer;
  outer["error"] = std::move(inner);
  return {detail.status != 0 ? detail.status : words.status, json::dump(json::value(std::move(outer)))};
}

std::string stream_openai(const Error& error, const ErrorDetail& detail) { return "data: " + shape_openai(error, detail).body + "\n\n"; }

/// The last events of a response that never became one.
std::string stream_responses(const Error& error, const ErrorDetail& detail) {
  const Words words = openai_words(error.code);
  const std::string_view own = error.code == Code::exhausted ? words.code : words.status < 500 ? "invalid_prompt" : words.type;
  const std::string_view code = detail.code.empty() ? own : detail.code;
  return responses::failed_stream(detail.request_id, code, error.text());
}

/// Source: Anthropic API reference, "Errors".
std::string_view anthropic_type(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 402: return "billing_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    case 503:
    case 529: return "overloaded_error";
    case 504: return "timeout_error";
    default: break;
  }
  return status < 500 ? "invalid_request_error" : "api_error";
}

ShapedError shape_anthropic(const Error& error, const ErrorDetail& detail) {
  const int status = detail.status != 0 ? detail.status : openai_words(error.code).status;
  json::object inner;
  inner["type"] = anthropic_type(status);
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

/// Source: Google API design guide, "Errors": the canonical codes and their HTTP statuses.
std::string_view gemini_status(int status) {
  switch (status) {
    case 401: return "UNAUTHENTICATED";
    case 402: return "FAILED_PRECONDITION";
    case 403: return "PERMISSION_DENIED";
    case 404: return "NOT_FOUND";
    case 409: return "ABORTED";
    case 429: return "RESOURCE_EXHAUSTED";
    case 499: return "CANCELLED";
    case 501: return "UNIMPLEMENTED";
    case 503: return "UNAVAILABLE";
    case 504: return "DEADLINE_EXCEEDED";
    default: break;
  }
  return status < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
}

ShapedError shape_gemini(const Error& error, const ErrorDetail& detail) {
  const int status = detail.status != 0 ? detail.status : openai_words(error.code).status;
  json::object inner;
  inner["code"] = status;
  inner["message"] = error.text();
  inner["status"] = gemini_status(status);
  json::object outer;
  outer["error"] = std::move(inner);
  return {status, json::dump(json::value(std::move(outer)))};
}

std::string stream_gemini(const Error& error, const ErrorDetail& detail) { return "data: " + shape_gemini(error, detail).body + "\n\n"; }

/// Source: Ollama's document docs/api.md and its clients: one text.
ShapedError shape_ollama(const Error& error, const ErrorDetail& detail) {
  json::object outer;
  outer["error"] = error.text();
  return {detail.status != 0 ? detail.status : openai_words(error.code).status, json::dump(json::value(std::move(outer)))};
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
