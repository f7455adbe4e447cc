// Words of the error codes.
#include "base/error.hpp"

#include <array>
#include <system_error>
#include <utility>

namespace flotte {
namespace {
constexpr std::array<std::pair<Code, std::string_view>, 16> words{{
    {Code::invalid_argument, "invalid_argument"},
    {Code::unauthenticated, "unauthenticated"},
    {Code::forbidden, "forbidden"},
    {Code::not_found, "not_found"},
    {Code::conflict, "conflict"},
    {Code::too_large, "too_large"},
    {Code::unprocessable, "unprocessable"},
    {Code::exhausted, "exhausted"},
    {Code::unavailable, "unavailable"},
    {Code::deadline, "deadline"},
    {Code::cancelled, "cancelled"},
    {Code::closed, "closed"},
    {Code::io, "io"},
    {Code::corrupt, "corrupt"},
    {Code::unsupported, "unsupported"},
    {Code::internal, "internal"},
}};
}  // namespace

std::string_view to_string(Code code) noexcept {
  for (const auto& [c, w] : words)
    if (c == code) return w;
  return "internal";
}

Code parse_code(std::string_view word) noexcept {
  for (const auto& [c, w] : words)
    if (w == word) return c;
  return Code::internal;
}

Error Error::within(std::string_view context) const {
  Error e = *this;
  e.message = std::string(context) + ": " + message;
  return e;
}

std::string Error::text() const { return hint.empty() ? message : message + " (" + hint + ")"; }

Failure fail_errno(std::string_view context, int number) {
  return fail(Code::io, std::string(context) + ": " + std::generic_category().message(number));
}

}  // namespace flotte
