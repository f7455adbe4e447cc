// Members and elements over the scanner's cursor.
#include "dialect/detail/fields.hpp"

#include <charconv>

#include "dialect/detail/scan_text.hpp"

namespace flotte::dialect::detail {

std::optional<double> Value::number() const noexcept {
  if (kind != Kind::number) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return value;
}

bool Fields::next() {
  Member m;
  if (!members_.next(m)) return false;
  kind = m.kind;
  raw = m.value.of(text_);
  if (m.escaped) {
    decoded_ = decode_string(m.key);
    key_ = decoded_;
  } else {
    key_ = m.key;
  }
  return true;
}

Elements::Elements(const Value& array) : text_(array.is_array() ? array.raw : std::string_view("[]")) {}

bool Elements::next() {
  Text t(text_, at_ == 0 ? 1 : at_);
  t.skip_space();
  if (t.at == t.end || *t.at == ']') return false;
  if (*t.at == ',') ++t.at;
  t.skip_space();
  const std::size_t begin = t.offset();
  if (!skip_value(t, kind, 1)) return false;
  at_ = t.offset();
  raw = text_.substr(begin, at_ - begin);
  ++count_;
  return true;
}

Value member(const Value& object, std::string_view name) {
  Value found;
  for (Fields f(object); f.next();)
    if (f.is(name)) found = f;
  return found;
}

std::optional<Value> parse_value(std::string_view text) {
  Text t(text, 0);
  t.skip_space();
  const std::size_t begin = t.offset();
  Value value;
  if (!skip_value(t, value.kind, 0)) return std::nullopt;
  value.raw = text.substr(begin, t.offset() - begin);
  t.skip_space();
  if (t.at != t.end) return std::nullopt;
  return value;
}

}  // namespace flotte::dialect::detail
