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

std::string stream_openai(const std::string& body) { return "data: " + body + "\n\n"; }

struct Shape {
  Dialect dialect;
  std::string_view prefix;  // of its paths
  ShapedError (*whole)(const Error&, const ErrorDetail&);
  std::string (*in_stream)(const std::string& body);
};

constexpr std::array shapes{
    Shape{Dialect::openai, "/v1/", shape_openai, stream_openai},
};

const Shape& shape_of(Dialect dialect) {
  for (const Shape& shape : shapes)
    if (shape.dialect == dialect) return shape;
  return shapes.front();
}

}  // namespace

std::optional<Dialect> dialect_of_path(std::string_view path) noexcept {
  for (const Shape& shape : shapes)
    if (path.starts_with(shape.prefix) || path == shape.prefix.substr(0, shape.prefix.size() - 1)) return shape.dialect;
  return std::nullopt;
}

ShapedError shape_error(Dialect dialect, const Error& error, const ErrorDetail& detail) { return shape_of(dialect).whole(error, detail); }

std::string shape_stream_error(Dialect dialect, const Error& error, const ErrorDetail& detail) {
  const Shape& shape = shape_of(dialect);
  return shape.in_stream(shape.whole(error, detail).body);
}

}  // namespace flotte::dialect
