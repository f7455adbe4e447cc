// One failure in the words of the dialect whose path was asked: status and body. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::dialect {

/// A family of clients. Each has a row in the table of error_shape.cpp and paths of its own. OpenAI's responses differ from its chat in
/// how a stream says that it failed.
enum class Dialect { openai, responses, anthropic };

/// The dialect that a path belongs to, known or unknown path; nothing for paths that are not a dialect's.
std::optional<Dialect> dialect_of_path(std::string_view path) noexcept;

/// What a code alone does not say. Empty or 0: chosen by the error's code.
struct ErrorDetail {
  int status = 0;
  std::string_view code;   // "model_not_found"
  std::string_view param;  // the field of the request that is wrong: "model"
  std::string_view request_id;
};

struct ShapedError {
  int status = 500;
  std::string body;  // JSON on one line
};

/// Status and body for a client of that dialect. The hint follows the message in the text.
ShapedError shape_error(Dialect dialect, const Error& error, const ErrorDetail& detail = {});

/// The same inside a stream whose head (200) has already gone out: bytes to send, with their blank line.
std::string shape_stream_error(Dialect dialect, const Error& error, const ErrorDetail& detail = {});

}  // namespace flotte::dialect
