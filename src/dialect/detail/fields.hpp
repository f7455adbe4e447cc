// Objects and arrays of a request or an answer, member by member, over the scanner's cursor. Internal to dialect.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dialect/scan.hpp"

namespace flotte::dialect::detail {

/// One JSON value where it lies. The text is valid.
struct Value {
  Kind kind = Kind::null;
  std::string_view raw;

  bool is_string() const noexcept { return kind == Kind::string; }
  bool is_object() const noexcept { return kind == Kind::object; }
  bool is_array() const noexcept { return kind == Kind::array; }
  bool is_null() const noexcept { return kind == Kind::null; }
  bool is_true() const noexcept { return kind == Kind::boolean && raw.front() == 't'; }
  /// The decoded text of a string; empty for anything else.
  std::string text() const { return is_string() ? decode_string(raw.substr(1, raw.size() - 2)) : std::string(); }
  std::optional<std::int64_t> whole() const noexcept { return kind == Kind::number ? whole_number(raw) : std::nullopt; }
  std::optional<double> number() const noexcept;
  bool empty_array() const noexcept { return is_array() && raw.find_first_not_of(" \t\r\n", 1) == raw.size() - 1; }
};

/// `for (Fields f(object); f.next();) if (f.is("role")) ...`; anything but an object has no members.
class Fields : public Value {
 public:
  explicit Fields(std::string_view object) : text_(object), members_(object) {}
  explicit Fields(const Value& value) : Fields(value.is_object() ? value.raw : std::string_view("{}")) {}
  bool next();
  bool is(std::string_view name) const noexcept { return key_ == name; }
  std::string_view key() const noexcept { return key_; }
  bool ok() const noexcept { return members_.ok(); }
  Error error() const { return members_.error(); }

 private:
  std::string_view text_, key_;
  std::string decoded_;
  Members members_;
};

/// The elements of a valid array; anything else has none.
class Elements : public Value {
 public:
  explicit Elements(const Value& array);
  bool next();
  std::size_t index() const noexcept { return count_ - 1; }

 private:
  std::string_view text_;
  std::size_t at_ = 0, count_ = 0;
};

/// The member of that name, or null.
Value member(const Value& object, std::string_view name);
/// The value where the text is one whole valid JSON value.
std::optional<Value> parse_value(std::string_view text);

}  // namespace flotte::dialect::detail
