// Exit statuses and error lines.
#include "cli/failure.hpp"

#include <unistd.h>

#include "base/json.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/text_width.hpp"
#include "cli/spelling.hpp"

namespace flotte::cli {

int exit_status(const Error& error, Hub hub) noexcept {
  switch (error.code) {
    case Code::unauthenticated:
    case Code::forbidden: return status::not_allowed;
    case Code::cancelled: return status::interrupted;
    case Code::unavailable:
    case Code::closed:
    case Code::deadline: return hub == Hub::silent ? status::no_hub : status::failed;
    default: return status::failed;
  }
}

std::string format_failure(const Error& error, Output output) {
  if (output == Output::text) return "flotte: " + make_line(in_words_of_commands(error.text())) + "\n";
  json::object inner;
  inner["code"] = to_string(error.code);
  inner["message"] = error.message;
  inner["hint"] = error.hint.empty() ? json::value(nullptr) : json::value(error.hint);
  json::object outer;
  outer["error"] = std::move(inner);
  return json::dump(outer) + "\n";
}

void report(const Error& error, Output output) { write_all(STDERR_FILENO, format_failure(error, output)); }

}  // namespace flotte::cli
