// Failures: few codes, chosen by what the caller should do next. One table at each edge maps them to HTTP or exit codes.
#pragma once
#include <expected>
#include <string>
#include <string_view>

namespace flotte {

enum class Code {
  invalid_argument,  // the request is wrong; repeating it changes nothing
  unauthenticated,   // no or an unknown key
  forbidden,         // a known caller that may not do this
  not_found,
  conflict,       // the state changed, or an id is taken; read again
  too_large,      // over a documented limit
  unprocessable,  // well-formed, but contradicts what is recorded
  exhausted,      // a rate, a quota, a budget; later it may work
  unavailable,    // nobody there now; try again
  deadline,       // took too long
  cancelled,      // somebody asked for it to stop
  closed,         // the peer ended the conversation
  io,             // the machine said no: disk, socket, process
  corrupt,        // bytes that cannot be what they claim to be
  unsupported,    // a thing this version does not do
  internal,       // a belief of ours was false, contained
};

/// The code's word in JSON and logs, for example "not_found".
std::string_view to_string(Code code) noexcept;
/// The opposite; `internal` for a word that is none of ours.
Code parse_code(std::string_view word) noexcept;

/// What went wrong, in one sentence for a person, and what to do about it (may be empty).
struct Error {
  Code code = Code::internal;
  std::string message;
  std::string hint;

  Error() = default;
  Error(Code c, std::string m, std::string h = {}) : code(c), message(std::move(m)), hint(std::move(h)) {}
  /// The same error with "context: " before its message.
  [[nodiscard]] Error within(std::string_view context) const;
  /// "message (hint)".
  [[nodiscard]] std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;
using Failure = std::unexpected<Error>;

/// `return fail(Code::not_found, "no task t7");`
[[nodiscard]] inline Failure fail(Code code, std::string message, std::string hint = {}) {
  return Failure(Error(code, std::move(message), std::move(hint)));
}
/// The error of `result` passed on: `if (!r) return pass(r);`
template <class T>
[[nodiscard]] Failure pass(Result<T>& result) {
  return Failure(std::move(result.error()));
}
template <class T>
[[nodiscard]] Failure pass(Result<T>&& result) {
  return Failure(std::move(result.error()));
}
/// The same, with context added on the way up.
template <class T>
[[nodiscard]] Failure pass(const Result<T>& result, std::string_view context) {
  return Failure(result.error().within(context));
}

/// errno as an `io` failure: "context: No such file or directory".
[[nodiscard]] Failure fail_errno(std::string_view context, int number);

}  // namespace flotte
