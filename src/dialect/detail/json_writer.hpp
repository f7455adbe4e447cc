// Appends JSON to a text, commas included. What was read raw is written raw. Internal to dialect.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flotte::dialect::detail {

/// `w.open('{').key("a").text("b").close('}')`. It looks at the text's last byte to know whether a comma is due, so it may start behind a
/// blank ("data: ").
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& key(std::string_view plain);
  /// A string; escapes what JSON demands.
  JsonWriter& text(std::string_view value);
  /// Valid JSON as it is.
  JsonWriter& raw(std::string_view value);
  JsonWriter& whole(std::int64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  /// "key":"value"
  JsonWriter& pair(std::string_view name, std::string_view value) { return key(name).text(value); }

 private:
  void comma();
  std::string& out_;
};

}  // namespace flotte::dialect::detail
