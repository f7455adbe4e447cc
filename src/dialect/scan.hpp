// Strict JSON (RFC 8259) read where it lies: a cursor over the members of an object, and what the gateway must know of a chat request.
// Validates everything it passes, allocates nothing but the model's name. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::dialect {

/// Nesting over it is refused.
inline constexpr int scan_depth_limit = 64;

struct Range {
  std::size_t begin = 0, end = 0;
  bool empty() const noexcept { return begin == end; }
  std::string_view of(std::string_view text) const noexcept { return text.substr(begin, end - begin); }
};

enum class Kind : std::uint8_t { object, array, string, number, boolean, null };

struct Member {
  std::string_view key;  // between its quotes, as written
  bool escaped = false;  // the key holds a backslash: compare `decode_string(key)`
  Kind kind = Kind::null;
  Range value;  // whole: with quotes or braces; offsets into the cursor's text
  bool is(std::string_view name) const noexcept { return !escaped && key == name; }
};

/// Walks an object's members in order: `while (members.next(m)) ...; if (!members.ok()) ...`.
class Members {
 public:
  explicit Members(std::string_view text) : text_(text) {}
  /// False at the end of the text, which may have white space behind the object, or at the first error.
  bool next(Member& member);
  bool ok() const noexcept { return problem_ == nullptr; }
  std::size_t error_offset() const noexcept { return at_; }
  /// invalid_argument: "not valid JSON at byte 17: ...".
  Error error() const;
  /// Where the closing brace is, once `next` has returned false without an error.
  std::size_t close() const noexcept { return close_; }
  /// True where the text does not begin with an object at all.
  bool not_an_object() const noexcept { return not_an_object_; }

 private:
  bool fail_at(std::size_t offset, const char* problem);
  bool skip_key(Member& member);
  std::string_view text_;
  std::size_t at_ = 0, close_ = 0;
  const char* problem_ = nullptr;
  bool open_ = false, ended_ = false, not_an_object_ = false;
};

/// The text of a valid JSON string (without its quotes); a lone surrogate becomes U+FFFD.
std::string decode_string(std::string_view raw);
/// A valid JSON number as a whole number, or nothing where it is none or too large.
std::optional<std::int64_t> whole_number(std::string_view raw) noexcept;

/// One replacement in a body: `text` in the place of `range` (empty: inserted there).
struct Replacement {
  Range range;
  std::string_view text;
};

struct ChatRequest {
  std::string model;  // decoded
  Range model_value;  // with its quotes
  bool stream = false;
  bool stream_said = false;  // the body says it, either way
  /// What makes the provider tell its usage at the end of the stream; nothing where the client has said it itself, or where the members are
  /// written so (twice, or escaped) that two readers could disagree.
  std::optional<Replacement> usage_edit;
};

/// Errors (invalid_argument): not JSON, no object, `model` absent, not a string, twice or escaped.
Result<ChatRequest> scan_chat_request(std::string_view body);
/// Error (invalid_argument): no valid JSON object.
Result<void> scan_object(std::string_view body);

}  // namespace flotte::dialect
