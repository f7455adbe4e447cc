// The input of a tool of free text while it comes within JSON: {"input":"..."}. Internal to dialect.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flotte::dialect::responses {

class FreeText {
 public:
  /// The text that has become readable with this piece of the arguments. Empty for all that does not begin with the member `input`.
  std::string feed(std::string_view piece);
  /// The member has begun: what `feed` gives is the input.
  bool begun() const noexcept { return state_ == State::text || state_ == State::ended; }

 private:
  enum class State : std::uint8_t { before, text, ended, other };
  void read_beginning();
  std::string raw_;  // not yet understood, or the beginning of an escape
  State state_ = State::before;
};

}  // namespace flotte::dialect::responses
