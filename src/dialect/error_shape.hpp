// One failure in the words of the dialect whose path was asked: status and body. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "dialect/format.hpp"

namespace flotte::dialect {

/// Whose clients ask there, known or unknown path; nothing for paths that are no dialect's.
std::optional<Format> format_of_path(std::string_view path) noexcept;

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

/// Status and body for a client of that format. The hint follows the message in the text.
ShapedError shape_error(Format format, const Error& error, const ErrorDetail& detail = {});

/// The same inside a stream whose head (200) has already gone out: bytes to send, with their blank line.
std::string shape_stream_error(Format format, const Error& error, const ErrorDetail& detail = {});

}  // namespace flotte::dialect
