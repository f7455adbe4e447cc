// The table: how each dialect says what went wrong.
#include "dialect/error_shape.hpp"

#include <array>

#include "base/json.hpp"

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
  inner["type"] = words.type;
  inner["param"] = text_or_null(detail.param);
  inner["code"] = text_or_null(detail.code.empty() ? words.code : detail.code);
  json::object outer;
  outer["error"] = std::move(inner);
  return {detail.status != 0 ? detail.status : words.status, json::dump(json::value(std::move(outer)))};
}

std::string stream_openai(const Error& error, const ErrorDetail& detail) { return "data: " + shape_openai(error, detail).body + "\n\n"; }

/// The last event of a response that never became one.
std::string stream_responses(const Error& error, const ErrorDetail& detail) {
  json::object inner;
  inner["code"] = detail.code.empty() ? openai_words(error.code).type : detail.code;
  inner["message"] = error.text();
  json::object response;
  response["id"] = detail.request_id.empty() ? std::string("resp_none") : "resp_" + std::string(detail.request_id);
  response["object"] = "response";
  response["created_at"] = 0;
  response["status"] = "failed";
  response["error"] = std::move(inner);
  response["output"] = json::array();
  json::object event;
  event["type"] = "response.failed";
  event["sequence_number"] = 0;
  event["response"] = std::move(response);
  return "event: response.failed\ndata: " + json::dump(json::value(std::move(event))) + "\n\n";
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

struct Shape {
  Dialect dialect;
  std::string_view path;  // and what is below it
  ShapedError (*whole)(const Error&, const ErrorDetail&);
  std::string (*in_stream)(const Error&, const ErrorDetail&);
};

/// The longer path first.
constexpr std::array shapes{
    Shape{Dialect::anthropic, "/v1/messages", shape_anthropic, stream_anthropic},
    Shape{Dialect::responses, "/v1/responses", shape_openai, stream_responses},
    Shape{Dialect::openai, "/v1", shape_openai, stream_openai},
};

const Shape& shape_of(Dialect dialect) {
  for (const Shape& shape : shapes)
    if (shape.dialect == dialect) return shape;
  return shapes.back();
}

}  // namespace

std::optional<Dialect> dialect_of_path(std::string_view path) noexcept {
  for (const Shape& shape : shapes)
    if (path.starts_with(shape.path) && (path.size() == shape.path.size() || path[shape.path.size()] == '/')) return shape.dialect;
  return std::nullopt;
}

ShapedError shape_error(Dialect dialect, const Error& error, const ErrorDetail& detail) { return shape_of(dialect).whole(error, detail); }

std::string shape_stream_error(Dialect dialect, const Error& error, const ErrorDetail& detail) {
  return shape_of(dialect).in_stream(error, detail);
}

}  // namespace flotte::dialect
