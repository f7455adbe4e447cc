// Status and error body to Error.
#include "client/answer_error.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace flotte::client {
namespace {

Code code_of_status(int status) noexcept {
  switch (status) {
    case 400: return Code::invalid_argument;
    case 401: return Code::unauthenticated;
    case 403: return Code::forbidden;
    case 404: return Code::not_found;
    case 405:
    case 501: return Code::unsupported;
    case 408: return Code::deadline;
    case 409: return Code::conflict;
    case 413: return Code::too_large;
    case 422: return Code::unprocessable;
    case 429: return Code::exhausted;
    case 502:
    case 503:
    case 504: return Code::unavailable;
    default: return status >= 500 ? Code::internal : Code::invalid_argument;
  }
}

std::string default_hint(Code code) {
  switch (code) {
    case Code::unauthenticated: return "give a key with --key or FLOTTE_KEY; `flotte key add` makes one";
    case Code::forbidden: return "use a key with the scope that this needs; `flotte key ls` shows them";
    default: return {};
  }
}

}  // namespace

Error parse_answer_error(int status, std::string_view body) {
  Error error(code_of_status(status), {});
  if (auto parsed = json::parse_object(body)) {
    const json::object* inner = json::get_object(*parsed, "error");
    if (inner) {
      error.message = json::string_or(*inner, "message", "");
      error.hint = json::string_or(*inner, "hint", "");
      const std::string word = json::string_or(*inner, "code", "");
      const Code told = parse_code(word);
      if (to_string(told) == word) error.code = told;
    } else {
      error.message = json::string_or(*parsed, "error", "");
    }
  }
  if (error.message.empty()) error.message = fmt::format("the hub answered with status {}", status);
  // The shapes of the dialects have no room for a hint: there the hub puts it in brackets behind the message.
  if (error.hint.empty() && !error.message.ends_with(')')) error.hint = default_hint(error.code);
  return error;
}

bool is_passing(const Error& error) noexcept {
  return error.code == Code::unavailable || error.code == Code::closed || error.code == Code::deadline || error.code == Code::exhausted;
}

}  // namespace flotte::client
