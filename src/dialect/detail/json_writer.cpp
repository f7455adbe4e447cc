// JSON, appended.
#include "dialect/detail/json_writer.hpp"

#include <fmt/format.h>

namespace flotte::dialect::detail {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
  }
  out.append(text.substr(plain));
}

}  // namespace

void JsonWriter::comma() {
  if (!out_.empty() && std::string_view("{[: \n").find(out_.back()) == std::string_view::npos) out_ += ',';
}
JsonWriter& JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  return *this;
}
JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view plain) {
  comma();
  out_.append("\"").append(plain).append("\":");
  return *this;
}
JsonWriter& JsonWriter::text(std::string_view value) {
  comma();
  out_ += '"';
  append_escaped(out_, value);
  out_ += '"';
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view value) {
  comma();
  out_.append(value);
  return *this;
}
JsonWriter& JsonWriter::whole(std::int64_t value) { return raw(fmt::format("{}", value)); }
JsonWriter& JsonWriter::number(double value) { return raw(fmt::format("{}", value)); }

}  // namespace flotte::dialect::detail
