// UTF-8 as documents and children's output need it. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flotte::work {

/// The character at `at` and its length in bytes; nothing where the bytes there are not UTF-8 (overlong forms and surrogates are not).
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};
std::optional<CodePoint> decode_utf8(std::string_view text, std::size_t at);

/// Where the first byte is that is not UTF-8, or nothing.
std::optional<std::size_t> find_bad_utf8(std::string_view text);

/// The longest end of `text` with at most `bytes` bytes that begins with a whole character.
std::string_view utf8_tail(std::string_view text, std::size_t bytes);

/// Bytes of a child's output in any pieces to valid UTF-8: wrong bytes become U+FFFD, an unfinished character waits for the next piece.
class Utf8Mender {
 public:
  std::string feed(std::string_view bytes);
  /// What waits, at the end.
  std::string finish();
  /// How many bytes wait.
  std::size_t held() const noexcept { return held_.size(); }

 private:
  std::string held_;
};

}  // namespace flotte::work
